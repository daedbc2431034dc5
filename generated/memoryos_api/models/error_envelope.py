from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset, read, to_json

if TYPE_CHECKING:
    from ..models.error_detail import ErrorDetail
    from ..models.meta import Meta

T = TypeVar("T", bound="ErrorEnvelope")


@_attrs_define
class ErrorEnvelope:
    """An error in its envelope. Every response that is not a success has this body.

    Attributes:
        error (ErrorDetail): An error.
        meta (Meta): Information about the response.
    """

    error: ErrorDetail
    meta: Meta
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON has it, without the fields that are UNSET."""
        fields: dict[str, Any] = {
            "error": to_json(self.error),
            "meta": to_json(self.meta),
            **to_json(self.additional_properties),
        }
        return {key: value for key, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the model from JSON: a missing field is UNSET, a value of another type stays as it is."""
        from ..models.error_detail import ErrorDetail
        from ..models.meta import Meta

        _source = dict(src_dict)

        def _read_error(_value: Any) -> ErrorDetail:
            error = ErrorDetail.from_dict(_value)

            return error

        error = read(_read_error, _source.pop("error", UNSET))

        def _read_meta(_value: Any) -> Meta:
            meta = Meta.from_dict(_value)

            return meta

        meta = read(_read_meta, _source.pop("meta", UNSET))
        model = cls(
            error=error,
            meta=meta,
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
