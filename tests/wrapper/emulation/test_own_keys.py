"""`find` and `upsert`, by an id of the caller's own."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from memoryos import NotFoundError, NotSupportedError, ValidationError

from ..stand_ins import HasAll, HasOtherTags, IgnoresUnknown, Lies, RefusesUnknown

pytestmark = [pytest.mark.anyio, pytest.mark.local_server]


@pytest.fixture(params=[IgnoresUnknown, RefusesUnknown, HasAll])
def behaviour(request):
    """What the SDK does itself is what the local Memory OS does."""
    return request.param()


async def test_the_newest_is_found(place):
    await place.create("old", "new", external_id="key")
    await place.create("other")
    found = await place.done(place.memories.find(external_id="key"))
    assert found["content"] == "new"
    assert await place.done(place.memories.find(external_id="Key")) is None


async def test_a_look_up_is_no_access(place):
    await place.create("text", external_id="key")
    for _ in range(2):
        found = await place.done(place.memories.find(external_id="key"))
        assert found["access_count"] == 0
    assert place.sent("get_memory") == []


async def test_a_look_up_stops_where_it_finds(place):
    await place.create("note", external_id="key")
    await place.create(*(f"note {number}" for number in range(120)))
    await place.create("new", external_id="new key")
    before = len(place.sent("list_memories"))
    await place.done(place.memories.find(external_id="new key"))
    assert len(place.sent("list_memories")) - before == 1
    assert (await place.done(place.memories.find(external_id="key")))["content"] == "note"


@pytest.mark.parametrize("key", [None, 7, ["key"], ""])
async def test_a_key_is_a_text(place, key):
    """None would find the newest memory of all."""
    with pytest.raises(ValidationError, match="external_id"):
        await place.done(place.memories.find(external_id=key))
    with pytest.raises(ValidationError, match="external_id"):
        await place.done(place.memories.upsert(external_id=key, content="text"))
    assert place.stand_in.sent == []


async def test_what_is_not_there_is_created(place):
    upsert = place.memories.upsert(
        external_id="key", content="text", tier="long", tags=["a"], metadata={"n": 1}
    )
    created = await place.done(upsert)
    assert created["external_id"] == "key"
    assert created["tier"] == "long"
    assert created["metadata"] == {"n": 1, "tags": ["a"]}
    assert ({"upsert", "tags"} <= place.sent("create_memory")[0]) is not place.is_emulated


async def test_what_is_left_out_of_an_upsert_stays(place):
    await place.create(
        "text", external_id="key", tier="long", metadata={"n": 1}, importance_score=0.9
    )
    first = await place.done(place.memories.find(external_id="key"))
    changed = await place.done(place.memories.upsert(external_id="key", content="new"))
    assert changed["id"] == first["id"]
    assert changed["content"] == "new"
    assert changed["tier"] == "long"
    assert changed["metadata"] == {"n": 1}
    assert changed["importance_score"] == 0.9
    assert place.sent("update_memory") == ([{"content"}] if place.is_emulated else [])


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"tier": "long", "content_type": "fact", "source_id": "source"},
        {"metadata": {"n": 1.0, "tags": ["a"]}},
        {"metadata": {"n": 1}},
        {"tags": ["a"]},
        {"tags": ["a"], "metadata": {"n": 1}},
        {"importance_score": 0.5},
    ],
    ids=str,
)
async def test_an_upsert_of_the_same_changes_nothing(place, fields):
    await place.create(
        "text",
        tier="long",
        content_type="fact",
        external_id="key",
        source_id="source",
        metadata={"n": 1, "tags": ["a"]},
    )
    before = await place.done(place.memories.find(external_id="key"))
    after = await place.done(place.memories.upsert(external_id="key", content="text", **fields))
    assert after["updated_at"] == before["updated_at"]
    assert len(place.sent("create_memory")) == (1 if place.is_emulated else 2)
    assert place.sent("update_memory") == []


async def test_an_id_of_a_parent_is_the_same_in_any_case(place):
    """The service stores it in lower case."""
    parent = await place.done(place.memories.create("parent"))
    fields = {"external_id": "key", "content": "text", "parent_memory_id": parent["id"].upper()}
    before = await place.done(place.memories.upsert(**fields))
    after = await place.done(place.memories.upsert(**fields))
    assert (after["id"], after["updated_at"]) == (before["id"], before["updated_at"])


def test_a_time_of_expiry_changes_nothing_if_it_is_the_same_in_any_form(place_of):
    behaviour = IgnoresUnknown()
    behaviour.features = frozenset({"expires-at"})
    place = place_of(behaviour)
    time = datetime(2099, 1, 1, tzinfo=timezone.utc)
    for same in (time, "2099-01-01T00:00:00Z", "2099-01-01T01:00:00+01:00"):
        place.memories.upsert(external_id="key", content="text", expires_at=same)
    assert place.sent("update_memory") == []
    later = place.memories.upsert(
        external_id="key", content="text", expires_at=time + timedelta(days=1)
    )
    assert later["expires_at"].startswith("2099-01-02T")


@pytest.mark.parametrize(
    ("fields", "metadata"),
    [
        ({"tags": ["b"]}, {"n": 1, "tags": ["b"]}),
        ({"tags": []}, {"n": 1, "tags": []}),
        ({"metadata": {"m": 2}}, {"m": 2, "tags": ["a"]}),
        ({"metadata": {"n": True}}, {"n": True, "tags": ["a"]}),
        ({"metadata": {"tags": []}}, {"tags": []}),
        ({"metadata": {"tags": ["c"]}, "tags": ["b"]}, {"tags": ["c", "b"]}),
        ({"metadata": {}}, {"tags": ["a"]}),
        ({"metadata": {"tags": None}}, {"tags": None}),
    ],
    ids=str,
)
async def test_metadata_and_tags_of_an_upsert(place, fields, metadata):
    await place.create("text", external_id="key", metadata={"n": 1, "tags": ["a"]})
    after = await place.done(place.memories.upsert(external_id="key", content="text", **fields))
    assert after["metadata"] == metadata


@pytest.mark.parametrize("tags", [None, "a"])
async def test_tags_are_added_to_a_list_only(place, tags):
    """It is the caller's error, not one of the service's response."""
    await place.create("text", external_id="key")
    fields = {"external_id": "key", "metadata": {"tags": tags}, "tags": ["b"]}
    with pytest.raises(ValidationError, match=r"metadata\.tags"):
        await place.done(place.memories.upsert(content="new", **fields))
    assert (await place.done(place.memories.find(external_id="key")))["content"] == "text"


@pytest.mark.parametrize("fields", [{"content_type": "fact"}, {"source_id": "other"}], ids=str)
async def test_a_field_that_an_update_cannot_change_is_refused(place, fields):
    await place.create("text", external_id="key", source_id="source")
    upsert = place.memories.upsert
    if place.is_emulated:
        with pytest.raises(NotSupportedError, match=next(iter(fields))):
            await place.done(upsert(external_id="key", content="new", **fields))
        found = await place.done(place.memories.find(external_id="key"))
        assert found["content"] == "text"
    else:
        changed = await place.done(upsert(external_id="key", content="new", **fields))
        assert fields.items() <= changed.items()


async def test_what_is_deleted_meanwhile_is_created(place):
    await place.create("text", external_id="key")
    request = place.stand_in.behaviour.request

    def delete_first(call, forward):
        if call.name == "update_memory":
            call.path = "/memories/7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11"
        return request(call, forward)

    place.stand_in.behaviour.request = delete_first
    after = await place.done(place.memories.upsert(external_id="key", content="new"))
    assert after["content"] == "new"
    assert len(place.sent("create_memory")) == 2 or not place.is_emulated


def test_an_update_that_really_replaces_metadata_keeps_the_tags(place_of):
    place = place_of(HasOtherTags())
    place.memories.create("text", external_id="key", metadata={"tags": ["a"]})
    after = place.memories.upsert(external_id="key", content="text", metadata={"n": 1})
    assert after["metadata"] == {"n": 1, "tags": ["a"]}


def test_a_service_with_the_feature_is_asked_once(place_of):
    place = place_of(HasAll())
    place.memories.list()
    place.memories.upsert(external_id="key", content="text", tags=["a"])
    assert {"upsert", "tags", "external_id"} <= place.sent("create_memory")[0]
    assert [name for name, _ in place.stand_in.sent] == ["list_memories", "create_memory"]
    place.memories.find(external_id="key")
    assert "external_id" in place.sent("list_memories")[-1]


def test_a_service_that_lies_finds_no_other_memory(place_of):
    place = place_of(Lies())
    place.memories.create("other", external_id="other")
    assert place.memories.find(external_id="key") is None


def test_an_error_of_the_service_is_the_callers(place_of):
    place = place_of(HasOtherTags())
    place.memories.create("text", external_id="key")
    parent = "7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11"
    with pytest.raises((ValidationError, NotFoundError)):
        place.memories.upsert(external_id="new", content="text", parent_memory_id=parent)
