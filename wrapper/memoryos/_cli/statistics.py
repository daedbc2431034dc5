"""Statistics of an account's memories, by tier. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Dict, List, Sequence

from memoryos._protocol.response_fields import reading

from .output.bars import Bar
from .output.formatting import number, percent

if TYPE_CHECKING:
    from memoryos.types import Memory

__all__ = ["Statistics", "TierNumbers", "bars", "remarks"]

LOW_RELEVANCE = 0.1
"""Memories below this relevance count as faded."""

OFTEN_USED_ACCESSES = 5
"""Memories with more accesses than this count as often used."""


@dataclass
class TierNumbers:
    """Statistics of one tier.

    Attributes:
        total: Number of memories in the tier.
        examined: Number of memories that the other numbers are computed from.
        relevance: Sum of the current relevance scores.
        uses: Sum of the access counts.
        never_used: Number of memories without an access.
        faded_and_unused: Number of faded memories without an access.
        often_used: Number of often used memories.
    """

    total: int = 0
    examined: int = 0
    relevance: float = 0.0
    uses: int = 0
    never_used: int = 0
    faded_and_unused: int = 0
    often_used: int = 0

    def add(self, memory: Memory) -> None:
        """Add a memory."""
        self.examined += 1
        self.relevance += memory["relevance_score"]
        self.uses += memory["access_count"]
        unused = not memory["access_count"]
        self.never_used += unused
        self.faded_and_unused += unused and memory["relevance_score"] < LOW_RELEVANCE
        self.often_used += memory["access_count"] > OFTEN_USED_ACCESSES

    @property
    def mean_relevance(self) -> float:
        """Mean current relevance of the examined memories, from 0 to 1."""
        return self.relevance / self.examined if self.examined else 0.0


def _no_tiers() -> Dict[str, TierNumbers]:
    return {}


@dataclass
class Statistics:
    """Statistics of an account, by tier.

    Attributes:
        tiers: Statistics by tier name.
        is_detailed: Whether the memories were examined, not only counted.
    """

    tiers: Dict[str, TierNumbers] = field(default_factory=_no_tiers)
    is_detailed: bool = False

    @property
    def total(self) -> int:
        """Number of memories in all tiers."""
        return sum(tier.total for tier in self.tiers.values())

    @reading("a memory")
    def add(self, memory: Memory) -> None:
        """Add a memory."""
        self.tiers.setdefault(memory["tier"], TierNumbers()).add(memory)

    def as_json(self) -> Dict[str, Any]:
        """Return the statistics as a JSON object, without those that need examined memories."""
        return {
            "total": self.total,
            "tiers": {name: self._tier_json(tier) for name, tier in self.tiers.items()},
        }

    def _tier_json(self, tier: TierNumbers) -> Dict[str, Any]:
        if not self.is_detailed:
            return {"total": tier.total}
        return {
            "total": tier.total,
            "mean_relevance": round(tier.mean_relevance, 4),
            "uses": tier.uses,
            "never_used": tier.never_used,
            "faded_and_never_used": tier.faded_and_unused,
            "used_often": tier.often_used,
        }


def bars(statistics: Statistics) -> Sequence[Bar]:
    """Return one bar per tier. The largest tier has a full bar."""
    fullest = max((tier.total for tier in statistics.tiers.values()), default=0)
    widest = max((len(number(tier.total)) for tier in statistics.tiers.values()), default=1)
    result: List[Bar] = []
    for name, tier in statistics.tiers.items():
        share = percent(tier.total, statistics.total)
        text = f"{number(tier.total):>{widest}}  {share:>5}"
        if statistics.is_detailed and tier.examined:
            text += f"  relevance {tier.mean_relevance:.2f}  used {number(tier.uses)}x"
        result.append(Bar(name, tier.total / fullest if fullest else 0.0, text, name))
    return result


def remarks(statistics: Statistics) -> List[str]:
    """Return suggestions: faded memories to delete, and memories to move to a longer tier."""
    if not statistics.is_detailed:
        return []
    never = sum(tier.never_used for tier in statistics.tiers.values())
    faded = sum(tier.faded_and_unused for tier in statistics.tiers.values())
    often = statistics.tiers["short"].often_used if "short" in statistics.tiers else 0
    result = [f"{number(never)} never used"] if never else []
    if faded:
        verb = "has" if faded == 1 else "have"
        result.append(
            f"{number(faded)} of them {verb} a relevance below {LOW_RELEVANCE}: consider deletion"
        )
    if often:
        result.append(
            f"{number(often)} in the short tier used more than {OFTEN_USED_ACCESSES} times: "
            "consider a longer tier"
        )
    return result
