"""One scenario, four implementations and two stores, equal answers."""

from __future__ import annotations

import inspect

import pytest

from memoryos import MemoryOS

from . import (
    scenarios_labels,
    scenarios_memories,
    scenarios_refusals,
    scenarios_retrieval,
    scenarios_texts,
)
from .implementations import IMPLEMENTATIONS, Implementation, empty_memory
from .transcripts import differences

MODULES = (
    scenarios_memories,
    scenarios_texts,
    scenarios_retrieval,
    scenarios_labels,
    scenarios_refusals,
)
SCENARIOS = [
    function
    for module in MODULES
    for function in vars(module).values()
    if inspect.isfunction(function)
    and function.__module__ == module.__name__
    and list(inspect.signature(function).parameters) == ["memory"]
]
OPERATIONS = {
    "memories.create",
    "memories.list",
    "memories.get",
    "memories.update",
    "memories.delete",
    "search",
    "get_context",
    "tags.list",
    "entities.list",
    "entities.create",
}


@pytest.mark.usefixtures("_by_words")
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_each_implementation_answers_alike(scenario, server, tmp_path):
    """The scenario says what must come; the transcripts must be equal in all the rest as well."""
    transcripts = {}
    for implementation in IMPLEMENTATIONS:
        with empty_memory(implementation, server, tmp_path) as memory:
            scenario(memory)
            transcripts[implementation] = memory.transcript.entries
    first, *others = IMPLEMENTATIONS
    assert transcripts[first]
    for other in others:
        assert differences(transcripts[first], transcripts[other]) == [], f"{first}, {other}"


@pytest.mark.usefixtures("_by_words")
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_a_server_on_postgresql_answers_like_a_file(scenario, server_on_postgres, tmp_path):
    """To a client over HTTP, as to one in the process of its file."""
    transcripts = []
    for implementation in (IMPLEMENTATIONS[0], Implementation(MemoryOS, over_http=True)):
        with empty_memory(implementation, server_on_postgres, tmp_path) as memory:
            scenario(memory)
            transcripts.append(memory.transcript.entries)
    assert differences(*transcripts) == []


def test_the_scenarios_call_every_operation():
    """By their text: a scenario that is lost, or an operation that is new, is missed here."""
    text = "".join(inspect.getsource(scenario) for scenario in SCENARIOS)
    assert {name for name in OPERATIONS if f"memory.{name}" in text} == OPERATIONS
