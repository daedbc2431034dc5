"""Labelled pairs of queries and memories.

`memories.jsonl` has the memories of invented people; `queries.jsonl` has questions about one
person's memories, with the ids of all related ones. The person's other memories are unrelated to
the query. Each person is either in the fit or held out, so no memory is in both; a few general
queries are.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Literal, NamedTuple

__all__ = ["EXAMPLES", "MEMORIES", "QUERIES", "Pair", "data_hash", "pairs", "read_lines"]

REQUEST = "request"
"""The kind of queries that request something."""

Split = Literal["fit", "heldout"]

_FOLDER = Path(__file__).parent
MEMORIES = _FOLDER / "memories.jsonl"
QUERIES = _FOLDER / "queries.jsonl"
EXAMPLES = _FOLDER / "examples.jsonl"


class Pair(NamedTuple):
    """A query and a memory of the same person, and whether they are related."""

    person: str
    query: str
    memory: str
    kind: str
    related: bool

    @property
    def is_request(self) -> bool:
        """Whether the query requests something, instead of asking."""
        return self.kind == REQUEST


def pairs(split: Split) -> list[Pair]:
    """Return every query of the split paired with every memory of its person."""
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
