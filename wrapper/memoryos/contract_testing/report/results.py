"""Results of a run, independent of the report format."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Dict, Iterable, List, Literal, Tuple

__all__ = ["Finding", "Leftovers", "Results", "Verdict"]

Verdict = Literal["passed", "failed", "assumed", "skipped"]
"""`assumed`: a difference from a part of the contract that is marked as assumed."""


@dataclass
class Finding:
    """Combined result of a check for an operation.

    Attributes:
        operation: Id of the operation.
        check: Name of the check.
        description: The rule that the check tests, as a sentence.
        verdict: The worst result.
        message: What went wrong, or why the check was skipped.
        request: The request of a failure, in one line.
        seconds: Total duration of the check.
        times: Number of times that the check was applied.
    """

    operation: str
    check: str
    description: str
    verdict: Verdict
    message: str = ""
    request: str = ""
    seconds: float = 0.0
    times: int = 1


@dataclass
class Leftovers:
    """What a run left on the server.

    Attributes:
        memories: Ids of memories that could not be deleted.
        unrecognized: Ids of created memories without the run's marker, which were not deleted.
        entities: Names of created entities, by id.
        tags: Names of created tags.
    """

    memories: List[str] = field(default_factory=list)
    unrecognized: List[str] = field(default_factory=list)
    entities: Dict[str, str] = field(default_factory=dict)
    tags: List[str] = field(default_factory=list)


@dataclass
class Results:
    """Results of a run.

    Attributes:
        base_url: Base URL of the server.
        seed: Seed of the generators.
        marker: Random word contained in everything that the run created.
        operations: Ids of the operations, in the contract's order.
        cases: Number of generated cases, by operation.
        not_sent: Number of generated requests that were unsafe to send.
        sequences: Number of different sequences.
        steps: Number of calls in sequences.
        requests: Number of requests sent.
        seconds: Duration of the run.
        interrupted: The run was interrupted.
        stopped: Why the run stopped early; empty if it didn't.
        leftovers: What the run left on the server.
    """

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
        """All findings, in the contract's order of operations."""
        order = {name: number for number, name in enumerate(self.operations)}
        return sorted(self._findings.values(), key=lambda each: order.get(each.operation, -1))

    def add(self, finding: Finding) -> None:
        """Add the result of a check to its earlier results.

        The worst verdict is kept; among failures, the one with the shortest request.
        """
        key = (finding.operation, finding.check)
        known = self._findings.get(key)
        if known is None:
            self._findings[key] = finding
            return
        times, seconds = known.times + finding.times, known.seconds + finding.seconds
        worst = finding if _severity(finding) > _severity(known) else known
        self._findings[key] = replace(worst, times=times, seconds=seconds)

    def of(self, operation: str, *verdicts: Verdict) -> List[Finding]:
        """Return the findings of an operation with one of these verdicts."""
        return [
            each
            for each in self._findings.values()
            if each.operation == operation and each.verdict in verdicts
        ]

    def with_verdict(self, *verdicts: Verdict) -> List[Finding]:
        """Return the findings with one of these verdicts."""
        return [each for each in self.findings if each.verdict in verdicts]

    def exit_status(self, *, strict: bool) -> int:
        """Return the exit status of the command.

        Args:
            strict: Count differences from assumed parts of the contract as failures.

        Returns:
            0 if the server passed, 1 if it failed, 2 if nothing could be checked.
        """
        failing: Iterable[Verdict] = ("failed", "assumed") if strict else ("failed",)
        if self.with_verdict(*failing):
            return 1
        if self.stopped or not self.with_verdict("passed"):
            return 2
        return 0

    def passing(self, operation: str, check: str, description: str) -> None:
        """Record that a check passed for one more response."""
        self.add(Finding(operation, check, description, "passed"))

    def failure(
        self,
        operation: str,
        check: str,
        description: str,
        message: str,
        request: str,
        *,
        assumed: bool = False,
    ) -> None:
        """Record a failure."""
        verdict: Verdict = "assumed" if assumed else "failed"
        self.add(Finding(operation, check, description, verdict, message, request))

    def generated_cases(self) -> int:
        """Return the total number of generated cases sent."""
        return sum(self.cases.values())


def _severity(finding: Finding) -> Tuple[int, int]:
    order: Tuple[Verdict, ...] = ("skipped", "passed", "assumed", "failed")
    return order.index(finding.verdict), -len(finding.request)
