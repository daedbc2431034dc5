"""Run generated sequences of calls: create, then read, update, search and delete in any order."""

from __future__ import annotations

from contextlib import suppress
from itertools import count as numbers_from
from typing import TYPE_CHECKING, Any, Callable, Dict, Optional, Sequence, Set, Tuple, Type

from hypothesis import seed, settings
from hypothesis.errors import Flaky, Unsatisfiable

from memoryos.contract_testing.expectations import CheckSkippedError, UnusableResponseError
from memoryos.contract_testing.sender import NotSentError

from .case_schema import as_schemathesis_response, load_schema, send_case, validate_case_outcome
from .memory_model import MODEL_CHECKS, Contradiction, MemoryModel
from .single_cases import GENERATED_SETTINGS

if TYPE_CHECKING:
    import schemathesis
    from schemathesis import Case
    from schemathesis.generation.stateful import APIStateMachine

    from memoryos.contract_testing.contract import Operation
    from memoryos.contract_testing.http_messages import Response
    from memoryos.contract_testing.target import Target

__all__ = ["LINKS", "run_sequences"]

_MAX_SHOWN_CONTRADICTIONS = 3

MAX_CALLS = 12
"""Maximum number of calls in a sequence, without the final deletions."""

_ID = {"memory_id": "$response.body#/data/id"}
_SAME_ID = {"memory_id": "$request.path.memory_id"}
_CONTENT = "$response.body#/data/content"

# Nothing follows a list or a search, because they may return memories of others.
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
"""Calls that may follow a success, as OpenAPI links."""

# Hypothesis replays earlier calls and gives up if their responses differ, which is normal for a
# stateful server. Then another Hypothesis run is started with the next seed.
_EXPECTED_ERRORS = (Flaky, Unsatisfiable)
_MAX_RUNS_WITHOUT_NEW_SEQUENCE = 8
_MIN_CALLS = 3
_MIN_EXAMPLES = 10  # the first examples of a run are simple and often duplicates


def run_sequences(
    target: Target, count: int, seed_number: int, progress: Callable[[int], None]
) -> None:
    """Run at least `count` different sequences, and record findings and counts in the results.

    Args:
        target: The server.
        count: Number of different sequences with at least three calls.
        seed_number: Seed of the generator. Responses also influence the sequences.
        progress: Called with the number of sequences so far.
    """
    counter = _Counter(target, progress)
    machine = _machine(target, counter)
    runs_without_new = 0
    for number in numbers_from(seed_number):
        before = target.results.sequences
        if before >= count or runs_without_new >= _MAX_RUNS_WITHOUT_NEW_SEQUENCE:
            return
        examples = max(_MIN_EXAMPLES, count - before)
        seed(number)(machine)
        with suppress(*_EXPECTED_ERRORS):
            machine.run(
                settings=settings(
                    GENERATED_SETTINGS, max_examples=examples, stateful_step_count=MAX_CALLS
                )
            )
        is_new = target.results.sequences > before
        runs_without_new = 0 if is_new else runs_without_new + 1


class _Counter:
    """Counts calls and different sequences."""

    def __init__(self, target: Target, progress: Callable[[int], None]) -> None:
        self._target = target
        self._progress = progress
        self._seen: Set[Tuple[str, ...]] = set()

    def add(self, calls: Tuple[str, ...], deletions: int) -> None:
        """Count a sequence.

        Args:
            calls: The calls of the sequence.
            deletions: Number of further calls that deleted its memories.
        """
        results = self._target.results
        results.steps += len(calls) + deletions
        if len(calls) >= _MIN_CALLS and calls not in self._seen:
            self._seen.add(calls)
            results.sequences += 1
            self._progress(results.sequences)


def _machine(target: Target, counter: _Counter) -> Type[APIStateMachine]:
    base: Any = load_schema(target.contract, LINKS).as_state_machine()
    by_label: Dict[str, Operation] = {
        f"{each.method} {each.path}": each for each in target.contract.operations.values()
    }

    class Calls(base):  # type: ignore[misc]
        """State machine of one sequence."""

        def setup(self) -> None:
            self.model = MemoryModel()
            self.calls: Tuple[str, ...] = ()

        def call(self, case: Case[Any], **_: Any) -> schemathesis.Response:
            operation = by_label[case.operation.label]
            _replace_foreign_id(target, operation, case)
            self.response = send_case(target, operation, case)
            self.calls += (f"{operation.id} {case.query!r} {case.body!r}",)
            return as_schemathesis_response(case, self.response)

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
            _record(target, operation, found, self.response)

        def teardown(self) -> None:
            counter.add(self.calls, _delete_all(target, self.model))

    return Calls


def _replace_foreign_id(target: Target, operation: Operation, case: Case[Any]) -> None:
    """In calls that change a memory, replace an id that the run doesn't own by an unknown one."""
    own = target.sender.own
    if operation.method in ("PATCH", "DELETE"):
        memory_id = str(case.path_parameters.get("memory_id"))
        if memory_id not in own.created | own.absent:
            case.path_parameters = {"memory_id": target.cached("absent", target.sender.invent_id)}


def _record(
    target: Target, operation: Operation, found: Sequence[Contradiction], response: Response
) -> None:
    for check, description in MODEL_CHECKS.items():
        messages = [each.message for each in found if each.check == check]
        message = "; ".join(messages[:_MAX_SHOWN_CONTRADICTIONS])
        target.record_check(operation, check, description, message, response)


def _delete_all(target: Target, model: MemoryModel) -> int:
    """Delete the memories that a sequence left, and return the number of calls."""
    operation = target.contract.operations["delete_memory"]
    memory_ids = model.existing_ids()
    for memory_id in memory_ids:
        with suppress(UnusableResponseError, CheckSkippedError, NotSentError):
            response = target.call(operation.id, memory_id=memory_id)
            _record(
                target, operation, model.observe(operation.id, memory_id, None, response), response
            )
    return len(memory_ids)
