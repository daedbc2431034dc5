"""The labelled pairs: what a person's assistant remembers, and what is asked of it.

`memories.jsonl` has the memories of some invented people, `queries.jsonl` the questions that are
asked of one person's memories, with the ids of all that help to answer. Every other memory of the
same person is unrelated to the query: that is the choice which a search has to make. A person is
either in the fit or held out, so no memory is in both. A few general queries are.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Literal, NamedTuple

__all__ = ["EXAMPLES", "MEMORIES", "QUERIES", "Pair", "data_hash", "pairs", "read_lines"]

Split = Literal["fit", "heldout"]

_FOLDER = Path(__file__).parent
MEMORIES = _FOLDER / "memories.jsonl"
QUERIES = _FOLDER / "queries.jsonl"
EXAMPLES = _FOLDER / "examples.jsonl"


class Pair(NamedTuple):
    """One query beside one memory of the same person, and whether it helps to answer it."""

    person: str
    query: str
    memory: str
    kind: str
    related: bool


def pairs(split: Split) -> list[Pair]:
    """Return every query of the split beside every memory of its person."""
    memories = [memory for memory in read_lines(MEMORIES) if memory["split"] == split]
    return [
        Pair(
            person=query["person"],
            query=query["query"],
            memory=memory["memory"],
            kind=query["kind"],
            related=memory["id"] in query["related"],
        )
        for query in read_lines(QUERIES)
        if query["split"] == split
        for memory in memories
        if memory["person"] == query["person"]
    ]


def read_lines(path: Path) -> list[dict[str, str]]:
    """Read a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def data_hash() -> str:
    """Return the SHA-256 over both files of labelled data."""
    return hashlib.sha256(MEMORIES.read_bytes() + QUERIES.read_bytes()).hexdigest()
