"""Memories of one owner for the benchmarks of searches, with all that a search can filter by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from memoryos_server.model.integrity import integrity_hash
from memoryos_server.model.records import EntityNames, Memory, Selection

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["END", "SELECTIONS", "memories"]

START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(days=360)
_USERS = 20
_CLARA = EntityNames("clara", ("Clara Bergmann", "Clara"))


def _selection(**filters: object) -> Selection:
    return Selection("one", END, **filters)  # type: ignore[arg-type] # depends on the name


SELECTIONS = {
    "all": _selection(),
    "a tier with a tenth": _selection(tier="medium"),
    "a nature with a hundredth": _selection(memory_nature="semantic"),
    "a tag of a fifth": _selection(tags=("work",)),
    "a user's scope with a twentieth": _selection(scope_tags=("user:7",)),
    "an entity that every twentieth mentions": _selection(entities=(_CLARA,)),
    "the range of a month": _selection(
        created_after=START + timedelta(days=90), created_before=START + timedelta(days=120)
    ),
    "all of these filters": _selection(
        tier="long",
        tags=("work",),
        scope_tags=("user:7",),
        entities=(_CLARA,),
        created_after=START + timedelta(days=30),
        created_before=END,
    ),
}
"""What is searched, by the words of the table. Filters of the same kind as people set."""


def memories(
    owner: str, contents: Sequence[str], seed: int = 0, part: slice = slice(None)
) -> list[Memory]:
    """Return a part of the memories of an owner, created one after the other in the same year."""
    step = (END - START) / (len(contents) + 1)
    return [
        _memory(owner, number, contents[number], START + number * step, seed)
        for number in range(len(contents))[part]
    ]


def _memory(owner: str, number: int, content: str, created: datetime, seed: int) -> Memory:
    # So that no filter goes with another one.
    mixed = number * 2_654_435_761 % 2**32 >> 8
    tags = [f"user:{mixed % _USERS}", *(["work"] if mixed // 20 % 5 == 0 else [])]
    entities = [_CLARA.id] if mixed // 250 % 100 == 0 else []
    return Memory(
        id=str(UUID(int=(seed << 64) + number)),
        owner=owner,
        content=content,
        content_type="text",
        tier="medium" if mixed // 25_000 % 10 == 0 else "long",
        memory_nature="semantic" if mixed // 7 % 100 == 0 else None,
        importance_score=0.5,
        confidence_score=1.0,
        access_count=0,
        last_accessed_at=None,
        parent_memory_id=None,
        external_id=None,
        source_id=None,
        metadata={"tags": tags, "entities": entities},
        pii_fields=(),
        integrity_hash=integrity_hash(content),
        created_at=created,
        updated_at=created,
        expires_at=None,
    )
