"""Serializers: records to the JSON objects of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.model.timestamps import format_timestamp
from memoryos_server.search.decay import DECAY_RATES_PER_HOUR, relevance
from memoryos_server.search.explanation import explanation
from memoryos_server.search.highlights import highlights
from memoryos_server.search.matched_words import matched_words

from .tag_colors import color_of

if TYPE_CHECKING:
    from datetime import datetime

    from memoryos_server.model.records import Entity, Memory, Tag
    from memoryos_server.search.combined_score import RankedMemory
    from memoryos_server.search.explanation import ScorePart
    from memoryos_server.search.passages import PassageFinder
    from memoryos_server.search.query_matches import QueryMatcher

__all__ = ["context_memory", "entity_object", "memory_object", "search_result", "tag_object"]


def memory_object(memory: Memory, now: datetime) -> dict[str, Any]:
    """Return the contract's `Memory`, with its relevance at `now`."""
    return {
        "id": memory.id,
        "content": memory.content,
        "content_type": memory.content_type,
        "tier": memory.tier,
        "memory_nature": memory.memory_nature,
        "relevance_score": relevance(memory.tier, memory.refreshed_at, now),
        "importance_score": memory.importance_score,
        "confidence_score": memory.confidence_score,
        "decay_rate": DECAY_RATES_PER_HOUR[memory.tier],
        "access_count": memory.access_count,
        "last_accessed_at": _format_optional(memory.last_accessed_at),
        "parent_memory_id": memory.parent_memory_id,
        "external_id": memory.external_id,
        "source_id": memory.source_id,
        "metadata": memory.metadata,
        "pii_detected": bool(memory.pii_fields),
        "pii_fields": list(memory.pii_fields),
        "integrity_hash": memory.integrity_hash,
        "created_at": format_timestamp(memory.created_at),
        "updated_at": format_timestamp(memory.updated_at),
        "expires_at": _format_optional(memory.expires_at),
    }


def search_result(
    ranked: RankedMemory,
    finder: PassageFinder | None = None,
    matcher: QueryMatcher | None = None,
) -> dict[str, Any]:
    """Return the contract's `SearchResult`.

    Args:
        ranked: The memory.
        finder: Finds its highlights, or None to leave them out.
        matcher: Finds the words for the explanation of its score, or None to leave that out.
    """
    memory = ranked.memory
    result: dict[str, Any] = {
        "id": memory.id,
        "content": memory.content,
        "content_type": memory.content_type,
        "tier": memory.tier,
        "memory_nature": memory.memory_nature,
        "relevance_score": ranked.relevance,
        "similarity": ranked.similarity,
        "combined_score": ranked.score,
        "metadata": memory.metadata,
        "created_at": format_timestamp(memory.created_at),
    }
    if finder is not None:
        result["highlights"] = highlights(finder, ranked)
    if matcher is not None:
        result["explanation"] = {
            "parts": [_score_part(part) for part in explanation(ranked)],
            "matched_words": matched_words(matcher, memory.content),
        }
    return result


def _score_part(part: ScorePart) -> dict[str, Any]:
    return {name: value for name, value in part._asdict().items() if value is not None}


def context_memory(ranked: RankedMemory) -> dict[str, Any]:
    """Return the contract's `ContextMemory`, with the content that the context contains."""
    memory = ranked.memory
    return {
        "id": memory.id,
        "content": ranked.content,
        "tier": memory.tier,
        "score": ranked.score,
        "metadata": memory.metadata,
    }


def tag_object(tag: Tag) -> dict[str, Any]:
    """Return the contract's `Tag`."""
    return {
        "id": tag.id,
        "name": tag.name,
        "color": tag.color or color_of(tag.name),
        "description": tag.description,
        "memory_count": tag.memory_count,
        "created_at": format_timestamp(tag.created_at),
        "updated_at": format_timestamp(tag.updated_at),
    }


def entity_object(entity: Entity) -> dict[str, Any]:
    """Return the contract's `Entity`."""
    return {
        "id": entity.id,
        "name": entity.name,
        "type": entity.type,
        "aliases": list(entity.aliases),
        "metadata": entity.metadata,
        "created_at": format_timestamp(entity.created_at),
    }


def _format_optional(time: datetime | None) -> str | None:
    return None if time is None else format_timestamp(time)
