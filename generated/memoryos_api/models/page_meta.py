from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset, to_json

T = TypeVar("T", bound="PageMeta")


@_attrs_define
class PageMeta:
    """The position of a page in its list.

    Attributes:
        total (int): The number of items on all pages together.
        limit (int): The limit that was applied.
        offset (int): The offset that was applied.
        has_more (bool): Whether there are more items after this page.
        request_id (str): The request's id; quote it when you report a problem.
    """

    total: int
    limit: int
    offset: int
    has_more: bool
    request_id: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON has it, without the fields that are UNSET."""
        fields: dict[str, Any] = {
            "total": self.total,
            "limit": self.limit,
            "offset": self.offset,
            "has_more": self.has_more,
            "request_id": self.request_id,
            **to_json(self.additional_properties),
        }
        return {key: value for key, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the model from JSON: a missing field is UNSET, a value of another type stays as it is."""

        _source = dict(src_dict)
        total = _source.pop("total", UNSET)
        limit = _source.pop("limit", UNSET)
        offset = _source.pop("offset", UNSET)
        has_more = _source.pop("has_more", UNSET)
        request_id = _source.pop("request_id", UNSET)
        model = cls(
            total=total,
            limit=limit,
            offset=offset,
            has_more=has_more,
            request_id=request_id,
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
