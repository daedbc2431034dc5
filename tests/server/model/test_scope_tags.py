"""Scope tags: no value can forge the tag of another, and a memory with two values has none."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_server.model.records import Selection
from memoryos_server.model.scope_tags import (
    is_in_scope,
    metadata_in_scope,
    scope_key,
    scope_tag,
)

ALICE = ("agent:support", "user:alice")
NOW = datetime(2026, 11, 22, 10, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("key", "value", "tag"),
    [
        ("user", "alice", "user:alice"),
        ("user", "Alice", "user:%41lice"),
        ("user", "a:b", "user:a%3ab"),
        ("user", "a%3ab", "user:a%253ab"),
        ("user", " a", "user:%20a"),
        ("user", "ä", "user:%c3%a4"),
        ("user", "a\u0308", "user:a%cc%88"),
        ("user", "x@y-z_1.org", "user:x@y-z_1.org"),
        ("Team", "~", "%54eam:%7e"),
        ("user", "a" * 64, "user:" + "a" * 64),
        ("user", "a" * 65, "user:~" + hashlib.sha256(b"a" * 65).hexdigest()),
    ],
)
def test_a_tag_is_encoded(key, value, tag):
    assert scope_tag(key, value) == tag


@pytest.mark.parametrize(
    ("key", "value"), [("", "a"), ("user", ""), ("user", "\ud800"), ("k" * 65, "a")]
)
def test_a_tag_needs_a_key_and_a_value(key, value):
    with pytest.raises(ValueError, match=r"empty|encode|at most 64"):
        scope_tag(key, value)


@given(st.text(min_size=1), st.text(min_size=1))
def test_different_values_have_different_tags_in_every_form_of_a_tag(one, other):
    tags = [scope_tag("user", value) for value in (one, other)]
    folded = [unicodedata.normalize("NFKC", tag.strip()).casefold() for tag in tags]
    assert folded == tags
    assert (tags[0] == tags[1]) == (one == other)
    assert scope_key(tags[0]) == "user"


@pytest.mark.parametrize("tag", ["user:x", " USER :x", "ｕｓｅｒ：x", "User:"])  # noqa: RUF001
def test_other_forms_of_a_key_are_the_same_key(tag):
    assert scope_key(tag) == "user"
    assert not is_in_scope({"tags": ["user:alice", tag]}, ["user:alice"])
    assert metadata_in_scope({"tags": ["tea", tag]}, ["user:alice"])["tags"] == [
        "tea",
        "user:alice",
    ]


@pytest.mark.parametrize("tag", ["user:x", " USER :x", "ｕｓｅｒ：x"])  # noqa: RUF001
def test_every_form_of_a_tag_with_a_key_keeps_users_apart(tag):
    selection = Selection("o", NOW, tier="long", tags=(tag, "tea"), scope_tags=ALICE)
    assert selection.scope == Selection("o", NOW, tags=(tag,), scope_tags=ALICE)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (["user:alice", "agent:support"], True),
        (["user:alice", "tea", "agent:support", 7], True),
        (["user:alice"], False),
        (["user:alice", "agent:support", "user:bob"], False),
        (["user:alice", "agent:support", "USER:alice"], False),
        ("user:alice", False),
        (None, False),
    ],
)
def test_a_memory_is_in_a_scope_with_exactly_its_tags(tags, expected):
    assert is_in_scope({"tags": tags}, ALICE) == expected


def test_a_tag_of_the_scope_is_written_once():
    metadata = {"tags": ["user:alice", "tea", "user:alice"]}
    assert metadata_in_scope(metadata, ["user:alice"])["tags"] == ["tea", "user:alice"]


def test_metadata_that_is_in_the_scope_stays_as_it_is():
    metadata = {"tags": ["user:alice", "tea", "agent:support"], "n": 1}
    assert metadata_in_scope(metadata, ALICE) is metadata
    assert metadata_in_scope({"tags": "text"}, ()) == {"tags": "text"}
    assert metadata_in_scope({}, ALICE) == {"tags": [*ALICE]}
