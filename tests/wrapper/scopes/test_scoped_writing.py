"""What views store and change: their own memories only, which keep the scope's tags."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from memoryos import InvalidResponseError, MemoryOS, NotFoundError

from ..stand_ins import Behaviour
from .services import EVERYWHERE, ON_STAND_INS, UNKNOWN_ID, names_of, two_users

pytestmark = ON_STAND_INS


@EVERYWHERE
async def test_that_a_memory_can_be_changed_whose_tags_are_not_all_texts(service_of, behaviour):
    service = service_of(behaviour)
    tags = {"tags": [1, "user:alice", None, "tea"]}
    odd = await service.done(service.client.memories.create("A", metadata=tags, external_id="o"))
    alice = service.client.scoped(user="alice").memories
    changed = await service.done(alice.update(odd["id"], metadata={"a": 1}))
    assert changed["metadata"] == {"a": 1, "tags": ["user:alice", "tea"]}
    await service.done(service.client.memories.update(odd["id"], metadata=tags))
    upserted = await service.done(alice.upsert(external_id="o", content="B"))
    assert (upserted["id"], upserted["content"]) == (odd["id"], "B")


@pytest.mark.parametrize("name", ["get", "update", "delete"])
async def test_that_a_foreign_memory_is_like_none(service_of, name):
    """The same error for both, and nothing is sent that changes anything."""
    service = service_of("has everything")
    alice, bob = await two_users(service)
    (foreign,) = (await service.done(bob.memories.list()))["data"]
    arguments = {"content": "stolen"} if name == "update" else {}
    errors = []
    for one in (foreign["id"], UNKNOWN_ID):
        service.sent.clear()
        with pytest.raises(NotFoundError) as caught:
            await service.done(getattr(alice.memories, name)(one, **arguments))
        errors.append((str(caught.value), caught.value.details))
        assert names_of(service) == ["get_memory"]
    assert errors[0] == errors[1]


async def test_that_the_checks_of_a_scope_count_as_no_access(service_of):
    service = service_of("has everything")
    alice, bob = await two_users(service)
    (own,) = (await service.done(alice.memories.list()))["data"]
    (foreign,) = (await service.done(bob.memories.list()))["data"]
    await service.done(alice.memories.update(own["id"], "changed"))
    await service.done(alice.memories.create("child", parent_memory_id=own["id"]))
    with pytest.raises(NotFoundError):
        await service.done(alice.memories.update(foreign["id"], "stolen"))
    with pytest.raises(NotFoundError):
        await service.done(alice.memories.delete(foreign["id"]))
    stored = (await service.done(service.client.memories.list()))["data"]
    assert [memory["access_count"] for memory in stored] == [0, 0, 0]
    await service.done(alice.memories.get(own["id"], uncounted=True))
    assert (await service.done(alice.memories.get(own["id"])))["access_count"] == 1


async def test_that_a_foreign_memory_cannot_be_a_parent(service_of):
    service = service_of("has everything")
    alice, bob = await two_users(service)
    (foreign,) = (await service.done(bob.memories.list()))["data"]
    with pytest.raises(NotFoundError):
        await service.done(alice.memories.create("child", parent_memory_id=foreign["id"]))
    (result,) = await service.done(
        alice.memories.create_many([{"content": "child", "parent_memory_id": foreign["id"]}])
    )
    assert isinstance(result.error, NotFoundError)
    child = await service.done(bob.memories.create("child", parent_memory_id=foreign["id"]))
    assert child["parent_memory_id"] == foreign["id"]


@EVERYWHERE
async def test_that_updates_keep_the_tags_of_the_scope(service_of, behaviour):
    service = service_of(behaviour)
    alice = service.client.scoped(user="alice")
    memories = alice.memories
    one = (await service.done(memories.create("tea", metadata={"tags": ["cup"], "n": 1})))["id"]
    updated = await service.done(memories.update(one, metadata={"n": 2}))
    assert updated["metadata"] == {"tags": ["user:alice", "cup"], "n": 2}
    updated = await service.done(memories.update(one, metadata={"tags": ["user:bob", "pot"]}))
    assert updated["metadata"]["tags"] == ["user:alice", "pot"]
    updated = await service.done(memories.update(one, tags=["USER:bob", "cup"]))
    assert updated["metadata"]["tags"] == ["user:alice", "cup"]
    updated = await service.done(memories.update(one, tags=[]))
    assert updated["metadata"]["tags"] == ["user:alice"]
    updated = await service.done(memories.update(one, "coffee"))
    assert (updated["content"], updated["metadata"]["tags"]) == ("coffee", ["user:alice"])


async def test_that_idempotency_keys_do_not_meet(service_of):
    service = service_of("has everything")
    texts = []
    for user in ("alice", "bob", "alice"):
        memories = service.client.scoped(user=user).memories
        texts.append(await service.done(memories.create(f"of {user}", idempotency_key="1")))
    assert texts[0]["id"] == texts[2]["id"] != texts[1]["id"]
    ids = []
    for user in ("alice", "bob", "alice"):
        memories = service.client.scoped(user=user).memories
        results = await service.done(memories.create_many(["one", "two"], batch="b"))
        ids.append([result.memory["id"] for result in results])
    assert ids[0] == ids[2]
    assert not set(ids[0]) & set(ids[1])


class LosesTags(Behaviour):
    """Stores no metadata."""

    def request(self, call, forward):
        """Drop them."""
        call.drop({"metadata"})
        return super().request(call, forward)


async def test_that_a_memory_that_would_be_lost_is_an_error(service_of):
    service = service_of(LosesTags())
    alice = service.client.scoped(user="alice")
    with pytest.raises(InvalidResponseError, match="doesn't have the scope's tags") as caught:
        await service.done(alice.memories.create("x"))
    (stored,) = (await service.done(service.client.memories.list()))["data"]
    assert "API key has tags of another scope" in caught.value.message
    assert stored["id"] in caught.value.message  # so that it can be deleted
    (result,) = await service.done(alice.memories.create_many(["x"]))
    assert isinstance(result.error, InvalidResponseError)


@EVERYWHERE
async def test_that_keys_of_ones_own_belong_to_a_scope(service_of, behaviour):
    service = service_of(behaviour)
    alice, bob = await two_users(service)
    first = await service.done(
        alice.memories.upsert(external_id="x", content="tea", metadata={"n": 1}, tags=["cup"])
    )
    assert await service.done(bob.memories.find(external_id="x")) is None
    other = await service.done(bob.memories.upsert(external_id="x", content="coffee"))
    assert other["id"] != first["id"]
    same = await service.done(alice.memories.upsert(external_id="x", content="tea"))
    assert (same["id"], same["updated_at"]) == (first["id"], first["updated_at"])
    assert same["metadata"] == {"tags": ["user:alice", "cup"], "n": 1}
    changed = await service.done(
        alice.memories.upsert(external_id="x", content="tea", tags=["user:bob", "pot"])
    )
    assert changed["id"] == first["id"]
    assert set(changed["metadata"]["tags"]) == {"user:alice", "pot"}
    changed = await service.done(
        alice.memories.upsert(external_id="x", content="milk", metadata={"m": 2})
    )
    assert changed["metadata"]["m"] == 2
    assert set(changed["metadata"]["tags"]) == {"user:alice", "pot"}
    changed = await service.done(
        alice.memories.upsert(external_id="x", content="milk", metadata={"tags": None})
    )
    assert changed["metadata"] == {"tags": ["user:alice"]}
    found = await service.done(bob.memories.find(external_id="x"))
    assert (found["id"], found["content"]) == (other["id"], "coffee")


class UpsertsWithoutTags(Behaviour):
    """Has upserts, and knows no tags but those in the metadata."""

    features = frozenset({"upsert"})


async def test_that_an_upsert_keeps_the_metadata_where_tags_are_a_part_of_them(service_of):
    service = service_of(UpsertsWithoutTags())
    upsert = service.client.scoped(user="alice").memories.upsert
    first = await service.done(
        upsert(external_id="x", content="tea", metadata={"n": 1}, tags=["cup"])
    )
    changed = await service.done(upsert(external_id="x", content="milk"))
    assert (changed["id"], changed["metadata"]) == (first["id"], first["metadata"])
    assert first["metadata"] == {"n": 1, "tags": ["user:alice", "cup"]}


@EVERYWHERE
async def test_that_an_upsert_leaves_the_memory_of_two_users(service_of, behaviour):
    service = service_of(behaviour)
    alice = service.client.scoped(user="alice")
    first = await service.done(alice.memories.upsert(external_id="x", content="Alice's"))
    metadata = {"tags": ["user:alice", "user:bob"], "secret": 1}
    both = await service.done(
        service.client.memories.create("of both", external_id="x", metadata=metadata)
    )
    changed = await service.done(alice.memories.upsert(external_id="x", content="Alice's!"))
    assert (changed["id"], changed["content"]) == (first["id"], "Alice's!")
    assert (await service.done(service.client.memories.get(both["id"])))["content"] == "of both"


def test_that_upserts_of_a_scope_are_atomic():
    with MemoryOS.local(":memory:", embedder="hashing") as memory:
        users = [memory.scoped(user=name).memories for name in ("alice", "bob")]

        def upsert(number):
            view = users[number % 2]
            return number % 2, view.upsert(external_id="x", content=f"tea {number}")["id"]

        with ThreadPoolExecutor(16) as pool:
            written = set(pool.map(upsert, range(64)))
    assert len(written) == 2


async def test_that_an_import_takes_on_the_scope(service_of, tmp_path):
    service = service_of("has everything")
    alice, bob = await two_users(service)
    narrow = alice.scoped(agent="x")
    await service.done(narrow.memories.create("tea", metadata={"tags": ["cup"], "n": 1}))
    path = tmp_path / "alice.jsonl"
    assert await service.done(alice.memories.export(path)) == 2
    for created in (2, 0):
        report = await service.done(bob.memories.import_(path))
        assert (report.created, report.skipped) == (created, 2 - created)
    tags = [one["metadata"]["tags"] for one in await service.done(bob.memories.iterate())]
    assert sorted(tags) == [["user:bob"], ["user:bob"], ["user:bob", "agent:x", "cup"]]
    report = await service.done(alice.memories.import_(path))
    assert (report.created, report.skipped) == (0, 2)
