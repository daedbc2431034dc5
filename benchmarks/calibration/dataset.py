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

__all__ = [
    "EXAMPLES",
    "MEMORIES",
    "MULTILINGUAL",
    "QUERIES",
    "Pair",
    "data_hash",
    "pairs",
    "read_lines",
]

REQUEST = "request"
"""The kind of queries that request something."""

Split = Literal["fit", "heldout"]

_FOLDER = Path(__file__).parent
MEMORIES = _FOLDER / "memories.jsonl"
QUERIES = _FOLDER / "queries.jsonl"
MULTILINGUAL = _FOLDER / "multilingual"
"""Where the same files are for German, Spanish, French, Chinese, Japanese and Hindi."""

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


def pairs(split: Split, folder: Path = _FOLDER) -> list[Pair]:
    """Return every query of the split paired with every memory of its person."""
    lines = read_lines(folder / MEMORIES.name)
    memories = [memory for memory in lines if memory["split"] == split]
    return [
        Pair(
            person=query["person"],
            query=query["query"],
            memory=memory["memory"],
            kind=query["kind"],
            related=memory["id"] in query["related"],
        )
        for query in read_lines(folder / QUERIES.name)
        if query["split"] == split
        for memory in memories
        if memory["person"] == query["person"]
    ]


def read_lines(path: Path) -> list[dict[str, str]]:
    """Read a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def data_hash(folder: Path = _FOLDER) -> str:
    """Return the SHA-256 over both files of labelled data."""
    names = (MEMORIES.name, QUERIES.name)
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in names)).hexdigest()
