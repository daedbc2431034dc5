from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.content_type import ContentType, check_content_type
from ..models.memory_nature import MemoryNature, check_memory_nature
from ..models.tier import Tier, check_tier
from ..types import UNSET, Unset, parse_datetime, read, to_json

if TYPE_CHECKING:
    from ..models.metadata_filter import MetadataFilter

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
        content_type (ContentType | Unset): The kind of text.
        created_after (datetime.datetime | Unset): Only memories that were created at this time or
            later.
        created_before (datetime.datetime | Unset): Only memories that were created before this
            time.
        external_id (str | Unset): Only memories with this external id. The local Memory OS
            accepts at most 4096 characters.
        metadata (MetadataFilter | Unset): Conditions on the metadata, of which all must be met.
            Each key of this object must be in the metadata at the top level, with an equal JSON
            value. `{}` has no conditions.
        highlights (bool | Unset): Whether each result contains the passages that match the query.
        explain (bool | Unset): Whether each result contains an explanation of its score. Such a
            search counts no accesses.
    """

    query: str | Unset = UNSET
    embedding: list[float] | Unset = UNSET
    threshold: float | Unset = 0.7
    limit: int | Unset = 20
    tier: Tier | Unset = UNSET
    memory_nature: MemoryNature | Unset = UNSET
    tags: list[str] | Unset = UNSET
    entities: list[str] | Unset = UNSET
    content_type: ContentType | Unset = UNSET
    created_after: datetime.datetime | Unset = UNSET
    created_before: datetime.datetime | Unset = UNSET
    external_id: str | Unset = UNSET
    metadata: MetadataFilter | Unset = UNSET
    highlights: bool | Unset = UNSET
    explain: bool | Unset = UNSET

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
            "content_type": self.content_type,
            "created_after": to_json(self.created_after),
            "created_before": to_json(self.created_before),
            "external_id": self.external_id,
            "metadata": to_json(self.metadata),
            "highlights": self.highlights,
            "explain": self.explain,
        }
        return {key: value for key, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the model from JSON: a missing field is UNSET, a value of another type stays as it is."""
        from ..models.metadata_filter import MetadataFilter

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

        def _read_content_type(_value: Any) -> ContentType | Unset:
            _content_type = _value
            content_type: ContentType | Unset
            if isinstance(_content_type, Unset):
                content_type = UNSET
            else:
                content_type = check_content_type(_content_type)

            return content_type

        content_type = read(_read_content_type, _source.pop("content_type", UNSET))

        def _read_created_after(_value: Any) -> datetime.datetime | Unset:
            _created_after = _value
            created_after: datetime.datetime | Unset
            if isinstance(_created_after, Unset):
                created_after = UNSET
            else:
                created_after = parse_datetime(_created_after)

            return created_after

        created_after = read(_read_created_after, _source.pop("created_after", UNSET))

        def _read_created_before(_value: Any) -> datetime.datetime | Unset:
            _created_before = _value
            created_before: datetime.datetime | Unset
            if isinstance(_created_before, Unset):
                created_before = UNSET
            else:
                created_before = parse_datetime(_created_before)

            return created_before

        created_before = read(_read_created_before, _source.pop("created_before", UNSET))
        external_id = _source.pop("external_id", UNSET)

        def _read_metadata(_value: Any) -> MetadataFilter | Unset:
            _metadata = _value
            metadata: MetadataFilter | Unset
            if isinstance(_metadata, Unset):
                metadata = UNSET
            else:
                metadata = MetadataFilter.from_dict(_metadata)

            return metadata

        metadata = read(_read_metadata, _source.pop("metadata", UNSET))
        highlights = _source.pop("highlights", UNSET)
        explain = _source.pop("explain", UNSET)
        return cls(
            query=query,
            embedding=embedding,
            threshold=threshold,
            limit=limit,
            tier=tier,
            memory_nature=memory_nature,
            tags=tags,
            entities=entities,
            content_type=content_type,
            created_after=created_after,
            created_before=created_before,
            external_id=external_id,
            metadata=metadata,
            highlights=highlights,
            explain=explain,
        )
