"""Adopting memories into scopes: which get a tag, and which stay as they are."""

from __future__ import annotations

import pytest

from memoryos import InvalidResponseError
from memoryos._bulk.retag import OUTCOMES, adoption
from memoryos._protocol.scopes import Scope

ALICE = "user:alice"


def decided(**metadata):
    """Return the outcome for a memory with these metadata, and its new tags."""
    outcome, changed = adoption({"metadata": metadata}, "user_id", "user")
    if changed is None:
        return outcome, None
    assert {**changed, "tags": None} == {**metadata, "tags": None}
    return outcome, changed["tags"]


@pytest.mark.parametrize(
    ("metadata", "outcome", "tags"),
    [
        ({"user_id": "alice"}, "tagged", [ALICE]),
        ({"user_id": "alice", "tags": None, "k": [1]}, "tagged", [ALICE]),
        (
            {"user_id": "alice", "tags": ["home", "agent:x", 5]},
            "tagged",
            ["home", "agent:x", 5, ALICE],
        ),
        ({"user_id": 42}, "tagged", ["user:42"]),
        ({"user_id": "Alice, user:bob"}, "tagged", ["user:%41lice%2c%20user%3abob"]),
        ({"user_id": "alice", "tags": ["home", ALICE]}, "already", None),
        ({}, "without", None),
        ({"user_id": None, "tags": 5}, "without", None),
        ({"user_id": "alice", "tags": ["user:bob"]}, "other", None),
        ({"user_id": "alice", "tags": [ALICE, "user:bob"]}, "other", None),
        ({"user_id": "alice", "tags": [" USER:Alice"]}, "other", None),
        ({"user_id": ""}, "unusable", None),
        ({"user_id": True}, "unusable", None),
        ({"user_id": 1.5}, "unusable", None),
        ({"user_id": ["alice"]}, "unusable", None),
        ({"user_id": "\ud800"}, "unusable", None),
        ({"user_id": "alice", "tags": "home"}, "unusable", None),
        ({"user_id": "alice", "tags": {}}, "unusable", None),
    ],
)
def test_a_memory_gets_a_tag_that_leads_to_nobody_else(metadata, outcome, tags):
    """One value of a key, and nothing that it had is lost."""
    assert decided(**metadata) == (outcome, tags)
    assert outcome in OUTCOMES


def test_what_was_tagged_belongs_to_the_scope_and_stays():
    """So that the command may be repeated."""
    memory = {"metadata": {"user_id": "Zoë *", "tags": ["home"]}}
    memory["metadata"] = adoption(memory, "user_id", "user").metadata
    assert Scope({"user": "Zoë *"}).covers(memory)
    assert adoption(memory, "user_id", "user").outcome == "already"


@pytest.mark.parametrize("memory", [{}, {"metadata": 5}])
def test_a_memory_without_metadata_is_no_memory(memory):
    with pytest.raises(InvalidResponseError):
        adoption(memory, "user_id", "user")
