"""Views of a client on one scope: what they are, take and refuse."""

from __future__ import annotations

import asyncio
import pickle

import pytest

from memoryos import (
    AsyncScopedMemoryOS,
    NotSupportedError,
    ScopedMemoryOS,
    ValidationError,
    prompts,
)

from .services import ON_STAND_INS, UNKNOWN_ID, two_users

pytestmark = ON_STAND_INS


async def test_that_a_view_has_its_scope(service_of):
    service = service_of("has everything")
    view = service.client.scoped(user="alice")
    session = view.scoped(session="s1")
    assert type(view) is (AsyncScopedMemoryOS if service.is_async else ScopedMemoryOS)
    assert view.scope == {"user": "alice"}
    assert session.scope == {"user": "alice", "session": "s1"}
    assert view.base_url == service.client.base_url
    assert service.sent == []
    view.scope["user"] = "bob"
    assert view.scope == {"user": "alice"}


async def test_that_a_view_shows_no_values(service_of):
    view = service_of("has everything").client.scoped(user="alice", agent="x")
    assert repr(view) in ("ScopedMemoryOS(user=…, agent=…)", "AsyncScopedMemoryOS(user=…, agent=…)")
    with pytest.raises(TypeError, match="can't be pickled"):
        pickle.dumps(view)


@pytest.mark.parametrize("keys", [{}, {"user": ""}, {"user": None}, {"user": 7}])
async def test_that_a_scope_without_a_text_is_refused(service_of, keys):
    memory = service_of("has everything").client
    with pytest.raises(ValidationError):
        memory.scoped(**keys)
    with pytest.raises(ValidationError):
        memory.scoped(tenant="t").scoped(**keys)


async def test_that_a_view_lacks_what_cannot_be_scoped(service_of):
    view = service_of("has everything").client.scoped(user="alice")
    for name in ("tags", "entities", "with_raw_response", "low_level", "close", "local"):
        assert not hasattr(view, name)
    assert not hasattr(view.memories, "with_raw_response")


async def test_that_other_operations_are_refused(service_of):
    from memoryos._protocol import operations

    service = service_of("has everything")
    session = service.client.scoped(user="alice")._session
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


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("create", {"content": ""}),
        ("create", {"content": "x", "metadata": ["no"]}),
        ("create", {"content": "x", "metadata": {"tags": "no"}}),
        ("create", {"content": "x", "tags": "no"}),
        ("create", {"content": "", "parent_memory_id": UNKNOWN_ID}),
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
    await service.done(service.client.memories.list())
    service.sent.clear()
    alice = service.client.scoped(user="alice")
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
