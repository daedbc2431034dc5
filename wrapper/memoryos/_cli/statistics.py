"""What an account remembers, in numbers: pure, fed memory by memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Dict, List, Sequence

from .output.bars import Bar
from .output.formatting import number

if TYPE_CHECKING:
    from memoryos.types import Memory

__all__ = ["Statistics", "TierNumbers", "bars", "remarks"]

_FADED = 0.1
_OFTEN = 5


@dataclass
class TierNumbers:
    """What is known of the memories of one tier."""

    total: int = 0
    examined: int = 0
    relevance: float = 0.0
    uses: int = 0
    never_used: int = 0
    faded_and_unused: int = 0
    often_used: int = 0

    def add(self, memory: Memory) -> None:
        """Count a memory in."""
        self.examined += 1
        self.relevance += memory["relevance_score"]
        self.uses += memory["access_count"]
        unused = not memory["access_count"]
        self.never_used += unused
        self.faded_and_unused += unused and memory["relevance_score"] < _FADED
        self.often_used += memory["access_count"] > _OFTEN

    @property
    def mean_relevance(self) -> float:
        """The mean of the present relevances, of those that were looked at."""
        return self.relevance / self.examined if self.examined else 0.0


def _no_tiers() -> Dict[str, TierNumbers]:
    return {}


@dataclass
class Statistics:
    """What is known of an account, by tier."""

    tiers: Dict[str, TierNumbers] = field(default_factory=_no_tiers)
    is_detailed: bool = False

    @property
    def total(self) -> int:
        """How many memories there are in all tiers."""
        return sum(tier.total for tier in self.tiers.values())

    def add(self, memory: Memory) -> None:
        """Count a memory in."""
        self.tiers.setdefault(memory["tier"], TierNumbers()).add(memory)

    def as_json(self) -> Dict[str, Any]:
        """Return the numbers for programs; what was not looked at is left out."""
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
    """Return a bar for each tier, all on the scale of the fullest one."""
    fullest = max((tier.total for tier in statistics.tiers.values()), default=0)
    widest = max((len(number(tier.total)) for tier in statistics.tiers.values()), default=1)
    made: List[Bar] = []
    for name, tier in statistics.tiers.items():
        percent = f"{100 * tier.total / statistics.total:.0f} %" if statistics.total else "0 %"
        facts = f"{number(tier.total):>{widest}}  {percent:>5}"
        if statistics.is_detailed and tier.examined:
            facts += f"  relevance {tier.mean_relevance:.2f}  used {number(tier.uses)}x"
        made.append(Bar(name, tier.total / fullest if fullest else 0.0, facts, name))
    return made


def remarks(statistics: Statistics) -> List[str]:
    """Return what is worth a look: what fades unused, and what may deserve a longer tier."""
    if not statistics.is_detailed:
        return []
    never = sum(tier.never_used for tier in statistics.tiers.values())
    faded = sum(tier.faded_and_unused for tier in statistics.tiers.values())
    often = statistics.tiers["short"].often_used if "short" in statistics.tiers else 0
    said = [f"{number(never)} never used"] if never else []
    if faded:
        said.append(f"{number(faded)} of them have faded below {_FADED}: they may go")
    if often:
        said.append(f"{number(often)} short ones used more than {_OFTEN} times: worth keeping")
    return said
