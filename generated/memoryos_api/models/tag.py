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
    """A tag on memories.

    Attributes:
        id (UUID): The tag's id.
        name (str): The tag's name, unique per user.
        color (None | str): The tag's color as a hexadecimal code; null if there is none.
        description (None | str): The meaning of the tag; null if there is none.
        memory_count (int): The number of memories with this tag.
        created_at (datetime.datetime): The time of creation.
        updated_at (datetime.datetime): The time of the last change.
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
            "id": to_json(self.id),
            "name": self.name,
            "color": to_json(self.color),
            "description": to_json(self.description),
            "memory_count": self.memory_count,
            "created_at": to_json(self.created_at),
            "updated_at": to_json(self.updated_at),
            **to_json(self.additional_properties),
        }
        return {key: value for key, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the model from JSON: a missing field is UNSET, a value of another type stays as it is."""

        _source = dict(src_dict)

        def _read_id(_value: Any) -> UUID:
            id = UUID(_value)

            return id

        id = read(_read_id, _source.pop("id", UNSET))
        name = _source.pop("name", UNSET)

        def _read_color(_value: Any) -> None | str:
            def _parse_color(data: object) -> None | str:
                if data is None:
                    return data
                return cast("None | str", data)

            color = _parse_color(_value)

            return color

        color = read(_read_color, _source.pop("color", UNSET))

        def _read_description(_value: Any) -> None | str:
            def _parse_description(data: object) -> None | str:
                if data is None:
                    return data
                return cast("None | str", data)

            description = _parse_description(_value)

            return description

        description = read(_read_description, _source.pop("description", UNSET))
        memory_count = _source.pop("memory_count", UNSET)

        def _read_created_at(_value: Any) -> datetime.datetime:
            created_at = parse_datetime(_value)

            return created_at

        created_at = read(_read_created_at, _source.pop("created_at", UNSET))

        def _read_updated_at(_value: Any) -> datetime.datetime:
            updated_at = parse_datetime(_value)

            return updated_at

        updated_at = read(_read_updated_at, _source.pop("updated_at", UNSET))
        model = cls(
            id=id,
            name=name,
            color=color,
            description=description,
            memory_count=memory_count,
            created_at=created_at,
            updated_at=updated_at,
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
