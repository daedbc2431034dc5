"""What one client does with memories. Each scenario starts without any; `memory` is the client."""

from __future__ import annotations

import pytest

from memoryos import ConflictError, NotFoundError

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


def contents(page):
    """Return the contents of a page of memories, or of the results of a search."""
    return [item["content"] for item in page]


def creating_with_content_alone_fills_in_the_documented_defaults(memory):
    made = memory.memories.create("Ada drinks her coffee black")
    assert made == {
        "id": made["id"],
        "content": "Ada drinks her coffee black",
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
        "integrity_hash": made["integrity_hash"],
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
        "expires_at": made["expires_at"],
    }
    assert made["expires_at"] > made["created_at"]


def creating_keeps_every_argument(memory):
    parent = memory.memories.create("The trip to Lisbon", tier="medium")
    given = {
        "content": "Ada missed the train to Sintra",
        "tier": "long",
        "content_type": "event",
        "memory_nature": "episodic",
        "parent_memory_id": parent["id"],
        "metadata": {"mood": "amused", "with": ["Tomás", "Noor"]},
        "external_id": "trip-7",
        "source_id": "diary",
        "importance_score": 0.25,
    }
    made = memory.memories.create(*given.values())  # in the documented order
    assert {name: made[name] for name in given} == given
    assert made["expires_at"] is None
    read = memory.memories.get(made["id"])
    assert {name: read[name] for name in given} == given


def a_short_memory_expires_and_the_other_tiers_do_not(memory):
    for tier in ("short", "medium", "long"):
        made = memory.memories.create("Ada is away until Thursday", tier=tier)
        assert (made["expires_at"] is not None) is (tier == "short")


def personal_data_is_named_in_what_was_created_and_in_what_was_changed(memory):
    made = memory.memories.create("Write to ada@example.org, or ring +44 20 7946 0958")
    assert made["pii_detected"] is True
    assert sorted(made["pii_fields"]) == ["email", "phone"]
    changed = memory.memories.update(made["id"], content="Write to Ada, or ring her")
    assert (changed["pii_detected"], changed["pii_fields"]) == (False, [])


def equal_contents_have_equal_hashes_and_others_have_others(memory):
    made = [memory.memories.create(content) for content in ("tea", "tea", "coffee")]
    one, same, other = (item["integrity_hash"] for item in made)
    assert one == same != other
    assert memory.memories.update(made[0]["id"], content="coffee")["integrity_hash"] == other


def a_list_is_cut_into_pages_newest_first(memory):
    made = [memory.memories.create(f"note {number}")["id"] for number in range(5)]
    pages = [memory.memories.list(limit=2, offset=offset) for offset in (0, 2, 4)]
    listed = [item["id"] for page in pages for item in page["data"]]
    assert listed == made[::-1]
    told = [(page["meta"]["offset"], page["meta"]["has_more"]) for page in pages]
    assert told == [(0, True), (2, True), (4, False)]
    assert {(page["meta"]["total"], page["meta"]["limit"]) for page in pages} == {(5, 2)}


def a_page_that_ends_with_the_last_memory_has_no_more(memory):
    memory.memories.create("one")
    memory.memories.create("two")
    assert memory.memories.list(limit=2)["meta"]["has_more"] is False
    assert memory.memories.list(limit=1)["meta"]["has_more"] is True


def an_offset_beyond_the_end_is_an_empty_page_that_knows_the_total(memory):
    memory.memories.create("the only one")
    page = memory.memories.list(offset=7)
    assert page["data"] == []
    told = {name: page["meta"][name] for name in ("total", "limit", "offset", "has_more")}
    assert told == {"total": 1, "limit": 50, "offset": 7, "has_more": False}


def without_memories_a_list_a_search_and_a_context_are_empty(memory):
    assert memory.memories.list()["data"] == []
    found = memory.search("anything")
    assert found == {"results": [], "search_type": "semantic", "threshold": 0.7}
    context = memory.get_context("anything")
    assert (context["context"], context["memories"], context["token_count"]) == ("", [], 0)
    assert isinstance(context["retrieval_time_ms"], int)


def a_list_can_be_narrowed_by_each_property_and_by_several(memory):
    memory.memories.create("a fact", "long", "fact", "semantic")
    memory.memories.create("an event", "long", "event", "episodic")
    memory.memories.create("a talk", "short", "conversation", "episodic")
    for narrowed, expected in (
        ({"tier": "long"}, ["an event", "a fact"]),
        ({"tier": "medium"}, []),
        ({"memory_nature": "episodic"}, ["a talk", "an event"]),
        ({"content_type": "fact"}, ["a fact"]),
        ({"tier": "long", "memory_nature": "episodic"}, ["an event"]),
        ({"min_relevance": 0}, ["a talk", "an event", "a fact"]),
    ):
        page = memory.memories.list(**narrowed)
        assert contents(page["data"]) == expected, narrowed
        assert page["meta"]["total"] == len(expected)


def the_least_relevance_leaves_fresh_memories_in(memory):
    memory.memories.create("said just now", tier="long")
    assert len(memory.memories.list(min_relevance=0.99)["data"]) == 1


def an_update_replaces_the_metadata_but_the_tags_that_it_does_not_name(memory):
    made = memory.memories.create(
        "Ada plays chess", tier="long", metadata={"source": "chat", "tags": ["games"]}
    )
    changed = memory.memories.update(made["id"], metadata={"verified": True})
    assert changed["metadata"] == {"verified": True, "tags": ["games"]}
    assert changed["updated_at"] >= made["updated_at"]
    same = {name for name in made if changed[name] == made[name]}
    assert set(made) - same <= {"metadata", "updated_at", "relevance_score"}
    assert memory.memories.update(made["id"], metadata={})["metadata"] == {"tags": ["games"]}
    assert not memory.memories.update(made["id"], metadata={"tags": []})["metadata"].get("tags")


def an_update_changes_each_field_that_it_names(memory):
    made = memory.memories.create("Ada plays chess", metadata={"source": "chat"})
    for changes in (
        {"content": "Ada plays go"},
        {"tier": "medium"},
        {"importance_score": 1},
        {"importance_score": 0},
        {"memory_nature": "semantic"},
    ):
        changed = memory.memories.update(made["id"], **changes)
        assert {name: changed[name] for name in changes} == changes
        assert memory.memories.get(made["id"])["metadata"] == {"source": "chat"}


def a_memory_that_changes_tier_expires_as_its_new_tier_does(memory):
    made = memory.memories.create("Ada is in Lisbon")
    kept = memory.memories.update(made["id"], tier="long")
    assert (kept["expires_at"], kept["decay_rate"] < made["decay_rate"]) == (None, True)
    assert memory.memories.update(made["id"], tier="short")["expires_at"] is not None


def a_deleted_memory_is_gone_and_deleting_it_again_is_a_404(memory):
    made = memory.memories.create("a secret", tier="long", metadata={"tags": ["secret"]})
    assert memory.memories.delete(made["id"]) == {"deleted": True}
    for operation in (memory.memories.get, memory.memories.delete):
        with pytest.raises(NotFoundError, match="Memory not found"):
            operation(made["id"])
    with pytest.raises(NotFoundError):
        memory.memories.update(made["id"], tier="short")
    assert memory.memories.list()["data"] == []
    assert memory.search("a secret", threshold=0)["results"] == []
    assert memory.get_context("a secret")["context"] == ""


def an_id_is_the_same_in_upper_case(memory):
    made = memory.memories.create("Ada plays chess")
    assert memory.memories.get(made["id"].upper())["id"] == made["id"]


def a_memory_whose_parent_is_deleted_stays_without_one(memory):
    parent = memory.memories.create("the trip", tier="long")
    child = memory.memories.create("the train", tier="long", parent_memory_id=parent["id"])
    memory.memories.delete(parent["id"])
    assert memory.memories.get(child["id"])["parent_memory_id"] is None


def one_idempotency_key_makes_one_memory(memory):
    made = memory.memories.create("once", idempotency_key="key-1")
    again = memory.memories.create("once", idempotency_key="key-1")
    other = memory.memories.create("once", idempotency_key="key-2")
    assert (again["id"], again["created_at"]) == (made["id"], made["created_at"])
    assert other["id"] != made["id"]
    assert memory.memories.list()["meta"]["total"] == 2


def an_idempotency_key_with_another_body_is_a_conflict(memory):
    memory.memories.create("once", idempotency_key="key-1")
    for changes in ({"content": "twice"}, {"content": "once", "tier": "long"}):
        with pytest.raises(ConflictError) as caught:
            memory.memories.create(**changes, idempotency_key="key-1")
        assert (caught.value.status, caught.value.code) == (409, "CONFLICT")
    assert contents(memory.memories.list()["data"]) == ["once"]


def without_a_key_of_the_callers_equal_creations_make_two_memories(memory):
    assert memory.memories.create("again")["id"] != memory.memories.create("again")["id"]
    assert memory.memories.list()["meta"]["total"] == 2


def reading_counts_as_an_access_and_listing_does_not(memory):
    made = memory.memories.create("Ada drinks her coffee black", tier="long")

    def access():
        listed = memory.memories.list()["data"][0]
        return listed["access_count"], listed["last_accessed_at"]

    assert access() == (0, None)
    got = memory.memories.get(made["id"])
    assert (got["access_count"], got["last_accessed_at"]) == access()
    assert (got["access_count"], got["last_accessed_at"] > made["created_at"]) == (1, True)
    memory.search("Ada drinks her coffee black")
    assert access() > (2, got["last_accessed_at"])
    memory.search("something else entirely")
    memory.get_context("coffee", max_tokens=0)
    assert access()[0] == 2
    memory.get_context("coffee")
    assert access()[0] == 3
    memory.memories.update(made["id"], importance_score=0.9)
    memory.tags.list()
    assert access()[0] == 3
