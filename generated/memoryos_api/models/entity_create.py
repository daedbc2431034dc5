from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.entity_type import EntityType, check_entity_type
from ..types import UNSET, Unset, read, to_json

if TYPE_CHECKING:
    from ..models.metadata import Metadata

T = TypeVar("T", bound="EntityCreate")


@_attrs_define
class EntityCreate:
    """An entity to create.

    Attributes:
        name (str): The entity's name. The local Memory OS accepts at most 4096 characters.
        type_ (EntityType): The type of an entity.
        aliases (list[str] | Unset): Other names of the entity. The local Memory OS accepts at
            most 256 items, each of at most 4096 characters.
        metadata (Metadata | Unset): Any JSON object. Searches filter by two of its keys, `tags`
            and `entities`; the service stores all other keys unchanged. The local Memory OS accepts
            at most 65536 bytes, measured as compact JSON in UTF-8.
    """

    name: str
    type_: EntityType
    aliases: list[str] | Unset = UNSET
    metadata: Metadata | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON has it, without the fields that are UNSET."""
        fields: dict[str, Any] = {
            "name": self.name,
            "type": self.type_,
            "aliases": self.aliases,
            "metadata": to_json(self.metadata),
        }
        return {key: value for key, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the model from JSON: a missing field is UNSET, a value of another type stays as it is."""
        from ..models.metadata import Metadata

        _source = dict(src_dict)
        name = _source.pop("name", UNSET)

        def _read_type_(_value: Any) -> EntityType:
            type_ = check_entity_type(_value)

            return type_

        type_ = read(_read_type_, _source.pop("type", UNSET))

        def _read_aliases(_value: Any) -> list[str] | Unset:
            aliases = cast("list[str]", _value)

            return aliases

        aliases = read(_read_aliases, _source.pop("aliases", UNSET))

        def _read_metadata(_value: Any) -> Metadata | Unset:
            _metadata = _value
            metadata: Metadata | Unset
            if isinstance(_metadata, Unset):
                metadata = UNSET
            else:
                metadata = Metadata.from_dict(_metadata)

            return metadata

        metadata = read(_read_metadata, _source.pop("metadata", UNSET))
        return cls(
            name=name,
            type_=type_,
            aliases=aliases,
            metadata=metadata,
        )
