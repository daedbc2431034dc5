"""From the API's answers to what people see: pure, and the same with and without colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, List, Mapping, NamedTuple, Sequence, Tuple

from .formatting import age, clean, local_time, number, one_line, plural, format_json

if TYPE_CHECKING:
    from datetime import datetime

    from memoryos.types import Entity, Memory, SearchResult, Tag

__all__ = [
    "Card",
    "Cell",
    "Heading",
    "Listing",
    "Row",
    "entities",
    "memories",
    "memory_card",
    "search_results",
    "tags",
]

_FADED, _FRESH = 0.25, 0.7


class Heading(NamedTuple):
    """The head of a column."""

    text: str
    right: bool = False


class Cell(NamedTuple):
    """A short fact; its style is one of those that a screen has a style for, or empty."""

    text: str
    style: str = ""


class Row(NamedTuple):
    """One thing: what it says, its id, and short facts about it."""

    text: str
    id: str
    facts: Tuple[Cell, ...]


@dataclass(frozen=True)
class Listing:
    """Many things of one kind."""

    kind: Heading
    headings: Sequence[Heading]
    rows: Sequence[Row]


@dataclass(frozen=True)
class Card:
    """One thing with all that is known of it."""

    text: str
    facts: Sequence[Tuple[str, Cell]]


def memories(items: Sequence[Memory], now: datetime) -> Listing:
    """Return a list of memories."""
    headings = (
        Heading("TIER"),
        Heading("RELEVANCE", right=True),
        Heading("USED", right=True),
        Heading("CREATED", right=True),
    )
    rows = [
        Row(
            one_line(item["content"]),
            item["id"],
            (
                _tier(item),
                _score(item["relevance_score"]),
                Cell(number(item["access_count"])),
                Cell(age(item["created_at"], now), "faint"),
            ),
        )
        for item in items
    ]
    return Listing(Heading("MEMORY"), headings, rows)


def search_results(items: Sequence[SearchResult], now: datetime) -> Listing:
    """Return what a search found, best first."""
    headings = (
        Heading("SIMILARITY", right=True),
        Heading("SCORE", right=True),
        Heading("TIER"),
        Heading("CREATED", right=True),
    )
    rows = [
        Row(
            one_line(item["content"]),
            item["id"],
            (
                Cell(f"{item['similarity']:.2f}", "strong"),
                Cell(f"{item['combined_score']:.2f}"),
                _tier(item),
                Cell(age(item["created_at"], now), "faint"),
            ),
        )
        for item in items
    ]
    return Listing(Heading("MEMORY"), headings, rows)


def tags(items: Sequence[Tag], now: datetime) -> Listing:
    """Return a list of tags."""
    headings = (
        Heading("MEMORIES", right=True),
        Heading("DESCRIPTION"),
        Heading("CREATED", right=True),
    )
    rows = [
        Row(
            one_line(item["name"]),
            item["id"],
            (
                Cell(number(item["memory_count"]), "strong"),
                Cell(one_line(item.get("description") or "-")),
                Cell(age(item["created_at"], now), "faint"),
            ),
        )
        for item in items
    ]
    return Listing(Heading("TAG"), headings, rows)


def entities(items: Sequence[Entity], now: datetime) -> Listing:
    """Return a list of entities."""
    headings = (Heading("TYPE"), Heading("ALSO CALLED"), Heading("CREATED", right=True))
    rows = [
        Row(
            one_line(item["name"]),
            item["id"],
            (
                Cell(one_line(item["type"])),
                Cell(one_line(", ".join(item["aliases"])) or "-"),
                Cell(age(item["created_at"], now), "faint"),
            ),
        )
        for item in items
    ]
    return Listing(Heading("ENTITY"), headings, rows)


def memory_card(memory: Memory, now: datetime) -> Card:
    """Return a memory with all that is known of it; what it has no value for is left out."""
    facts: List[Tuple[str, Cell]] = [
        ("id", Cell(memory["id"])),
        ("tier", _tier(memory)),
        ("type", Cell(one_line(memory["content_type"]))),
        ("nature", Cell(memory["memory_nature"] or "")),
        ("relevance", _score(memory["relevance_score"])),
        ("importance", Cell(f"{memory['importance_score']:.2f}")),
        ("confidence", Cell(f"{memory['confidence_score']:.2f}")),
        ("used", Cell(_uses(memory, now))),
        ("created", Cell(_moment(memory["created_at"], now))),
        ("updated", Cell(_moment(memory["updated_at"], now))),
        ("expires", Cell(_moment(memory["expires_at"], now), "warning")),
        ("parent", Cell(memory["parent_memory_id"] or "")),
        ("external id", Cell(one_line(memory["external_id"] or ""))),
        ("source id", Cell(one_line(memory["source_id"] or ""))),
        ("personal data", Cell(", ".join(memory["pii_fields"]), "warning")),
        ("metadata", Cell(format_json(memory["metadata"]) if memory["metadata"] else "")),
    ]
    return Card(clean(memory["content"]), [fact for fact in facts if fact[1].text])


def _uses(memory: Memory, now: datetime) -> str:
    if not memory["last_accessed_at"]:
        return "never"
    times = plural(memory["access_count"], "time")
    return f"{times}, last {age(memory['last_accessed_at'], now)}"


def _moment(timestamp: Any, now: datetime) -> str:
    return f"{local_time(timestamp)} ({age(timestamp, now)})" if timestamp else ""


def _tier(item: Mapping[str, Any]) -> Cell:
    return Cell(one_line(item["tier"]), one_line(item["tier"]))


def _score(value: float) -> Cell:
    style = "good" if value >= _FRESH else "bad" if value < _FADED else ""
    return Cell(f"{value:.2f}", style)
