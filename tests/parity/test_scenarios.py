"""One scenario, four implementations and two stores, equal answers."""

from __future__ import annotations

import inspect

import pytest

from memoryos import MemoryOS
from memoryos._protocol import observers
from memoryos._protocol.observers import Observer
from memoryos_api.operations import OPERATIONS

from . import (
    scenarios_errors,
    scenarios_labels,
    scenarios_memories,
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
    scenarios_errors,
)
SCENARIOS = [
    function
    for module in MODULES
    for function in vars(module).values()
    if inspect.isfunction(function)
    and function.__module__ == module.__name__
    and list(inspect.signature(function).parameters) == ["memory"]
]


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


@pytest.mark.usefixtures("_by_words")
def test_the_scenarios_call_every_operation(server, tmp_path, monkeypatch):
    """Those of the contract: one that is new is missed here until a scenario calls it."""
    called = set()

    def observe(operation, _):
        called.add(operation.name)
        return Observer()

    monkeypatch.setattr(observers, "factories", [observe])
    for number, scenario in enumerate(SCENARIOS):
        folder = tmp_path / str(number)
        folder.mkdir()
        with empty_memory(IMPLEMENTATIONS[0], server, folder) as memory:
            scenario(memory)
        if called >= set(OPERATIONS):
            break
    assert called == set(OPERATIONS)
