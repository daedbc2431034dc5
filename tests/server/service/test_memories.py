"""Memories: what creating, reading, changing and deleting them does."""

from __future__ import annotations

import hashlib
import unicodedata
import uuid

import pytest

from memoryos_server.model.errors import ServiceError

pytestmark = pytest.mark.both_stores


UNKNOWN = "550e8400-e29b-41d4-a716-446655440000"


def test_a_new_memory_has_the_documented_defaults(user):
    memory = user.create("Ada likes tea")
    assert uuid.UUID(memory.pop("id")).version == 4
    assert memory == {
        "content": "Ada likes tea",
        "content_type": "text",
        "tier": "short",
        "memory_nature": None,
        "relevance_score": 1.0,
        "importance_score": 0.5,
        "confidence_score": 1.0,
        "decay_rate": 0.1,
        "access_count": 0,
        "last_accessed_at": None,
        "parent_memory_id": None,
        "external_id": None,
        "source_id": None,
        "metadata": {},
        "pii_detected": False,
        "pii_fields": [],
        "integrity_hash": hashlib.sha256(b"Ada likes tea").hexdigest(),
        "created_at": "2026-11-22T10:00:00.000000Z",
        "updated_at": "2026-11-22T10:00:00.000000Z",
        "expires_at": "2026-11-23T10:00:00.000000Z",
    }


def test_everything_given_is_kept(user):
    parent = user.create("a trip", tier="long")
    given = {
        "tier": "medium",
        "content_type": "event",
        "memory_nature": "episodic",
        "parent_memory_id": parent["id"],
        "metadata": {"nested": {"list": [1, 2.5, None, True, "ü\0"]}, "big": 10**30},
        "external_id": "e-1",
        "source_id": "s-1",
        "importance_score": 1,
    }
    created = user.create("Ada\0 arrived \u202e, ada@example.org", **given)
    assert {name: created[name] for name in given} == given
    assert created["expires_at"] is None
    assert created["pii_fields"] == ["email"]
    assert user.list(limit=1) == [created]


def test_the_integrity_hash_does_not_depend_on_how_accents_are_composed(user):
    composed, decomposed = "Zoë", unicodedata.normalize("NFD", "Zoë")
    assert composed != decomposed
    hashes = {user.create(text)["integrity_hash"] for text in (composed, decomposed)}
    assert len(hashes) == 1


@pytest.mark.parametrize("name", ["parent", "stranger's"])
def test_a_parent_must_be_a_memory_of_the_same_owner(user, user_of, name):
    parent = UNKNOWN
    if name == "stranger's":
        parent = user_of(user.service, "stranger").create("theirs")["id"]
    with pytest.raises(ServiceError) as refused:
        user.create("an orphan", parent_memory_id=parent)
    assert (refused.value.status, refused.value.code) == (400, "VALIDATION_ERROR")
    assert "parent_memory_id" in refused.value.message
    assert user.page().meta["total"] == 0


def test_deleting_a_parent_leaves_its_children(user):
    parent = user.create("parent", tier="long")
    child = user.create("child", tier="long", parent_memory_id=parent["id"])
    assert user.delete(parent["id"]) == {"deleted": True}
    assert user.get(child["id"])["parent_memory_id"] is None


@pytest.mark.parametrize("call", ["get", "update", "delete"])
def test_an_unknown_a_foreign_and_a_deleted_memory_are_not_found(user, user_of, call):
    foreign = user_of(user.service, "stranger").create("theirs", tier="long")
    deleted = user.create("gone")
    user.delete(deleted["id"])
    for memory_id in (UNKNOWN, foreign["id"], deleted["id"]):
        with pytest.raises(ServiceError) as refused:
            getattr(user, call)(memory_id, **({"tier": "long"} if call == "update" else {}))
        assert (refused.value.status, refused.value.code) == (404, "NOT_FOUND")


def test_an_id_in_upper_case_is_the_same_id(user):
    memory = user.create("Ada")
    assert user.get(memory["id"].upper())["id"] == memory["id"]


def test_an_update_changes_what_is_given_and_nothing_else(user, clock):
    before = user.create("Ada likes tea", tier="long", metadata={"a": 1}, importance_score=0.2)
    clock.advance(minutes=1)
    after = user.update(before["id"], importance_score=0.9, metadata={"b": 2})
    assert after == {
        **before,
        "importance_score": 0.9,
        "metadata": {"b": 2},
        "updated_at": "2026-11-22T10:01:00.000000Z",
    }


def test_new_metadata_keeps_tags_and_entities_that_it_does_not_name(user):
    ada = user.create_entity("Ada")["id"]
    old = {"tags": ["user:ada", "tea"], "entities": [ada], "note": "old"}
    memory = user.create("likes tea", tier="long", metadata=old)
    for given, kept in (
        ({"note": "new"}, {"tags": old["tags"], "entities": [ada]}),
        ({}, {"tags": old["tags"], "entities": [ada]}),
        ({"tags": ["user:bo"]}, {"entities": [ada]}),
        ({"entities": []}, {"tags": ["user:bo"]}),
        ({"tags": []}, {"entities": []}),
        ({"x": 1}, {"tags": [], "entities": []}),
    ):
        after = user.update(memory["id"], metadata=given)
        assert after["metadata"] == {**given, **kept}
        assert user.get(memory["id"])["metadata"] == {**given, **kept}
        tagged = user.found("likes tea", tags=["user:ada"])
        assert tagged == (["likes tea"] if "user:ada" in after["metadata"]["tags"] else [])
        mentioned = user.found("likes tea", entities=[ada])
        assert mentioned == (["likes tea"] if after["metadata"]["entities"] else [])


def test_new_metadata_on_a_memory_without_tags(user):
    memory = user.create("likes tea", metadata={"note": "old"})
    assert user.update(memory["id"], metadata={"a": 1})["metadata"] == {"a": 1}
    user.update(memory["id"], metadata={"tags": "not a list"})
    assert user.update(memory["id"], metadata={"a": 1})["metadata"]["tags"] == "not a list"


def test_new_content_is_hashed_searched_and_looked_through_anew(user):
    memory = user.create("Ada likes tea", tier="long")
    after = user.update(memory["id"], content="mail ada@example.org about coffee")
    assert after["pii_fields"] == ["email"]
    assert after["pii_detected"] is True
    assert after["integrity_hash"] != memory["integrity_hash"]
    assert user.found("Ada likes tea") == []
    assert user.found("mail ada@example.org about coffee") == [after["content"]]


def test_the_tier_decides_about_the_expiry(user, clock):
    memory = user.create("Ada likes tea")
    assert user.update(memory["id"], tier="long")["expires_at"] is None
    clock.advance(days=3)
    assert user.update(memory["id"], tier="short")["expires_at"] == "2026-11-26T10:00:00.000000Z"
    clock.advance(hours=1)
    unchanged = user.update(memory["id"], tier="short")
    assert unchanged["expires_at"] == "2026-11-26T10:00:00.000000Z"


def test_an_expired_memory_is_nowhere(user, clock):
    memory = user.create("Ada likes tea", metadata={"tags": ["drinks"]})
    clock.advance(hours=24)
    assert user.list() == []
    assert user.page().meta["total"] == 0
    assert user.found("Ada likes tea", threshold=0) == []
    assert user.context("Ada likes tea")["memories"] == []
    assert [tag["memory_count"] for tag in user.tags().data] == [0]
    with pytest.raises(ServiceError, match="not found"):
        user.get(memory["id"])


def test_what_expired_a_while_ago_is_deleted_for_good(user, clock, rows_of):
    user.create("secret words")
    clock.advance(hours=26)
    user.create("other", tier="long")
    assert rows_of(user.service, "SELECT content FROM memories") == [("other",)]


def test_a_clock_that_jumps_ahead_for_a_moment_costs_nobody_a_memory(user, clock):
    """What has only just expired is hidden, and not yet deleted."""
    memory = user.create("Ada likes tea")
    clock.advance(hours=24, minutes=50)
    user.create("other", tier="long")
    assert [one["content"] for one in user.list()] == ["other"]
    clock.advance(hours=-24, minutes=-50)
    assert user.get(memory["id"])["content"] == "Ada likes tea"


def test_lists_are_newest_first_and_page_exactly(user, clock):
    for number in range(5):
        user.create(f"m{number}", tier="long")
        if number != 2:  # two of one moment: the later one counts as newer
            clock.advance(seconds=1)
    everything = ["m4", "m3", "m2", "m1", "m0"]
    pages = [user.page(limit=2, offset=offset) for offset in (0, 2, 4, 6, 10**30)]
    assert [[memory["content"] for memory in page.data] for page in pages] == [
        everything[0:2],
        everything[2:4],
        everything[4:6],
        [],
        [],
    ]
    assert [page.meta["has_more"] for page in pages] == [True, True, False, False, False]
    assert {page.meta["total"] for page in pages} == {5}
    assert pages[1].meta == {"total": 5, "limit": 2, "offset": 2, "has_more": True}


def test_each_filter_of_a_list_filters_alone_and_together(user):
    user.create("a", tier="long", content_type="fact", memory_nature="semantic")
    user.create("b", tier="long", content_type="text")
    user.create("c", tier="short", content_type="fact", memory_nature="episodic")

    def listed(**filters):
        page = user.page(**filters)
        assert page.meta["total"] == len(page.data)
        return "".join(memory["content"] for memory in page.data)

    assert listed(tier="long") == "ba"
    assert listed(content_type="fact") == "ca"
    assert listed(memory_nature="episodic") == "c"
    assert listed(tier="long", content_type="fact", memory_nature="semantic") == "a"
    assert listed(tier="medium") == ""


def test_min_relevance_filters_by_the_present_relevance(user, clock):
    old = user.create("old")
    clock.advance(hours=6)
    user.create("new")
    user.create("kept", tier="long")
    clock.advance(hours=1)  # old is at 0.48 now
    assert [memory["content"] for memory in user.list(min_relevance=0.5)] == ["kept", "new"]
    assert [memory["content"] for memory in user.list(min_relevance=0.47)] == ["kept", "new", "old"]
    user.get(old["id"])
    assert user.page(min_relevance=0.95).meta["total"] == 2


def test_owners_see_nothing_of_each_other(user, user_of):
    other = user_of(user.service, "other")
    user.create("Ada likes tea", tier="long", metadata={"tags": ["drinks"]})
    user.create_entity("Ada")
    assert other.list() == []
    assert other.found("Ada likes tea", threshold=0) == []
    assert other.context("Ada likes tea")["memories"] == []
    assert other.tags().data == []
    assert other.entities().data == []
