"""Send single requests generated from the schemas, valid and invalid ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, Optional, Set

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from schemathesis import GenerationMode

from memoryos.contract_testing.expectations import CheckSkippedError, UnusableResponseError
from memoryos.contract_testing.safety import ENTITY_LIMIT
from memoryos.contract_testing.sender import NotSentError

from .case_schema import load_schema, send_case, validate_case_outcome

if TYPE_CHECKING:
    from schemathesis import Case

    from memoryos.contract_testing.contract import Operation
    from memoryos.contract_testing.target import Target

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
"""No time limits, because servers may be slow. No shrinking: reports use the shortest request."""

_MAX_HYPOTHESIS_RUNS = 8
_EXTRA_EXAMPLES = 10  # replace duplicates


def run_cases(
    target: Target,
    operation: Operation,
    count: int,
    seed_number: int,
    progress: Callable[[int], None],
) -> int:
    """Send `count` different generated cases of one operation, half of them invalid.

    Sends fewer if no more can be generated, or if they would create entities.

    Args:
        target: The server.
        operation: The operation to call.
        count: Number of cases.
        seed_number: Seed of the generator.
        progress: Called with the number of cases sent so far.

    Returns:
        The number of cases sent.
    """
    invalid = count // 2
    valid = _valid_count(target, operation, count - invalid)
    fixed = _fixed_path(target, operation)
    cases = _CaseSender(target, operation, progress)
    # Valid cases respect the assumed limits; invalid cases violate other rules.
    for mode, share, contract in (
        (GenerationMode.POSITIVE, valid, target.contract),
        (GenerationMode.NEGATIVE, invalid, target.contract.without_assumed_limits()),
    ):
        generated: Any = load_schema(contract)[operation.path][operation.method]
        strategy = generated.as_strategy(generation_mode=mode, path_parameters=fixed)
        cases.run(strategy, share, seed_number)
    return cases.sent


def _valid_count(target: Target, operation: Operation, count: int) -> int:
    """Return the number of valid cases to send. Entities can't be deleted, so create none."""
    if operation.id == "create_entity" and target.sender.own.entity_limit == ENTITY_LIMIT:
        return 0
    return count


def _fixed_path(target: Target, operation: Operation) -> Optional[Dict[str, Any]]:
    """Return the id of a memory of the run for operations that change it; reads may use any id."""
    if operation.method == "GET" or "{memory_id}" not in operation.path:
        return None
    return {"memory_id": target.cached("generated changes", target.create)["id"]}


class _CaseSender:
    """Sends the cases of strategies, without duplicates, and counts them."""

    def __init__(
        self, target: Target, operation: Operation, progress: Callable[[int], None]
    ) -> None:
        self.sent = 0
        self._target = target
        self._operation = operation
        self._progress = progress
        self._wanted = 0
        self._seen: Set[str] = set()

    def run(self, strategy: Any, count: int, seed_number: int) -> None:
        """Send `count` cases, or fewer if the strategy is exhausted."""
        self._wanted = self.sent + count
        for number in range(_MAX_HYPOTHESIS_RUNS):
            before = self.sent
            if before < self._wanted:
                self._run_once(strategy, self._wanted - before, seed_number + number)
            if self.sent == before:
                return

    def _run_once(self, strategy: Any, count: int, seed_number: int) -> None:
        @seed(seed_number)
        @settings(GENERATED_SETTINGS, max_examples=count + _EXTRA_EXAMPLES)
        @given(case=strategy)
        def each(case: Case[Any]) -> None:
            if self.sent < self._wanted and self._is_new(case):
                self._send(case)

        each()

    def _is_new(self, case: Case[Any]) -> bool:
        """Return whether the case is new. Hypothesis may generate a case repeatedly."""
        form = f"{case.path_parameters!r} {case.query!r} {case.body!r}"
        seen = form in self._seen
        self._seen.add(form)
        return not seen

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
