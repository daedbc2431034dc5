"""Recall: the share of a question's answers among the first results."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .locomo import Question

__all__ = ["CUTS", "Answered", "mean_recall"]

CUTS = (1, 5, 10, 20)
"""How many of the first results are looked at."""


class Answered(NamedTuple):
    """A question, and the indices of the memories found for it, best first."""

    question: Question
    found: Sequence[int]


def mean_recall(answered: Sequence[Answered]) -> list[float]:
    """Return the recall at each of `CUTS`, averaged over the questions."""
    shares = [[_recall(item, cut) for cut in CUTS] for item in answered]
    means: list[float] = np.mean(shares, axis=0).tolist()
    return means


def _recall(answered: Answered, cut: int) -> float:
    evidence = answered.question.evidence
    return len(evidence.intersection(answered.found[:cut])) / len(evidence)
