from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset, read, to_json

if TYPE_CHECKING:
    from ..models.error_details import ErrorDetails

T = TypeVar("T", bound="ErrorDetail")


@_attrs_define
class ErrorDetail:
    """An error.

    Attributes:
        code (str): The error code, for programs. The list is open: clients must accept codes that
            this document doesn't list. Each error response lists its documented codes as examples.
        message (str): The error message, for people. Its wording may change.
        details (ErrorDetails | Unset): More information about an error, in a form for programs.
            Services may send other keys.
    """

    code: str
    message: str
    details: ErrorDetails | Unset = UNSET
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
        from ..models.error_details import ErrorDetails

        _source = dict(src_dict)
        code = _source.pop("code", UNSET)
        message = _source.pop("message", UNSET)

        def _read_details(_value: Any) -> ErrorDetails | Unset:
            _details = _value
            details: ErrorDetails | Unset
            if isinstance(_details, Unset):
                details = UNSET
            else:
                details = ErrorDetails.from_dict(_details)

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
