"""A place where the project says something else than the contract."""

from __future__ import annotations

from typing import NamedTuple


class Disagreement(NamedTuple):
    """What is wrong at a line, and what to do about it."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"
