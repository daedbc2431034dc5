"""Figures from samples: medians with quartiles, and ratios within the same round."""

from __future__ import annotations

from statistics import median, quantiles
from typing import TYPE_CHECKING, NamedTuple

from .lineup import BASE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .measures import Sample
    from .starting import Start

__all__ = [
    "Figure",
    "best",
    "best_ratio",
    "failures",
    "ratios",
    "seconds",
    "start_ratios",
    "summary",
]


class Figure(NamedTuple):
    """A median, and the quartiles around it."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


def summary(values: Sequence[float]) -> Figure | None:
    """Return the median and the quartiles of the values, or None if there are none."""
    if not values:
        return None
    if len(values) == 1:
        return Figure(values[0], values[0], values[0])
    low, _, high = quantiles(values, n=4, method="inclusive")
    return Figure(median(values), low, high)


def ratios(
    samples: Iterable[Sample],
    measure: str,
    peer: str,
    *,
    to: tuple[str, str] | None = None,
    by: str = "cpu",
) -> Figure | None:
    """Return the ratio of a call's cost to that of another call in the same round.

    Args:
        samples: What was measured.
        measure: The call.
        peer: The peer that makes it.
        to: The other call and its peer. Default: the same call by httpx.
        by: `cpu` or `wall`.
    """
    other = to or (measure, BASE)
    costs = {(s.measure, s.peer, s.round): getattr(s, by) for s in samples}
    rounds = sorted({number for _, _, number in costs})
    pairs = [(costs.get((measure, peer, r)), costs.get((*other, r))) for r in rounds]
    return summary([cost / base for cost, base in pairs if cost is not None and base])


def seconds(samples: Iterable[Sample], measure: str, peer: str, by: str = "cpu") -> Figure | None:
    """Return the seconds of a peer's call."""
    return summary([getattr(s, by) for s in samples if (s.measure, s.peer) == (measure, peer)])


def best(samples: Iterable[Sample], measure: str, peer: str) -> float | None:
    """Return the lowest number of seconds of CPU of a peer's call; None if it was not measured."""
    return min((s.cpu for s in samples if (s.measure, s.peer) == (measure, peer)), default=None)


def best_ratio(
    samples: Sequence[Sample], call: tuple[str, str], other: tuple[str, str]
) -> float | None:
    """Return the ratio of the best times of two calls, each a measure and its peer.

    For processes of their own, which other work on the machine only ever slows down.
    """
    cost, base = best(samples, *call), best(samples, *other)
    return cost / base if cost is not None and base else None


def failures(samples: Iterable[Sample], measure: str, peer: str) -> tuple[int, int]:
    """Return the number of a peer's failed calls, and of all its calls."""
    found = [s for s in samples if (s.measure, s.peer) == (measure, peer)]
    return sum(s.failed for s in found), sum(s.calls for s in found)


def start_ratios(starts: Iterable[Start], what: str, peer: str) -> Figure | None:
    """Return the ratio of a peer's start to that of httpx in the same round."""
    costs = {(s.peer, s.round): getattr(s, what) for s in starts}
    rounds = sorted({number for _, number in costs})
    pairs = [(costs.get((peer, r)), costs.get((BASE, r))) for r in rounds]
    return summary([cost / base for cost, base in pairs if cost is not None and base])
