"""Convert responses of the API to tables, independent of how they are printed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, List, Mapping, NamedTuple, Sequence, Tuple

from memoryos._protocol.response_fields import reading

from .formatting import age, clean, format_json, local_time, number, one_line, plural, truncate

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
    "explained_result",
    "memories",
    "memory_card",
    "search_results",
    "tags",
]

# Longer contents are cut in an explanation.
_MAX_CONTENT_LENGTH = 300
# Relevance scores below and from which a score is highlighted.
_BAD_RELEVANCE, _GOOD_RELEVANCE = 0.25, 0.7


class Heading(NamedTuple):
    """Heading of a column, and whether the column is right-aligned."""

    text: str
    right: bool = False


class Cell(NamedTuple):
    """Text of a cell, and the name of its style.

    The style is a key of `rich_output.STYLES`, or empty for normal text.
    """

    text: str
    style: str = ""


class Row(NamedTuple):
    """One item of a list: its text, its id and its cells."""

    text: str
    id: str
    cells: Tuple[Cell, ...]


@dataclass(frozen=True)
class Listing:
    """A list of items.

    Attributes:
        text_heading: Heading of the column with the texts.
        headings: Headings of the cells.
        rows: The items.
        min_text_width: Width that the texts get on a narrow terminal, in place of cells.
    """

    text_heading: str
    headings: Sequence[Heading]
    rows: Sequence[Row]
    min_text_width: int = 0


@dataclass(frozen=True)
class Card:
    """Details of one item: its text and its named fields."""

    text: str
    fields: Sequence[Tuple[str, Cell]]


@reading("a memory")
def memories(items: Sequence[Memory], now: datetime) -> Listing:
    """Return the table of `memoryos list`."""
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
    return Listing("MEMORY", headings, rows)


@reading("a search result")
def search_results(items: Sequence[SearchResult], now: datetime) -> Listing:
    """Return the table of `memoryos search`, best match first."""
    headings = (
        Heading("SIMILARITY", right=True),
        Heading("SCORE", right=True),
        Heading("TIER"),
        Heading("CREATED", right=True),
    )
    rows = [
        Row(
            _matching_text(item),
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
    return Listing("MEMORY", headings, rows)


@reading("a search result")
def explained_result(item: SearchResult) -> Card:
    """Return a result with the words that matched and the parts of its score."""
    explanation: Mapping[str, Any] = item.get("explanation", {})
    parts = [part for part in explanation["parts"] if part["share"]]
    shares = " + ".join(f"{part['name']} {part['share']:.4f}" for part in parts)
    values = ", ".join(_value(part) for part in explanation["parts"] if part.get("value"))
    words = ", ".join(explanation["matched_words"])
    return Card(
        truncate(_matching_text(item), _MAX_CONTENT_LENGTH),
        [
            ("id", Cell(item["id"], "faint")),
            ("matched words", Cell(one_line(words) or "none")),
            ("score", Cell(f"{item['combined_score']:.4f} = {one_line(shares) or 0}")),
            ("values", Cell(one_line(values) or "none")),
            ("similarity", Cell(f"{item['similarity']:.4f}")),
        ],
    )


def _matching_text(item: SearchResult) -> str:
    """Return the content, or of a long one the passage that matches best."""
    content = item["content"]
    passage = next(iter(item.get("highlights") or [content]))
    start = "" if content.startswith(passage) else "… "
    return f"{start}{one_line(passage)}{'' if content.endswith(passage) else ' …'}"


def _value(part: Mapping[str, Any]) -> str:
    weight = f" × {part['weight']:g}" if "weight" in part else ""  # noqa: RUF001
    return f"{part['name']} {part['value']:.4g}{weight}"


@reading("a tag")
def tags(items: Sequence[Tag], now: datetime) -> Listing:
    """Return the table of `memoryos tags`."""
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
    return Listing("TAG", headings, rows)


@reading("an entity")
def entities(items: Sequence[Entity], now: datetime) -> Listing:
    """Return the table of `memoryos entities`."""
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
    return Listing("ENTITY", headings, rows)


@reading("the memory")
def memory_card(memory: Memory, now: datetime) -> Card:
    """Return the details of a memory, without the fields that have no value."""
    fields: List[Tuple[str, Cell]] = [
        ("id", Cell(memory["id"])),
        ("tier", _tier(memory)),
        ("type", Cell(one_line(memory["content_type"]))),
        ("nature", Cell(memory["memory_nature"] or "")),
        ("relevance", _score(memory["relevance_score"])),
        ("importance", Cell(f"{memory['importance_score']:.2f}")),
        ("confidence", Cell(f"{memory['confidence_score']:.2f}")),
        ("used", Cell(_access_text(memory, now))),
        ("created", Cell(_time_and_age(memory["created_at"], now))),
        ("updated", Cell(_time_and_age(memory["updated_at"], now))),
        ("expires", Cell(_time_and_age(memory["expires_at"], now), "warning")),
        ("parent", Cell(memory["parent_memory_id"] or "")),
        ("external id", Cell(one_line(memory["external_id"] or ""))),
        ("source id", Cell(one_line(memory["source_id"] or ""))),
        ("personal data", Cell(", ".join(memory["pii_fields"]), "warning")),
        ("metadata", Cell(format_json(memory["metadata"]) if memory["metadata"] else "")),
    ]
    return Card(clean(memory["content"]), [field for field in fields if field[1].text])


def _access_text(memory: Memory, now: datetime) -> str:
    if not memory["last_accessed_at"]:
        return "never"
    times = plural(memory["access_count"], "time")
    return f"{times}, last {age(memory['last_accessed_at'], now)}"


def _time_and_age(timestamp: Any, now: datetime) -> str:
    return f"{local_time(timestamp)} ({age(timestamp, now)})" if timestamp else ""


def _tier(item: Mapping[str, Any]) -> Cell:
    return Cell(one_line(item["tier"]), one_line(item["tier"]))


def _score(value: float) -> Cell:
    style = "good" if value >= _GOOD_RELEVANCE else "bad" if value < _BAD_RELEVANCE else ""
    return Cell(f"{value:.2f}", style)
