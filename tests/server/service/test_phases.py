"""The phases that operations report, with an embedder and without, on both stores."""

from __future__ import annotations

import pytest

from memoryos_server.model.phases import PHASES, measured_phases

pytestmark = pytest.mark.both_stores
NAMES = {phase.name for phase in PHASES}


def phases(call, *arguments, **named):
    """Return the names of the phases that took time."""
    with measured_phases() as seconds:
        call(*arguments, **named)
    assert all(spent > 0 for spent in seconds.values())
    return set(seconds)


def test_a_search_has_all_phases_and_without_an_embedder_all_but_the_embedding(either, store):
    either.create("The ferry leaves at noon")
    either.search("ferry", threshold=0)  # the first one loads modules
    without = set() if either.search("ferry")["search_type"] == "semantic" else {"embedding"}
    assert phases(either.search, "ferry", threshold=0) == NAMES - without
    assert phases(either.context, "When does the ferry leave?") == NAMES - without


def test_operations_that_embed_nothing_have_no_phases(user, store):
    memory = user.create("The ferry leaves at noon")
    assert phases(user.create, "The train leaves at ten") == {"embedding"}
    assert phases(user.update, memory["id"], content="It leaves at one") == {"embedding"}
    assert phases(user.update, memory["id"], importance_score=0.1) == set()
    assert phases(user.list) == set()
    assert phases(user.get, memory["id"]) == set()
