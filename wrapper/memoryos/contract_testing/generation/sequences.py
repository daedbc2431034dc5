"""Sequences of calls: create, then read, change, search and delete, in any order."""

from __future__ import annotations

from contextlib import suppress
from itertools import count as numbers_from
from typing import TYPE_CHECKING, Any, Callable, Dict, Optional, Sequence, Set, Tuple, Type

from hypothesis import seed, settings
from hypothesis.errors import Flaky, Unsatisfiable

from .case_schema import as_response, validate_case_outcome, load_schema, send_case
from .expectations import CheckSkippedError, UnusableResponseError
from .single_cases import GENERATED_SETTINGS
from .memory_model import RULES, Contradiction, MemoryModel
from .sender import NotSentError

if TYPE_CHECKING:
    import schemathesis
    from schemathesis import Case
    from schemathesis.generation.stateful import APIStateMachine

    from .contract import Operation
    from .http_messages import Response
    from .target import Target

__all__ = ["LINKS", "run_sequences"]

STEPS = 12
"""How many calls a sequence has at most, before what it made is deleted."""

_ID = {"memory_id": "$response.body#/data/id"}
_SAME_ID = {"memory_id": "$request.path.memory_id"}
_CONTENT = "$response.body#/data/content"

# Nothing follows a list or a search: what they show may be somebody else's.
LINKS: Dict[str, Dict[str, Any]] = {
    "create_memory": {
        "read": {"operationId": "get_memory", "parameters": _ID},
        "change": {"operationId": "update_memory", "parameters": _ID},
        "delete": {"operationId": "delete_memory", "parameters": _ID},
        "search": {"operationId": "search_memories", "requestBody": {"query": _CONTENT}},
        "context": {"operationId": "get_context", "requestBody": {"query": _CONTENT}},
        "list": {"operationId": "list_memories", "parameters": {"limit": 100, "offset": 0}},
    },
    "update_memory": {
        "read": {"operationId": "get_memory", "parameters": _SAME_ID},
        "change again": {"operationId": "update_memory", "parameters": _SAME_ID},
        "delete": {"operationId": "delete_memory", "parameters": _SAME_ID},
        "search": {"operationId": "search_memories", "requestBody": {"query": _CONTENT}},
    },
    "get_memory": {"change": {"operationId": "update_memory", "parameters": _SAME_ID}},
    "delete_memory": {
        "read": {"operationId": "get_memory", "parameters": _SAME_ID},
        "change": {"operationId": "update_memory", "parameters": _SAME_ID},
        "delete again": {"operationId": "delete_memory", "parameters": _SAME_ID},
        "list": {"operationId": "list_memories", "parameters": {"limit": 100, "offset": 0}},
    },
}
"""What may follow which success, as OpenAPI links."""

# Hypothesis goes back to beginnings that it knows, and gives up where they go on in another way. A
# server with a memory does go on in another way: then the next run has other beginnings.
_ENDS_OF_A_RUN = (Flaky, Unsatisfiable)
_MOST_BARREN_RUNS = 8
_FEWEST_CALLS = 3
_FEWEST_EXAMPLES = 10  # the first ones of a run are the simplest, and known by now


def run_sequences(
    target: Target, count: int, seed_number: int, progress: Callable[[int], None]
) -> None:
    """Run at least `count` different sequences; what they find and their number are in the results.

    Args:
        target: the server.
        count: how many sequences of at least three calls, no two of them alike.
        seed_number: the same one generates the same sequences, as far as the answers are the same.
        progress: told how many were run so far.
    """
    counter = _Counter(target, progress)
    machine = _machine(target, counter)
    barren = 0
    for number in numbers_from(seed_number):
        before = target.results.sequences
        if before >= count or barren >= _MOST_BARREN_RUNS:
            return
        examples = max(_FEWEST_EXAMPLES, count - before)
        seed(number)(machine)
        with suppress(*_ENDS_OF_A_RUN):
            machine.run(
                settings=settings(
                    GENERATED_SETTINGS, max_examples=examples, stateful_step_count=STEPS
                )
            )
        barren = barren + 1 if target.results.sequences == before else 0


class _Counter:
    """Counts sequences that are not like an earlier one."""

    def __init__(self, target: Target, progress: Callable[[int], None]) -> None:
        self._target = target
        self._progress = progress
        self._known: Set[Tuple[str, ...]] = set()

    def add(self, calls: Tuple[str, ...], deletions: int) -> None:
        """Count a sequence of these calls, and of as many deletions of what was left."""
        results = self._target.results
        results.steps += len(calls) + deletions
        if len(calls) >= _FEWEST_CALLS and calls not in self._known:
            self._known.add(calls)
            results.sequences += 1
            self._progress(results.sequences)


def _machine(target: Target, counter: _Counter) -> Type[APIStateMachine]:
    base: Any = load_schema(target.contract, LINKS).as_state_machine()
    by_label: Dict[str, Operation] = {
        f"{each.method} {each.path}": each for each in target.contract.operations.values()
    }

    class Calls(base):  # type: ignore[misc]
        """One sequence, by way of the run's sender."""

        def setup(self) -> None:
            self.model = MemoryModel()
            self.calls: Tuple[str, ...] = ()

        def call(self, case: Case[Any], **_: Any) -> schemathesis.Response:
            operation = by_label[case.operation.label]
            _keep_to_own(target, operation, case)
            self.response = send_case(target, operation, case)
            self.calls += (f"{operation.id} {case.query!r} {case.body!r}",)
            return as_response(case, self.response)

        def step(self, input: Any) -> Any:
            try:
                return super().step(input)
            except NotSentError:
                target.results.not_sent += 1
            except (UnusableResponseError, CheckSkippedError):
                pass
            return None

        def validate_response(self, _response: Any, case: Case[Any], **_: Any) -> None:
            operation = by_label[case.operation.label]
            validate_case_outcome(target, operation, case, self.response)
            memory_id: Optional[str] = (case.path_parameters or {}).get("memory_id")
            found = self.model.observe(operation.id, memory_id, case.body, self.response)
            _note(target, operation, found, self.response)

        def teardown(self) -> None:
            counter.add(self.calls, _delete_all(target, self.model))

    return Calls


def _keep_to_own(target: Target, operation: Operation, case: Case[Any]) -> None:
    """Replace an id that is not the run's, in what changes a memory, by one that no memory has."""
    own = target.sender.own
    if operation.method in ("PATCH", "DELETE"):
        memory_id = str(case.path_parameters.get("memory_id"))
        if memory_id not in own.created | own.absent:
            case.path_parameters = {"memory_id": target.cached("absent", target.sender.invent_id)}


def _note(
    target: Target, operation: Operation, found: Sequence[Contradiction], response: Response
) -> None:
    for rule, sentence in RULES.items():
        messages = [each.message for each in found if each.rule == rule]
        target.record_check(operation, rule, sentence, "; ".join(messages[:3]), response)


def _delete_all(target: Target, model: MemoryModel) -> int:
    """Delete what a sequence has left, and return how many calls that took."""
    operation = target.contract.operations["delete_memory"]
    memory_ids = model.alive()
    for memory_id in memory_ids:
        with suppress(UnusableResponseError, CheckSkippedError, NotSentError):
            response = target.call(operation.id, memory_id=memory_id)
            _note(target, operation, model.observe(operation.id, memory_id, None, response), response)
    return len(memory_ids)
