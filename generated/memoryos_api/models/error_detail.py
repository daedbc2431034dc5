from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset, read, to_json

if TYPE_CHECKING:
    from ..models.error_detail_details import ErrorDetailDetails

T = TypeVar("T", bound="ErrorDetail")


@_attrs_define
class ErrorDetail:
    """What went wrong.

    Attributes:
        code (str): A name for programs.
        message (str): A sentence for people.
        details (ErrorDetailDetails | Unset): More about it, such as the field that was refused.
    """

    code: str
    message: str
    details: ErrorDetailDetails | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON has it, without the fields that are UNSET."""
        fields: dict[str, Any] = {
            "code": self.code,
            "message": self.message,
            "details": to_json(self.details),
            **to_json(self.additional_properties),
        }
        return {key: value for key, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the model from JSON: a missing field is UNSET, a value of another type stays as it is."""
        from ..models.error_detail_details import ErrorDetailDetails

        _source = dict(src_dict)
        code = _source.pop("code", UNSET)
        message = _source.pop("message", UNSET)

        def _read_details(_value: Any) -> ErrorDetailDetails | Unset:
            _details = _value
            details: ErrorDetailDetails | Unset
            if isinstance(_details, Unset):
                details = UNSET
            else:
                details = ErrorDetailDetails.from_dict(_details)

            return details

        details = read(_read_details, _source.pop("details", UNSET))
        model = cls(
            code=code,
            message=message,
            details=details,
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
