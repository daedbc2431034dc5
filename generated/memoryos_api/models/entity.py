from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.entity_type import EntityType, check_entity_type
from ..types import UNSET, Unset, parse_datetime, read, to_json

if TYPE_CHECKING:
    from ..models.metadata import Metadata

T = TypeVar("T", bound="Entity")


@_attrs_define
class Entity:
    """Somebody or something that memories speak of.

    Attributes:
        id (UUID): The entity's id.
        name (str): Its name.
        type_ (EntityType): What an entity is.
        aliases (list[str]): Its other names.
        metadata (Metadata): Any JSON object. `tags`, a list of tag names, and `entities`, a list
            of entity ids, are what a search filters by.
        created_at (datetime.datetime): When it was created.
    """

    id: UUID
    name: str
    type_: EntityType
    aliases: list[str]
    metadata: Metadata
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON has it, without the fields that are UNSET."""
        fields: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "type": self.type_,
            "aliases": self.aliases,
            "metadata": self.metadata,
            "created_at": self.created_at,
            **self.additional_properties,
        }
        return {
            key: to_json(value) for key, value in fields.items() if not isinstance(value, Unset)
        }

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the model from JSON: a missing field is UNSET, a value of another type stays as it is."""
        from ..models.metadata import Metadata

        d = dict(src_dict)

        def _read_id(data: Any) -> UUID:
            id = UUID(data)

            return id

        id = read(_read_id, d.pop("id", UNSET))
        name = d.pop("name", UNSET)

        def _read_type_(data: Any) -> EntityType:
            type_ = check_entity_type(data)

            return type_

        type_ = read(_read_type_, d.pop("type", UNSET))

        def _read_aliases(data: Any) -> list[str]:
            aliases = cast("list[str]", data)

            return aliases

        aliases = read(_read_aliases, d.pop("aliases", UNSET))

        def _read_metadata(data: Any) -> Metadata:
            metadata = Metadata.from_dict(data)

            return metadata

        metadata = read(_read_metadata, d.pop("metadata", UNSET))

        def _read_created_at(data: Any) -> datetime.datetime:
            created_at = parse_datetime(data)

            return created_at

        created_at = read(_read_created_at, d.pop("created_at", UNSET))
        model = cls(
            id=id,
            name=name,
            type_=type_,
            aliases=aliases,
            metadata=metadata,
            created_at=created_at,
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
