"""Views of a client on one scope: what they send, return and refuse."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from memoryos import (
    AsyncScopedMemoryOS,
    InvalidResponseError,
    MemoryOS,
    NotFoundError,
    NotSupportedError,
    ScopedMemoryOS,
    ScopeWarning,
    ValidationError,
    prompts,
)

from ..stand_ins import Behaviour, HasAll, HasOtherTags, StandIn

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.local_server,
    pytest.mark.off_contract(reason="the stand-ins answer what the contract does not allow"),
]

EVERYWHERE = pytest.mark.parametrize(
    "behaviour", ["ignores unknown fields", "has everything", "ignores tags", "lies"]
)
WITHOUT_TAGS = pytest.mark.parametrize(
    "behaviour", ["doesn't know metadata.tags", "filters lists, but doesn't know metadata.tags"]
)
MIXING = pytest.mark.parametrize("behaviour", ["ignores tags", "lies"])
UNKNOWN_ID = "7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11"


@pytest.fixture(autouse=True)
def _scope_warnings():
    """Let the tests decide which warnings they expect."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ScopeWarning)
        yield


async def two_users(service):
    """Return the views of two users, each with a memory."""
    alice, bob = service.memory.scoped(user="alice"), service.memory.scoped(user="bob")
    await service.done(alice.memories.create("Alice earns 5000"))
    await service.done(bob.memories.create("Bob earns 4000"))
    return alice, bob


def names_of(service):
    """Return the names of the operations that were sent."""
    return [name for name, _ in service.sent]


async def test_that_a_view_has_its_scope(service_of):
    service = service_of("has everything")
    view = service.memory.scoped(user="alice")
    session = view.scoped(session="s1")
    assert type(view) is (AsyncScopedMemoryOS if service.is_async else ScopedMemoryOS)
    assert view.scope == {"user": "alice"}
    assert session.scope == {"user": "alice", "session": "s1"}
    assert view.base_url == service.memory.base_url
    assert service.sent == []
    view.scope["user"] = "bob"
    assert view.scope == {"user": "alice"}


async def test_that_a_view_shows_no_values(service_of):
    view = service_of("has everything").memory.scoped(user="alice", agent="x")
    assert repr(view) in ("ScopedMemoryOS(user=…, agent=…)", "AsyncScopedMemoryOS(user=…, agent=…)")
    with pytest.raises(TypeError, match="can't be pickled"):
        pickle.dumps(view)


@pytest.mark.parametrize("keys", [{}, {"user": ""}, {"user": None}, {"user": 7}])
async def test_that_a_scope_without_a_text_is_refused(service_of, keys):
    memory = service_of("has everything").memory
    with pytest.raises(ValidationError):
        memory.scoped(**keys)
    with pytest.raises(ValidationError):
        memory.scoped(tenant="t").scoped(**keys)


async def test_that_a_view_lacks_what_cannot_be_scoped(service_of):
    view = service_of("has everything").memory.scoped(user="alice")
    for name in ("tags", "entities", "with_raw_response", "low_level", "close", "local"):
        assert not hasattr(view, name)
    assert not hasattr(view.memories, "with_raw_response")


async def test_that_other_operations_are_refused(service_of):
    from memoryos._protocol import operations

    service = service_of("has everything")
    session = service.memory.scoped(user="alice")._session
    with pytest.raises(NotSupportedError, match="list_tags"):
        await service.done(session.call(operations.list_tags, {}))
    assert service.sent == []


async def test_that_options_keep_the_scope(service_of):
    service = service_of("has everything")
    alice, bob = await two_users(service)
    patient = alice.with_options(timeout=60, headers={"X-A": "b"})
    assert patient.scope == {"user": "alice"}
    assert patient._scoped.settings.timeout == 60
    page = await service.done(patient.memories.list())
    assert [one["content"] for one in page["data"]] == ["Alice earns 5000"]
    with pytest.raises(ValidationError):
        bob.with_options(timeout=-1)


@EVERYWHERE
async def test_that_a_context_has_the_scopes_memories_only(service_of, behaviour):
    service = service_of(behaviour)
    alice, _ = await two_users(service)
    context = await service.done(alice.get_context("earns"))
    assert "Alice earns 5000" in context["context"]
    assert "Bob" not in json.dumps(context)
    assert len(context["memories"]) == 1


async def test_that_the_text_of_a_service_that_can_be_verified_is_used(service_of):
    service = service_of("has everything")
    alice, _ = await two_users(service)
    service.sent.clear()
    await service.done(alice.get_context("earns"))
    assert names_of(service) == ["get_context"]


class HidesEntries(HasAll):
    """Makes contexts of everything, and doesn't say of what."""

    def request(self, call, forward):
        """Leave out the memories of a context."""
        if call.name == "get_context":
            call.drop({"tags"})
        status, body = super().request(call, forward)
        if call.name == "get_context":
            body["data"]["memories"] = []
        return status, body


async def test_that_a_text_without_entries_is_not_used(service_of):
    service = service_of(HidesEntries())
    alice, _ = await two_users(service)
    context = await service.done(alice.get_context("earns"))
    assert "Alice" in context["context"]
    assert "Bob" not in context["context"]


@MIXING
async def test_that_a_service_that_mixes_scopes_is_asked_for_more(service_of, behaviour, caplog):
    service = service_of(behaviour)
    alice, bob = await two_users(service)
    for number in range(30):
        await service.done(bob.memories.create(f"Bob drinks tea {number}"))
    await service.done(alice.memories.create("Alice drinks tea, too"))
    caplog.clear()
    for _ in range(2):  # at each call
        with pytest.warns(ScopeWarning, match=r"don't belong to the scope, .*\(scope: user\)"):
            found = await service.done(alice.search("tea", threshold=0, limit=5))
        assert {one["content"] for one in found["results"]} == {
            "Alice drinks tea, too",
            "Alice earns 5000",
        }
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2
    assert "alice" not in caplog.text


@EVERYWHERE
async def test_that_a_memory_can_be_changed_whose_tags_are_not_all_texts(service_of, behaviour):
    service = service_of(behaviour)
    tags = {"tags": [1, "user:alice", None, "tea"]}
    odd = await service.done(service.memory.memories.create("A", metadata=tags, external_id="o"))
    alice = service.memory.scoped(user="alice").memories
    changed = await service.done(alice.update(odd["id"], metadata={"a": 1}))
    assert changed["metadata"] == {"a": 1, "tags": ["user:alice", "tea"]}
    await service.done(service.memory.memories.update(odd["id"], metadata=tags))
    upserted = await service.done(alice.upsert(external_id="o", content="B"))
    assert (upserted["id"], upserted["content"]) == (odd["id"], "B")


@pytest.mark.parametrize(
    "call", [lambda view: view.search("earns", threshold=0), lambda view: view.get_context("earns")]
)
async def test_that_a_warning_points_to_the_call(service_of, call):
    """Python shows one for each line that a warning points to."""
    service = service_of("ignores tags")
    alice, _ = await two_users(service)
    with pytest.warns(ScopeWarning) as caught:
        await service.done(call(alice))
    caller = "conftest.py" if service.is_async else "test_scoped_clients.py"  # which awaits it
    assert [Path(one.filename).name for one in caught] == [caller]


async def test_that_a_full_answer_warns_of_nothing(service_of):
    service = service_of("ignores tags")
    alice, _ = await two_users(service)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = await service.done(alice.search("earns", threshold=0, limit=1))
    assert [one["content"] for one in found["results"]] == ["Alice earns 5000"]


@MIXING
async def test_that_pages_count_the_scopes_memories(service_of, behaviour):
    service = service_of(behaviour)
    alice, bob = await two_users(service)
    for number in range(5):
        await service.done(alice.memories.create(f"a{number}"))
        await service.done(bob.memories.create(f"b{number}"))
    page = await service.done(alice.memories.list(2, 1))
    assert [one["content"] for one in page["data"]] == ["a3", "a2"]
    meta = page["meta"]
    assert (meta["total"], meta["limit"], meta["offset"], meta["has_more"]) == (6, 2, 1, True)


async def test_that_a_total_is_that_of_the_scope(service_of):
    """Though a page that nobody has filtered may have memories of one scope only."""
    service = service_of("ignores tags")
    _, bob = await two_users(service)
    page = await service.done(bob.memories.list(1))
    assert [one["content"] for one in page["data"]] == ["Bob earns 4000"]
    assert (page["meta"]["total"], page["meta"]["has_more"]) == (1, False)
    service = service_of("ignores tags")
    await two_users(service)
    page = await service.done(service.memory.scoped(user="carol").memories.list(offset=5))
    assert (page["data"], page["meta"]["total"]) == ([], 0)


async def test_that_filtered_lists_are_found_out_once(service_of):
    service = service_of("has everything")
    alice, bob = await two_users(service)
    service.sent.clear()
    for view in (alice, bob, alice):
        await service.done(view.memories.create("tea"))
        await service.done(view.memories.list(1))
    assert names_of(service).count("list_memories") == 4


@WITHOUT_TAGS
async def test_that_the_first_write_shows_whether_tags_are_read(service_of, behaviour, caplog):
    service = service_of(behaviour)
    alice = service.memory.scoped(user="alice")
    with pytest.warns(ScopeWarning, match="doesn't find a memory by the tags"):
        await service.done(alice.memories.create("Alice earns 5000", tags=["pay"]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # once only
        bob = service.memory.scoped(user="bob")
        await service.done(bob.memories.create("Bob earns 4000"))
        page = await service.done(alice.memories.list(tags=["pay"]))
        assert [one["content"] for one in page["data"]] == ["Alice earns 5000"]
        assert (await service.done(bob.memories.list(tags=["pay"])))["data"] == []
    assert len(caplog.records) == 1
    found = await service.done(alice.search("earns", threshold=0, tags=["pay"]))
    assert [one["content"] for one in found["results"]] == ["Alice earns 5000"]


@pytest.mark.parametrize("behaviour", ["ignores unknown fields", "has everything"])
async def test_that_the_first_write_of_a_client_is_looked_up_once(service_of, behaviour):
    service = service_of(behaviour)
    await two_users(service)
    looked_up = "list_memories" if behaviour == "has everything" else "search_memories"
    assert [name for name, given in service.sent if "tags" in given] == [looked_up]


@pytest.mark.parametrize("behaviour", ["ignores unknown fields", "has everything"])
async def test_that_the_first_write_may_change_an_old_memory(service_of, behaviour):
    service = service_of(behaviour)
    plain = service.memory.memories
    tags = {"tags": ["user:alice"]}
    old = await service.done(plain.create("Alice earns 5000", metadata=tags))
    newer = plain.create_many({"content": f"tea {n}", "metadata": tags} for n in range(101))
    assert all(result.ok for result in await service.done(newer))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        alice = service.memory.scoped(user="alice")
        await service.done(alice.memories.update(old["id"], "Alice earns 6000"))
    assert service.memory._session.features.tag_filtering.works


@WITHOUT_TAGS
@pytest.mark.parametrize("name", ["list", "iterate", "search", "get_context", "delete_all"])
async def test_that_reading_alone_shows_whether_tags_are_read(service_of, behaviour, name):
    """After a restart, too, an application must not take what it can't find for nothing."""
    service = service_of(behaviour)
    metadata = {"tags": ["user:alice"]}
    await service.done(service.memory.memories.create("Alice earns 5000", metadata=metadata))
    await service.done(service.memory.memories.create("untagged"))
    alice = service.memory.scoped(user="alice")
    read = {
        "list": alice.memories.list,
        "iterate": alice.memories.iterate,
        "search": lambda: alice.search("earns", threshold=0),
        "get_context": lambda: alice.get_context("earns"),
        "delete_all": lambda: alice.memories.delete_all(confirm=True),
    }
    answer = await service.done(read[name]())
    assert "Alice earns 5000" in str(answer) or answer["deleted"] == 1


class Interrupts(HasOtherTags):
    """Doesn't know metadata.tags, and calls a function in the middle of a search, once."""

    meanwhile = None

    def request(self, call, forward):
        """Call the function, and answer then."""
        meanwhile = self.meanwhile
        if call.name == "search_memories" and meanwhile is not None:
            self.meanwhile = None
            meanwhile()
        return super().request(call, forward)


def test_that_nothing_found_is_not_believed_while_a_write_looks_itself_up():
    stand_in = StandIn(Interrupts())
    with stand_in.client() as memory:
        bob = memory.scoped(user="bob")
        memory.memories.create("Bob earns 4000", metadata={"tags": ["user:bob"]})
        found = []
        stand_in.behaviour.meanwhile = lambda: found.extend(
            bob.search("earns", threshold=0)["results"]
        )
        memory.scoped(user="alice").memories.create("Alice earns 5000")
        assert [one["content"] for one in found] == ["Bob earns 4000"]


async def test_that_a_service_without_memories_is_believed(service_of):
    service = service_of("has everything")
    alice = service.memory.scoped(user="alice")
    assert (await service.done(alice.search("tea")))["results"] == []
    assert names_of(service) == ["search_memories", "list_memories"]
    await two_users(service)
    service.sent.clear()
    carol = service.memory.scoped(user="carol")
    assert (await service.done(carol.search("tea")))["results"] == []
    assert names_of(service) == ["search_memories"]


class MatchesAny(HasAll):
    """Lists the memories that have one of the tags."""

    def request(self, call, forward):
        """Forget all tags but the first."""
        if call.name == "list_memories":
            first = [one for one in call.query if one[0] == "tags"][:1]
            first = [(name, text.split(",")[0]) for name, text in first]
            call.query = [one for one in call.query if one[0] != "tags"] + first
        return super().request(call, forward)


async def test_that_a_total_is_that_of_all_tags(service_of):
    service = service_of(MatchesAny())
    support = service.memory.scoped(agent="support")
    for user in ("alice", "bob", "bob", "alice"):
        await service.done(support.scoped(user=user).memories.create(f"tea of {user}"))
    alice = support.scoped(user="alice")
    page = await service.done(alice.memories.list(limit=1))
    assert page["meta"]["total"] == 2


class Fails(HasAll):
    """Refuses a list, once."""

    failures = 1

    def request(self, call, forward):
        """Fail."""
        if call.name == "list_memories" and self.failures:
            self.failures -= 1
            return 403, {"error": {"code": "FORBIDDEN", "message": "no"}, "meta": {}}
        return super().request(call, forward)


async def test_that_a_failed_look_up_is_made_at_the_next_write(service_of):
    service = service_of(Fails())
    await two_users(service)
    assert names_of(service) == ["create_memory", "list_memories"] * 2


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
    alice = service.memory.scoped(user="alice")
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


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("create", {"content": ""}),
        ("create", {"content": "x", "metadata": ["no"]}),
        ("create", {"content": "x", "metadata": {"tags": "no"}}),
        ("create", {"content": "x", "tags": "no"}),
        ("update", {"memory_id": UNKNOWN_ID}),
        ("update", {"memory_id": UNKNOWN_ID, "metadata": 7}),
        ("update", {"memory_id": UNKNOWN_ID, "tags": [7]}),
        ("get", {"memory_id": "no"}),
        ("list", {"limit": 0}),
        ("list", {"tags": "no"}),
        ("list", {"offset": -1}),
        ("upsert", {"external_id": "x", "content": ""}),
        ("upsert", {"external_id": "x", "content": "x", "tags": "no"}),
    ],
)
@pytest.mark.parametrize("behaviour", ["has everything", "doesn't know metadata.tags"])
async def test_that_invalid_arguments_send_nothing(service_of, behaviour, name, arguments):
    service = service_of(behaviour)
    await two_users(service)
    await service.done(service.memory.memories.list())
    service.sent.clear()
    alice = service.memory.scoped(user="alice")
    with pytest.raises(ValidationError):
        await service.done(getattr(alice.memories, name)(**arguments))
    assert service.sent == []


@pytest.mark.parametrize("name", ["search", "get_context"])
@pytest.mark.parametrize("arguments", [{"query": ""}, {"query": "x", "tags": "no"}])
@pytest.mark.parametrize("behaviour", ["has everything", "doesn't know metadata.tags"])
async def test_that_invalid_searches_send_nothing(service_of, behaviour, name, arguments):
    service = service_of(behaviour)
    alice, _ = await two_users(service)
    service.sent.clear()
    with pytest.raises(ValidationError):
        await service.done(getattr(alice, name)(**arguments))
    assert service.sent == []


@pytest.mark.parametrize("behaviour", ["has everything", "doesn't know metadata.tags"])
@pytest.mark.parametrize("arguments", [{"tags": 7}, {"tags": "no"}, {"tier": 7}])
async def test_that_invalid_filters_of_all_memories_send_nothing(service_of, behaviour, arguments):
    service = service_of(behaviour)
    alice, _ = await two_users(service)
    service.sent.clear()
    with pytest.raises(ValidationError):
        await service.done(alice.memories.iterate(**arguments))
    assert service.sent == []


@MIXING
async def test_that_an_embedding_can_be_read_once(service_of, behaviour):
    service = service_of(behaviour)
    alice, _ = await two_users(service)
    vector = iter([1.0, *[0.0] * 1535])
    found = await service.done(alice.search(embedding=vector, threshold=0))
    assert {one["content"] for one in found["results"]} <= {"Alice earns 5000"}


async def test_that_prompts_take_what_a_scope_returns(service_of):
    service = service_of("has everything")
    alice, _ = await two_users(service)
    for context in (
        await service.done(alice.get_context("earns")),
        await service.done(alice.search("earns", threshold=0)),
    ):
        prompt = prompts.system_prompt(context)
        assert "Alice earns 5000" in prompt
        assert "Bob" not in prompt


@pytest.mark.memoryos(embedder="hashing")
def test_that_the_fixtures_of_the_plugin_give_views(memoryos_local):
    alice = memoryos_local.scoped(user="alice")
    alice.memories.create("tea")
    assert memoryos_local.scoped(user="bob").search("tea", threshold=0)["results"] == []
    assert len(alice.search("tea", threshold=0)["results"]) == 1


async def test_that_idempotency_keys_do_not_meet(service_of):
    service = service_of("has everything")
    texts = []
    for user in ("alice", "bob", "alice"):
        memories = service.memory.scoped(user=user).memories
        texts.append(await service.done(memories.create(f"of {user}", idempotency_key="1")))
    assert texts[0]["id"] == texts[2]["id"] != texts[1]["id"]
    ids = []
    for user in ("alice", "bob", "alice"):
        memories = service.memory.scoped(user=user).memories
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
    alice = service.memory.scoped(user="alice")
    with pytest.raises(InvalidResponseError, match="doesn't have the scope's tags") as caught:
        await service.done(alice.memories.create("x"))
    (stored,) = (await service.done(service.memory.memories.list()))["data"]
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
    found = await service.done(bob.memories.find(external_id="x"))
    assert (found["id"], found["content"]) == (other["id"], "coffee")


@EVERYWHERE
async def test_that_an_upsert_leaves_the_memory_of_two_users(service_of, behaviour):
    service = service_of(behaviour)
    alice = service.memory.scoped(user="alice")
    first = await service.done(alice.memories.upsert(external_id="x", content="Alice's"))
    metadata = {"tags": ["user:alice", "user:bob"], "secret": 1}
    both = await service.done(
        service.memory.memories.create("of both", external_id="x", metadata=metadata)
    )
    changed = await service.done(alice.memories.upsert(external_id="x", content="Alice's!"))
    assert (changed["id"], changed["content"]) == (first["id"], "Alice's!")
    assert (await service.done(service.memory.memories.get(both["id"])))["content"] == "of both"


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


@EVERYWHERE
async def test_that_a_user_can_be_forgotten(service_of, behaviour):
    service = service_of(behaviour)
    alice, _ = await two_users(service)
    results = await service.done(alice.memories.create_many(f"tea {n}" for n in range(20)))
    assert all(result.ok for result in results)
    progress = []
    deletion = await service.done(
        alice.memories.delete_all(confirm=True, on_progress=lambda *counts: progress.append(counts))
    )
    assert deletion == {"deleted": 21, "tags_may_remain": False}
    assert progress == [(n, 21) for n in range(1, 22)]
    left = await service.done(service.memory.memories.iterate())
    assert [one["content"] for one in left] == ["Bob earns 4000"]
    again = await service.done(alice.memories.delete_all(confirm=True))
    assert again == {"deleted": 0, "tags_may_remain": False}


class KeepsTags(HasAll):
    """Never forgets a tag; and a deletion fails, once."""

    failing = True

    def request(self, call, forward):
        """List a tag that no memory has."""
        if call.name == "list_tags":
            tag = {"id": UNKNOWN_ID, "name": dict(call.query)["search"], "memory_count": 0}
            meta = {"total": 1, "limit": 100, "offset": 0, "has_more": False}
            return 200, {"data": [tag], "meta": meta}
        if call.name == "delete_memory" and self.failing:
            self.failing = False
            return 403, {"error": {"code": "FORBIDDEN", "message": "no"}, "meta": {}}
        return super().request(call, forward)


async def test_that_tags_may_remain_and_that_a_deletion_can_be_repeated(service_of):
    service = service_of(KeepsTags())
    alice, _ = await two_users(service)
    with pytest.raises(Exception, match="no") as caught:
        await service.done(alice.memories.delete_all(confirm=True))
    assert caught.value.details == {"deleted": 0}
    deletion = await service.done(alice.memories.delete_all(confirm=True))
    assert deletion == {"deleted": 1, "tags_may_remain": True}


class ListsManyTags(HasAll):
    """Keeps the tags that begin with a user's, in pages."""

    def request(self, call, forward):
        """List a page of tags, the user's last."""
        if call.name == "list_tags":
            given = dict(call.query)
            names = [*(f"user:alice{n}" for n in range(150)), "user:alice"]
            offset = int(given.get("offset", 0))
            data = [{"id": name, "name": name} for name in names[offset : offset + 100]]
            more = offset + len(data) < len(names)
            meta = {"total": len(names), "limit": 100, "offset": offset, "has_more": more}
            return 200, {"data": data, "meta": meta}
        return super().request(call, forward)


async def test_that_a_tag_may_remain_behind_many_that_contain_it(service_of):
    service = service_of(ListsManyTags())
    alice, _ = await two_users(service)
    deletion = await service.done(alice.memories.delete_all(confirm=True))
    assert deletion == {"deleted": 1, "tags_may_remain": True}


@pytest.mark.parametrize("confirm", [False, None, 1, "yes"])
async def test_that_a_deletion_is_confirmed(service_of, confirm):
    service = service_of("has everything")
    alice, _ = await two_users(service)
    service.sent.clear()
    with pytest.raises(ValidationError, match="confirm must be True"):
        await service.done(alice.memories.delete_all(confirm=confirm))
    with pytest.raises(ValidationError, match="on_progress"):
        await service.done(alice.memories.delete_all(confirm=True, on_progress=7))
    assert service.sent == []


def test_that_views_work_for_many_tasks_at_once():
    async def main():
        from memoryos import AsyncMemoryOS

        async with AsyncMemoryOS.local(":memory:", embedder="hashing") as memory:
            views = [memory.scoped(user=f"u{number % 10}") for number in range(50)]
            await asyncio.gather(
                *(view.memories.create(f"tea of {view.scope['user']}") for view in views)
            )
            found = await asyncio.gather(*(view.search("tea", threshold=0) for view in views))
            for view, response in zip(views, found):
                texts = [one["content"] for one in response["results"]]
                assert texts == [f"tea of {view.scope['user']}"] * 5

    asyncio.run(main())
