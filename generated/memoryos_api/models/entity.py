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
    """A person, place, thing or organization that memories mention.

    Attributes:
        id (UUID): The entity's id.
        name (str): The entity's name.
        type_ (EntityType): The type of an entity.
        aliases (list[str]): Other names of the entity.
        metadata (Metadata): Any JSON object. Searches filter by two of its keys, `tags` and
            `entities`; the service stores all other keys unchanged. The local Memory OS accepts at
            most 65536 bytes, measured as compact JSON in UTF-8.
        created_at (datetime.datetime): The time of creation.
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
            "id": to_json(self.id),
            "name": self.name,
            "type": self.type_,
            "aliases": self.aliases,
            "metadata": to_json(self.metadata),
            "created_at": to_json(self.created_at),
            **to_json(self.additional_properties),
        }
        return {key: value for key, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the model from JSON: a missing field is UNSET, a value of another type stays as it is."""
        from ..models.metadata import Metadata

        _source = dict(src_dict)

        def _read_id(_value: Any) -> UUID:
            id = UUID(_value)

            return id

        id = read(_read_id, _source.pop("id", UNSET))
        name = _source.pop("name", UNSET)

        def _read_type_(_value: Any) -> EntityType:
            type_ = check_entity_type(_value)

            return type_

        type_ = read(_read_type_, _source.pop("type", UNSET))

        def _read_aliases(_value: Any) -> list[str]:
            aliases = cast("list[str]", _value)

            return aliases

        aliases = read(_read_aliases, _source.pop("aliases", UNSET))

        def _read_metadata(_value: Any) -> Metadata:
            metadata = Metadata.from_dict(_value)

            return metadata

        metadata = read(_read_metadata, _source.pop("metadata", UNSET))

        def _read_created_at(_value: Any) -> datetime.datetime:
            created_at = parse_datetime(_value)

            return created_at

        created_at = read(_read_created_at, _source.pop("created_at", UNSET))
        model = cls(
            id=id,
            name=name,
            type_=type_,
            aliases=aliases,
            metadata=metadata,
            created_at=created_at,
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
