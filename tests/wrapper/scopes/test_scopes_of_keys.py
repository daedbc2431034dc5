"""The SDK and the server, which share no code, encode scopes and decide on memories alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos._protocol.scopes import Scope, key_of

pytestmark = pytest.mark.local_server

KEYS = st.sampled_from(["user", "agent", "User", "a:b", "é", "k" * 64])
TAGS = st.sampled_from(
    [
        "user:ada",
        "user:bob",
        "agent:support",
        "USER:ada",
        "\uff55ser:ada",
        "user\uff1ax",
        "tea",
        " user :x",
    ]
)


@given(KEYS, st.text(min_size=1))
def test_tags_are_encoded_alike(key, value):
    from memoryos_server.model.scope_tags import scope_tag

    assert [scope_tag(key, value)] == Scope({key: value}).tags


@given(st.lists(TAGS))
def test_memories_are_judged_alike(tags):
    from memoryos_server.model.scope_tags import is_in_scope, scope_key

    metadata = {"tags": tags}
    scope = Scope({"user": "ada", "agent": "support"})
    assert is_in_scope(metadata, scope.tags) == scope.covers({"metadata": metadata})
    assert [scope_key(tag) or "" for tag in tags] == [key_of(tag) for tag in tags]
