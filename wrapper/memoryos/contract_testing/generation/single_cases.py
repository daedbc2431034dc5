"""Single requests, generated from the schemas: some keep to the contract, some break a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, Optional, Set

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from schemathesis import GenerationMode

from .case_schema import validate_case_outcome, load_schema, send_case
from .expectations import CheckSkippedError, UnusableResponseError
from .safety import ENTITY_LIMIT
from .sender import NotSentError

if TYPE_CHECKING:
    from schemathesis import Case

    from .contract import Operation
    from .target import Target

__all__ = ["GENERATED_SETTINGS", "run_cases"]

GENERATED_SETTINGS = settings(
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
        HealthCheck.large_base_example,
        HealthCheck.too_slow,
    ],
    verbosity=Verbosity.quiet,
)
"""No time limits: a server may be slow. No search for a smaller example: the shortest is kept."""

_MOST_SERIES = 8
_SPARE = 10


def run_cases(
    target: Target,
    operation: Operation,
    count: int,
    seed_number: int,
    progress: Callable[[int], None],
) -> int:
    """Send `count` generated cases of one operation, no two alike, half of them invalid.

    Fewer are sent where no more can be generated, or where they would create entities.

    Args:
        target: the server.
        operation: what to call.
        count: how many cases.
        seed_number: the same one generates the same cases.
        progress: told how many were sent so far.

    Returns:
        How many were sent.
    """
    invalid = count // 2
    valid = _allowed(target, operation, count - invalid)
    generated: Any = load_schema(target.contract)[operation.path][operation.method]
    fixed = _fixed_path(target, operation)
    series = _Series(target, operation, progress)
    for mode, share in ((GenerationMode.POSITIVE, valid), (GenerationMode.NEGATIVE, invalid)):
        strategy = generated.as_strategy(generation_mode=mode, path_parameters=fixed)
        series.run(strategy, share, seed_number)
    return series.sent


def _allowed(target: Target, operation: Operation, count: int) -> int:
    """Return how many valid cases to send; entities are for disposable accounts."""
    if operation.id == "create_entity" and target.sender.own.entity_limit == ENTITY_LIMIT:
        return 0
    return count


def _fixed_path(target: Target, operation: Operation) -> Optional[Dict[str, Any]]:
    """Return the run's own id for what changes a memory; what reads one may ask for any."""
    if operation.method == "GET" or "{memory_id}" not in operation.path:
        return None
    return {"memory_id": target.cached("generated changes", target.create)["id"]}


class _Series:
    """Sends what strategies give, and counts."""

    def __init__(
        self, target: Target, operation: Operation, progress: Callable[[int], None]
    ) -> None:
        self.sent = 0
        self._target = target
        self._operation = operation
        self._progress = progress
        self._wanted = 0
        self._known: Set[str] = set()

    def run(self, strategy: Any, count: int, seed_number: int) -> None:
        """Send `count` cases; a strategy may be exhausted before."""
        self._wanted = self.sent + count
        for number in range(_MOST_SERIES):
            before = self.sent
            if before < self._wanted:
                self._run_once(strategy, self._wanted - before, seed_number + number)
            if self.sent == before:
                return

    def _run_once(self, strategy: Any, count: int, seed_number: int) -> None:
        @seed(seed_number)
        @settings(GENERATED_SETTINGS, max_examples=count + _SPARE)
        @given(case=strategy)
        def each(case: Case[Any]) -> None:
            if self.sent < self._wanted and self._is_new(case):
                self._send(case)

        each()

    def _is_new(self, case: Case[Any]) -> bool:
        """Say whether the case was not generated before: Hypothesis repeats what it liked."""
        form = f"{case.path_parameters!r} {case.query!r} {case.body!r}"
        known = form in self._known
        self._known.add(form)
        return not known

    def _send(self, case: Case[Any]) -> None:
        try:
            response = send_case(self._target, self._operation, case)
        except NotSentError:
            self._target.results.not_sent += 1
            return
        except (UnusableResponseError, CheckSkippedError):
            return
        self.sent += 1
        self._progress(self.sent)
        validate_case_outcome(self._target, self._operation, case, response)
