from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.memory_nature import MemoryNature, check_memory_nature
from ..models.tier import Tier, check_tier
from ..types import UNSET, Unset, read

T = TypeVar("T", bound="SearchRequest")


@_attrs_define
class SearchRequest:
    """The query and the filters of a search. A `query`, an `embedding` or both are needed.

    Attributes:
        query (str | Unset): The query, in natural language. The local Memory OS accepts at most
            32768 characters.
        embedding (list[float] | Unset): The query as a vector from the embedding model that the
            service uses.
        threshold (float | Unset): The minimum similarity of a result, from 0 to 1. Default: 0.7.
        limit (int | Unset): The maximum number of results, from 1 to 100. Default: 20.
        tier (Tier | Unset): How long a memory is kept. `short` memories expire 24 hours after
            creation and lose about 10 % of their relevance per hour. `medium` memories fade over
            days. `long` memories don't expire and fade over months.
        memory_nature (MemoryNature | Unset): `semantic` for facts, concepts and preferences;
            `episodic` for events and interactions that happened at a certain time.
        tags (list[str] | Unset): Tag names. Only memories with all of these tags are returned.
            The local Memory OS accepts at most 256 items, each of at most 4096 characters.
        entities (list[str] | Unset): Entity ids. Only memories that mention all of these entities
            are returned. The local Memory OS accepts at most 256 items, each of at most 4096
            characters.
    """

    query: str | Unset = UNSET
    embedding: list[float] | Unset = UNSET
    threshold: float | Unset = 0.7
    limit: int | Unset = 20
    tier: Tier | Unset = UNSET
    memory_nature: MemoryNature | Unset = UNSET
    tags: list[str] | Unset = UNSET
    entities: list[str] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON has it, without the fields that are UNSET."""
        fields: dict[str, Any] = {
            "query": self.query,
            "embedding": self.embedding,
            "threshold": self.threshold,
            "limit": self.limit,
            "tier": self.tier,
            "memory_nature": self.memory_nature,
            "tags": self.tags,
            "entities": self.entities,
        }
        return {key: value for key, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the model from JSON: a missing field is UNSET, a value of another type stays as it is."""

        _source = dict(src_dict)
        query = _source.pop("query", UNSET)

        def _read_embedding(_value: Any) -> list[float] | Unset:
            embedding = cast("list[float]", _value)

            return embedding

        embedding = read(_read_embedding, _source.pop("embedding", UNSET))
        threshold = _source.pop("threshold", UNSET)
        limit = _source.pop("limit", UNSET)

        def _read_tier(_value: Any) -> Tier | Unset:
            _tier = _value
            tier: Tier | Unset
            if isinstance(_tier, Unset):
                tier = UNSET
            else:
                tier = check_tier(_tier)

            return tier

        tier = read(_read_tier, _source.pop("tier", UNSET))

        def _read_memory_nature(_value: Any) -> MemoryNature | Unset:
            _memory_nature = _value
            memory_nature: MemoryNature | Unset
            if isinstance(_memory_nature, Unset):
                memory_nature = UNSET
            else:
                memory_nature = check_memory_nature(_memory_nature)

            return memory_nature

        memory_nature = read(_read_memory_nature, _source.pop("memory_nature", UNSET))

        def _read_tags(_value: Any) -> list[str] | Unset:
            tags = cast("list[str]", _value)

            return tags

        tags = read(_read_tags, _source.pop("tags", UNSET))

        def _read_entities(_value: Any) -> list[str] | Unset:
            entities = cast("list[str]", _value)

            return entities

        entities = read(_read_entities, _source.pop("entities", UNSET))
        return cls(
            query=query,
            embedding=embedding,
            threshold=threshold,
            limit=limit,
            tier=tier,
            memory_nature=memory_nature,
            tags=tags,
            entities=entities,
        )
