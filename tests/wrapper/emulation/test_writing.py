"""Creating and updating with fields that the service doesn't know."""

from __future__ import annotations

import uuid

import pytest

from memoryos import ConflictError, NotFoundError, NotSupportedError, ValidationError

from ..stand_ins import HasOtherTags

pytestmark = [pytest.mark.anyio, pytest.mark.local_server]

LATER = "2099-01-01T00:00:00Z"
EARLIER = "2020-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("metadata", "tags", "stored"),
    [
        (None, ["a", "b"], {"tags": ["a", "b"]}),
        ({"n": 1}, ["a"], {"n": 1, "tags": ["a"]}),
        ({"tags": ["b", "a"]}, ["a", "c"], {"tags": ["b", "a", "c"]}),
        ({"tags": ["a"]}, [], {"tags": ["a"]}),
        (None, [], {}),
    ],
)
async def test_tags_of_a_new_memory_join_those_in_its_metadata(place, metadata, tags, stored):
    created = await place.done(place.memories.create("text", metadata=metadata, tags=tags))
    assert created["metadata"] == stored
    assert not any("tags" in given for given in place.sent("create_memory"))


@pytest.mark.parametrize("present", ["a", 7, None, [1], {"a": 1}])
async def test_tags_that_cannot_be_joined_are_refused(place, present):
    with pytest.raises(ValidationError, match=r"metadata\.tags must be a list of strings"):
        await place.done(place.memories.create("text", metadata={"tags": present}, tags=["a"]))
    assert place.sent("create_memory") == []


async def test_the_callers_metadata_stay_as_they_are(place):
    metadata = {"tags": ["a"]}
    await place.done(place.memories.create("text", metadata=metadata, tags=["b"]))
    assert metadata == {"tags": ["a"]}


@pytest.mark.parametrize(
    ("arguments", "stored"),
    [
        ({"tags": ["b"]}, {"n": 1, "tags": ["b"]}),
        ({"tags": []}, {"n": 1, "tags": []}),
        ({"tags": ["b"], "metadata": {"m": 2}}, {"m": 2, "tags": ["b"]}),
        ({"tags": ["b"], "metadata": {"tags": ["c"]}}, {"tags": ["b"]}),
    ],
)
async def test_tags_of_an_update_replace_the_old_ones(place, arguments, stored):
    """The rest of the metadata stays, unless the caller gives others."""
    memory = await place.done(place.memories.create("text", metadata={"n": 1, "tags": ["a"]}))
    changed = await place.done(place.memories.update(memory["id"], "new", **arguments))
    assert changed["metadata"] == stored
    assert changed["content"] == "new"


async def test_an_update_of_what_is_as_it_was(place):
    memory = await place.done(place.memories.create("text"))
    changed = await place.done(
        place.memories.update(memory["id"], "new", if_updated_at=memory["updated_at"])
    )
    assert changed["content"] == "new"
    with pytest.raises(ConflictError, match="nothing was changed") as caught:
        await place.done(
            place.memories.update(memory["id"], "newer", if_updated_at=memory["updated_at"])
        )
    assert caught.value.status == 409
    assert (await place.done(place.memories.get(memory["id"])))["content"] == "new"


async def test_the_time_is_compared_as_a_time(place):
    memory = await place.done(place.memories.create("text"))
    other_form = memory["updated_at"].replace("Z", "+00:00")
    await place.done(place.memories.update(memory["id"], "new", if_updated_at=other_form))


async def test_a_time_alone_changes_nothing(place):
    memory = await place.done(place.memories.create("text"))
    same = await place.done(place.memories.update(memory["id"], if_updated_at=memory["updated_at"]))
    assert same["updated_at"] == memory["updated_at"]
    assert place.sent("update_memory") == []


async def test_a_memory_that_is_not_there(place):
    with pytest.raises(NotFoundError):
        await place.done(place.memories.update(str(uuid.uuid4()), tags=["a"]))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("expires_at", LATER),
        ("created_at", EARLIER),
        ("access_count", 0),
        ("last_accessed_at", EARLIER),
    ],
)
async def test_what_cannot_be_done_is_refused(place, name, value):
    """Though the SDK could do the rest."""
    with pytest.raises(NotSupportedError, match=name):
        await place.done(place.memories.create("text", tags=["a"], **{name: value}))
    assert place.sent("create_memory") == []


async def test_an_update_with_a_time_of_expiry_is_refused(place):
    memory = await place.done(place.memories.create("text"))
    with pytest.raises(NotSupportedError, match="expires_at"):
        await place.done(place.memories.update(memory["id"], tags=["a"], expires_at=LATER))
    assert place.sent("update_memory") == []


async def test_many_are_created_as_one_is(place):
    """An item that can't be created so is a result with an error, as others are."""
    items = [
        {"content": "a", "tags": ["x"]},
        {"content": "b", "expires_at": LATER},
        "c",
        {"content": "d", "tags": ["y"], "metadata": {"tags": ["z"]}},
    ]
    results = await place.done(place.memories.create_many(items, batch="batch"))
    assert [result.ok for result in results] == [True, False, True, True]
    assert isinstance(results[1].error, NotSupportedError)
    assert results[0].memory["metadata"] == {"tags": ["x"]}
    assert results[3].memory["metadata"] == {"tags": ["z", "y"]}
    again = await place.done(place.memories.create_many(items, batch="batch"))
    assert [result.memory["id"] for result in again if result.ok] == [
        result.memory["id"] for result in results if result.ok
    ]


async def test_an_item_is_no_upsert(place):
    items = [{"content": "a", "external_id": "x", "upsert": True}]
    (result,) = await place.done(place.memories.create_many(items))
    assert isinstance(result.error, ValidationError)


def test_metadata_that_an_update_replaces_stay(place_of):
    """Where `metadata` of an update really replaces all, as the documentation says."""
    place = place_of(HasOtherTags())
    memory = place.memories.create("text", metadata={"n": 1, "tags": ["a"], "entities": []})
    changed = place.memories.update(memory["id"], tags=["b"])
    assert changed["metadata"] == {"n": 1, "tags": ["b"], "entities": []}
