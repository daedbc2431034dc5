"""The texts, and the counts of correct and wrong detections of personal data in them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from memoryos_server.pii.detection import PII_KINDS, detect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["SPLITS", "Counts", "Text", "counts", "mistakes", "texts"]

SPLITS = ("tuning", "heldout")
"""Texts that the rules were written with, and texts that were written when the rules were done."""

_TEXTS = Path(__file__).with_name("texts.jsonl")


@dataclass(frozen=True)
class Text:
    """A text, the kinds of personal data in it, and its locale."""

    text: str
    kinds: frozenset[str]
    locale: str
    split: str


@dataclass(frozen=True)
class Counts:
    """True positives, false positives and false negatives of a kind."""

    found: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """The share of detections that are correct; 1 if there are none."""
        return self.found / (self.found + self.wrong) if self.found + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """The share of personal data that was detected; 1 if there is none."""
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0


def texts(split: str | None = None) -> list[Text]:
    """Return the texts of a split, or all of them."""
    lines = map(json.loads, _TEXTS.read_text(encoding="utf-8").splitlines())
    every = [
        Text(line["text"], frozenset(line["kinds"]), line["locale"], line["split"])
        for line in lines
    ]
    return [text for text in every if split in (None, text.split)]


def counts(
    labelled: Iterable[Text], find: Callable[[Text], Iterable[str]] | None = None
) -> dict[str, Counts]:
    """Return the counts of each kind.

    Args:
        labelled: The texts.
        find: Returns the kinds in a text. Default: the server's detection.
    """
    pairs = [(text.kinds, set((find or _by_the_server)(text))) for text in labelled]
    return {
        kind: Counts(
            sum(kind in there and kind in found for there, found in pairs),
            sum(kind not in there and kind in found for there, found in pairs),
            sum(kind in there and kind not in found for there, found in pairs),
        )
        for kind in PII_KINDS
    }


def mistakes(labelled: Iterable[Text]) -> Sequence[tuple[Text, str, str]]:
    """Return every mistake of the server: the text, the kind, and `missed` or `wrong`."""
    return [
        (text, kind, "missed" if kind in text.kinds else "wrong")
        for text in labelled
        for kind in sorted(text.kinds ^ set(_by_the_server(text)))
    ]


def _by_the_server(text: Text) -> tuple[str, ...]:
    return detect(text.text)
