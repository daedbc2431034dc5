from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset, parse_datetime, read, to_json

T = TypeVar("T", bound="Tag")


@_attrs_define
class Tag:
    """A label on memories.

    Attributes:
        id (UUID): The tag's id.
        name (str): The tag's name, unique for its owner.
        color (None | str): A colour, as a hexadecimal code such as #3b82f6.
        description (None | str): What the tag stands for.
        memory_count (int): How many memories carry it.
        created_at (datetime.datetime): When it was created.
        updated_at (datetime.datetime): When it was last changed.
    """

    id: UUID
    name: str
    color: None | str
    description: None | str
    memory_count: int
    created_at: datetime.datetime
    updated_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON has it, without the fields that are UNSET."""
        fields: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "color": self.color,
            "description": self.description,
            "memory_count": self.memory_count,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            **self.additional_properties,
        }
        return {
            key: to_json(value) for key, value in fields.items() if not isinstance(value, Unset)
        }

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the model from JSON: a missing field is UNSET, a value of another type stays as it is."""

        d = dict(src_dict)

        def _read_id(data: Any) -> UUID:
            id = UUID(data)

            return id

        id = read(_read_id, d.pop("id", UNSET))
        name = d.pop("name", UNSET)

        def _read_color(data: Any) -> None | str:
            def _parse_color(data: object) -> None | str:
                if data is None:
                    return data
                return cast("None | str", data)

            color = _parse_color(data)

            return color

        color = read(_read_color, d.pop("color", UNSET))

        def _read_description(data: Any) -> None | str:
            def _parse_description(data: object) -> None | str:
                if data is None:
                    return data
                return cast("None | str", data)

            description = _parse_description(data)

            return description

        description = read(_read_description, d.pop("description", UNSET))
        memory_count = d.pop("memory_count", UNSET)

        def _read_created_at(data: Any) -> datetime.datetime:
            created_at = parse_datetime(data)

            return created_at

        created_at = read(_read_created_at, d.pop("created_at", UNSET))

        def _read_updated_at(data: Any) -> datetime.datetime:
            updated_at = parse_datetime(data)

            return updated_at

        updated_at = read(_read_updated_at, d.pop("updated_at", UNSET))
        model = cls(
            id=id,
            name=name,
            color=color,
            description=description,
            memory_count=memory_count,
            created_at=created_at,
            updated_at=updated_at,
        )
        model.additional_properties = d
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
