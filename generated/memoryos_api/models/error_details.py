from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset, read, to_json

if TYPE_CHECKING:
    from ..models.field_error import FieldError

T = TypeVar("T", bound="ErrorDetails")


@_attrs_define
class ErrorDetails:
    """More information about an error, in a form for programs. Services may send other keys.

    Attributes:
        errors (list[FieldError] | Unset): The invalid parts of the request. Only with the code
            `VALIDATION_ERROR`.
    """

    errors: list[FieldError] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON has it, without the fields that are UNSET."""
        fields: dict[str, Any] = {
            "errors": to_json(self.errors),
            **to_json(self.additional_properties),
        }
        return {key: value for key, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the model from JSON: a missing field is UNSET, a value of another type stays as it is."""
        from ..models.field_error import FieldError

        _source = dict(src_dict)

        def _read_errors(_value: Any) -> list[FieldError] | Unset:
            _errors = _value
            errors: list[FieldError] | Unset = UNSET
            if _errors is not UNSET:
                errors = []
                for errors_item_data in _errors:
                    errors_item = FieldError.from_dict(errors_item_data)

                    errors.append(errors_item)

            return errors

        errors = read(_read_errors, _source.pop("errors", UNSET))
        model = cls(
            errors=errors,
        )
        model.additional_properties = _source
        return model

    @property
    def additional_keys(self) -> list[str]:
        """The keys that the contract does not name."""
        return list(self.additional_properties)

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
