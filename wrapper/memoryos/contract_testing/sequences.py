"""Sequences of calls: create, then read, change, search and delete, in any order."""

from __future__ import annotations

from contextlib import suppress
from itertools import count as numbers_from
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Type

from hypothesis import seed, settings
from hypothesis.errors import Flaky, Unsatisfiable

from .expectations import Skipped, Unusable
from .generated_cases import GENERATED_SETTINGS
from .generation import as_response, judge_case, load_schema, send_case
from .memory_model import RULES, MemoryModel
from .sender import NotSentError

if TYPE_CHECKING:
    import schemathesis
    from schemathesis import Case
    from schemathesis.generation.stateful import APIStateMachine

    from .answer import Answer
    from .contract import Operation
    from .target import Target

__all__ = ["LINKS", "run_sequences"]

STEPS = 8
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
_MOST_BARREN_RUNS = 5


def run_sequences(
    target: Target, count: int, seed_number: int, progress: Callable[[int], None]
) -> None:
    """Run at least `count` sequences; what they find goes to the results, like their number.

    Args:
        target: the server.
        count: how many sequences.
        seed_number: the same one generates the same sequences.
        progress: told how many were run so far.
    """
    machine = _machine(target, progress)
    barren = 0
    for number in numbers_from(seed_number):
        before = target.results.sequences
        missing = count - before
        if missing <= 0 or barren >= _MOST_BARREN_RUNS:
            return
        seed(number)(machine)
        with suppress(*_ENDS_OF_A_RUN):
            machine.run(
                settings=settings(
                    GENERATED_SETTINGS, max_examples=missing, stateful_step_count=STEPS
                )
            )
        barren = barren + 1 if target.results.sequences == before else 0


def _machine(target: Target, progress: Callable[[int], None]) -> Type[APIStateMachine]:
    base: Any = load_schema(target.contract, LINKS).as_state_machine()
    by_label: Dict[str, Operation] = {
        f"{each.method} {each.path}": each for each in target.contract.operations.values()
    }

    class Sequence(base):  # type: ignore[misc]
        """One sequence, by way of the run's sender."""

        def setup(self) -> None:
            self.model = MemoryModel()
            self.steps = 0

        def call(self, case: Case[Any], **_: Any) -> schemathesis.Response:
            self.steps += 1
            operation = by_label[case.operation.label]
            _keep_to_own(target, operation, case)
            self.answer = send_case(target, operation, case)
            return as_response(case, self.answer)

        def step(self, input: Any) -> Any:
            try:
                return super().step(input)
            except NotSentError:
                target.results.not_sent += 1
            except (Unusable, Skipped):
                pass
            return None

        def validate_response(self, _response: Any, case: Case[Any], **_: Any) -> None:
            operation = by_label[case.operation.label]
            judge_case(target, operation, case, self.answer)
            _judge_step(target, operation, self.model, case, self.answer)

        def teardown(self) -> None:
            if self.steps:
                _finish(target, self.model, self.steps)
                progress(target.results.sequences)

    return Sequence


def _keep_to_own(target: Target, operation: Operation, case: Case[Any]) -> None:
    """Replace an id that is not the run's, in what changes a memory, by one that no memory has."""
    own = target.sender.own
    if operation.method in ("PATCH", "DELETE"):
        memory_id = str(case.path_parameters.get("memory_id"))
        if memory_id not in own.created | own.absent:
            case.path_parameters = {"memory_id": target.kept("absent", target.sender.invent_id)}


def _judge_step(
    target: Target, operation: Operation, model: MemoryModel, case: Case[Any], answer: Answer
) -> None:
    memory_id: Optional[str] = (case.path_parameters or {}).get("memory_id")
    found = model.observe(operation.id, memory_id, case.body, answer)
    by_rule: Dict[str, List[str]] = {}
    for contradiction in found:
        by_rule.setdefault(contradiction.rule, []).append(contradiction.message)
    for rule, sentence in RULES.items():
        problem = "; ".join(by_rule.get(rule, [])[:3])
        target.note(operation, rule, sentence, problem, answer)


def _finish(target: Target, model: MemoryModel, steps: int) -> None:
    """Delete what a sequence has made, as its last steps, and count it."""
    for memory_id in model.alive():
        try:
            answer = target.call("delete_memory", memory_id=memory_id)
        except (Unusable, Skipped, NotSentError):
            continue
        operation = target.contract.operations["delete_memory"]
        for contradiction in model.observe(operation.id, memory_id, None, answer):
            rule = contradiction.rule
            target.note(operation, rule, RULES[rule], contradiction.message, answer)
        steps += 1
    target.results.sequences += 1
    target.results.steps += steps
