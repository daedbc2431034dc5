from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.content_type import ContentType, check_content_type
from ..models.memory_nature import MemoryNature, check_memory_nature
from ..models.tier import Tier, check_tier
from ..types import UNSET, Unset, parse_datetime, read, to_json

if TYPE_CHECKING:
    from ..models.metadata import Metadata
    from ..models.score_explanation import ScoreExplanation

T = TypeVar("T", bound="SearchResult")


@_attrs_define
class SearchResult:
    """A memory that a search found.

    Attributes:
        id (UUID): The memory's id.
        content (str): The text of the memory.
        content_type (ContentType): The kind of text.
        tier (Tier): How long a memory is kept. `short` memories expire 24 hours after creation
            and lose about 10 % of their relevance per hour. `medium` memories fade over days. `long`
            memories don't expire and fade over months.
        memory_nature (MemoryNature | None):
        relevance_score (float): The memory's current relevance, from 0 to 1.
        similarity (float): The similarity to the query, from 0 to 1. The threshold applies to
            this value.
        combined_score (float): The score that results are sorted by: similarity, relevance and
            importance combined.
        metadata (Metadata): Any JSON object. Searches filter by two of its keys, `tags` and
            `entities`; the service stores all other keys unchanged. The local Memory OS accepts at
            most 65536 bytes, measured as compact JSON in UTF-8.
        created_at (datetime.datetime): The time of creation.
        highlights (list[str] | Unset): Passages of the content that match the query, best first.
        explanation (ScoreExplanation | Unset): What a `combined_score` is made of, and the
            query's words in the memory.
    """

    id: UUID
    content: str
    content_type: ContentType
    tier: Tier
    memory_nature: MemoryNature | None
    relevance_score: float
    similarity: float
    combined_score: float
    metadata: Metadata
    created_at: datetime.datetime
    highlights: list[str] | Unset = UNSET
    explanation: ScoreExplanation | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON has it, without the fields that are UNSET."""
        fields: dict[str, Any] = {
            "id": to_json(self.id),
            "content": self.content,
            "content_type": self.content_type,
            "tier": self.tier,
            "memory_nature": to_json(self.memory_nature),
            "relevance_score": self.relevance_score,
            "similarity": self.similarity,
            "combined_score": self.combined_score,
            "metadata": to_json(self.metadata),
            "created_at": to_json(self.created_at),
            "highlights": self.highlights,
            "explanation": to_json(self.explanation),
            **to_json(self.additional_properties),
        }
        return {key: value for key, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Read the model from JSON: a missing field is UNSET, a value of another type stays as it is."""
        from ..models.metadata import Metadata
        from ..models.score_explanation import ScoreExplanation

        _source = dict(src_dict)

        def _read_id(_value: Any) -> UUID:
            id = UUID(_value)

            return id

        id = read(_read_id, _source.pop("id", UNSET))
        content = _source.pop("content", UNSET)

        def _read_content_type(_value: Any) -> ContentType:
            content_type = check_content_type(_value)

            return content_type

        content_type = read(_read_content_type, _source.pop("content_type", UNSET))

        def _read_tier(_value: Any) -> Tier:
            tier = check_tier(_value)

            return tier

        tier = read(_read_tier, _source.pop("tier", UNSET))

        def _read_memory_nature(_value: Any) -> MemoryNature | None:
            def _parse_memory_nature(data: object) -> MemoryNature | None:
                if data is None:
                    return data
                try:
                    if not isinstance(data, str):
                        raise TypeError()
                    memory_nature_type_0 = check_memory_nature(data)

                    return memory_nature_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast("MemoryNature | None", data)

            memory_nature = _parse_memory_nature(_value)

            return memory_nature

        memory_nature = read(_read_memory_nature, _source.pop("memory_nature", UNSET))
        relevance_score = _source.pop("relevance_score", UNSET)
        similarity = _source.pop("similarity", UNSET)
        combined_score = _source.pop("combined_score", UNSET)

        def _read_metadata(_value: Any) -> Metadata:
            metadata = Metadata.from_dict(_value)

            return metadata

        metadata = read(_read_metadata, _source.pop("metadata", UNSET))

        def _read_created_at(_value: Any) -> datetime.datetime:
            created_at = parse_datetime(_value)

            return created_at

        created_at = read(_read_created_at, _source.pop("created_at", UNSET))

        def _read_highlights(_value: Any) -> list[str] | Unset:
            highlights = cast("list[str]", _value)

            return highlights

        highlights = read(_read_highlights, _source.pop("highlights", UNSET))

        def _read_explanation(_value: Any) -> ScoreExplanation | Unset:
            _explanation = _value
            explanation: ScoreExplanation | Unset
            if isinstance(_explanation, Unset):
                explanation = UNSET
            else:
                explanation = ScoreExplanation.from_dict(_explanation)

            return explanation

        explanation = read(_read_explanation, _source.pop("explanation", UNSET))
        model = cls(
            id=id,
            content=content,
            content_type=content_type,
            tier=tier,
            memory_nature=memory_nature,
            relevance_score=relevance_score,
            similarity=similarity,
            combined_score=combined_score,
            metadata=metadata,
            created_at=created_at,
            highlights=highlights,
            explanation=explanation,
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
