"""Retrieval sets: memories, and queries with the memories that answer them.

A set is a JSON Lines file. Its lines have a `kind`: `about` (once: source and licence), `doc` (a
memory: `id`, `text`, `world`, and optionally `meta` and `type`, its metadata and content type) or
`query` (`q`, the ids of its answers as `gold`, `world`, and `type`, the kind of query). Every world
is a Memory OS of its own.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from .locomo import read_conversation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Document", "Query", "RetrievalSet", "World", "read_set", "read_sets", "shared_sets"]

LANGUAGES = {
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "hi": "hindi",
    "ja": "japanese",
    "zh": "chinese",
}
"""The languages of the sets, by the name of a world or the last part of a set's name."""


class Document(NamedTuple):
    """A memory of a set."""

    id: str
    text: str
    content_type: str = "text"
    metadata: dict[str, Any] | None = None


class Query(NamedTuple):
    """A query, its kind, and the ids of the memories that answer it."""

    text: str
    gold: frozenset[str]
    kind: str


class World(NamedTuple):
    """The memories of one Memory OS, and what is asked of it."""

    documents: Sequence[Document]
    queries: Sequence[Query]
    language: str = "english"


class RetrievalSet(NamedTuple):
    """A named set."""

    name: str
    worlds: Sequence[World]

    @property
    def kinds(self) -> list[str]:
        """The kind of each query, in the order of worlds and queries."""
        return [query.kind for world in self.worlds for query in world.queries]


def read_sets(folder: Path) -> list[RetrievalSet]:
    """Return the sets in a folder, one JSON Lines file each; files of other lines are left out."""
    paths = sorted(folder.glob("*.jsonl"))
    return [read_set(path) for path in paths if _first_line(path).get("kind") == "about"]


def shared_sets(folder: Path) -> list[RetrievalSet]:
    """Return the sets in `data/retrieval` of a folder, and the conversations in `data/locomo`."""
    conversations = sorted((folder / "data" / "locomo").glob("*.json"))
    worlds = [_conversation_world(path) for path in conversations]
    locomo = [RetrievalSet("locomo", worlds)] if worlds else []
    return [*locomo, *read_sets(folder / "data" / "retrieval")]


def read_set(path: Path) -> RetrievalSet:
    """Read a set. Worlds without a query are left out."""
    found: dict[str, World] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        if item["kind"] == "about":
            continue
        name = str(item["world"])
        world = found.setdefault(name, World([], [], _language(path.stem, name)))
        side: Any = world.queries if item["kind"] == "query" else world.documents
        side.append(_query(item) if item["kind"] == "query" else _document(item))
    return RetrievalSet(path.stem, [world for world in found.values() if world.queries])


def _first_line(path: Path) -> dict[str, Any]:
    with path.open(encoding="utf-8") as lines:
        first: dict[str, Any] = json.loads(next(lines, "{}"))
    return first


def _document(item: dict[str, Any]) -> Document:
    return Document(item["id"], item["text"], item.get("type") or "text", item.get("meta") or None)


def _query(item: dict[str, Any]) -> Query:
    return Query(item["q"], frozenset(item["gold"]), item["type"])


def _language(set_name: str, world: str) -> str:
    for name in (world, set_name.rpartition("_")[2]):
        if name in LANGUAGES:
            return LANGUAGES[name]
    return "english"


def _conversation_world(path: Path) -> World:
    turns, questions = read_conversation(path)
    documents = [
        Document(turn.id, turn.text, "conversation", {"session": turn.session, "at": turn.at})
        for turn in turns
    ]
    queries = [Query(text, evidence, kind) for text, evidence, kind in questions]
    return World(documents, queries)
