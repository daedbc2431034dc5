"""What a run has found, as values that any form of report is made from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Dict, Iterable, List, Literal, Tuple

__all__ = ["Finding", "Leftovers", "Results", "Verdict"]

Verdict = Literal["passed", "failed", "assumed", "skipped"]
"""`assumed` is a failure of something that the contract marks as assumed."""


@dataclass
class Finding:
    """What became of one check: of a single one, or of all answers that it looked at."""

    operation: str
    check: str
    sentence: str
    verdict: Verdict
    message: str = ""
    request: str = ""
    seconds: float = 0.0
    times: int = 1


@dataclass
class Leftovers:
    """What a run could not remove; the values are ids with a few words."""

    memories: List[str] = field(default_factory=list)
    unrecognized: List[str] = field(default_factory=list)
    entities: Dict[str, str] = field(default_factory=dict)
    tags: List[str] = field(default_factory=list)


@dataclass
class Results:
    """Everything that a run has found."""

    base_url: str
    seed: int
    marker: str
    operations: Tuple[str, ...] = ()
    cases: Dict[str, int] = field(default_factory=dict)
    not_sent: int = 0
    sequences: int = 0
    steps: int = 0
    requests: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    stopped: str = ""
    leftovers: Leftovers = field(default_factory=Leftovers)
    _findings: Dict[Tuple[str, str], Finding] = field(default_factory=dict, repr=False)

    @property
    def findings(self) -> List[Finding]:
        """Return all findings, by operation in the contract's order."""
        order = {name: number for number, name in enumerate(self.operations)}
        return sorted(self._findings.values(), key=lambda each: order.get(each.operation, -1))

    def add(self, finding: Finding) -> None:
        """Add what became of a check, together with what became of it before.

        The worst verdict stays; of several failures, the one with the shortest request.
        """
        key = (finding.operation, finding.check)
        known = self._findings.get(key)
        if known is None:
            self._findings[key] = finding
            return
        times, seconds = known.times + finding.times, known.seconds + finding.seconds
        told = finding if _weight(finding) > _weight(known) else known
        self._findings[key] = replace(told, times=times, seconds=seconds)

    def of(self, operation: str, *verdicts: Verdict) -> List[Finding]:
        """Return the findings of one operation that have one of these verdicts."""
        return [
            each
            for each in self._findings.values()
            if each.operation == operation and each.verdict in verdicts
        ]

    def with_verdict(self, *verdicts: Verdict) -> List[Finding]:
        """Return the findings that have one of these verdicts."""
        return [each for each in self.findings if each.verdict in verdicts]

    def exit_status(self, *, strict: bool) -> int:
        """Return 0 where the server keeps to the contract, 1 where not, 2 where nothing is known.

        Args:
            strict: whether a failure of something assumed counts.
        """
        wrong: Iterable[Verdict] = ("failed", "assumed") if strict else ("failed",)
        if self.with_verdict(*wrong):
            return 1
        if self.stopped or not self.with_verdict("passed"):
            return 2
        return 0

    def passing(self, operation: str, check: str, sentence: str) -> None:
        """Count one more response about which a check has nothing to say."""
        self.add(Finding(operation, check, sentence, "passed"))

    def failure(
        self,
        operation: str,
        check: str,
        sentence: str,
        message: str,
        request: str,
        *,
        assumed: bool = False,
    ) -> None:
        """Add a failure."""
        verdict: Verdict = "assumed" if assumed else "failed"
        self.add(Finding(operation, check, sentence, verdict, message, request))

    def generated_cases(self) -> int:
        """Return how many generated cases were sent in all."""
        return sum(self.cases.values())


def _weight(finding: Finding) -> Tuple[int, int]:
    order: Tuple[Verdict, ...] = ("skipped", "passed", "assumed", "failed")
    return order.index(finding.verdict), -len(finding.request)
