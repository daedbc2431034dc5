"""From making a client to closing it, and what of it travels in a pickle."""

from __future__ import annotations

import pickle

import httpx
import pytest

from memoryos import AsyncMemoryOS, MemoryOS
from memoryos.exceptions import APIConnectionError, AuthenticationError, ValidationError

from ..operation_calls import assert_calls_every_operation
from . import contract_answers as answers

pytestmark = pytest.mark.anyio

ID = "550e8400-e29b-41d4-a716-446655440000"

# By the operationId; `tests/operation_calls.py` sees that none is missing.
CALLS = {
    "create_memory": lambda client: client.memories.create("tea"),
    "list_memories": lambda client: client.memories.list(),
    "get_memory": lambda client: client.memories.get(ID),
    "update_memory": lambda client: client.memories.update(ID, tier="long"),
    "delete_memory": lambda client: client.memories.delete(ID),
    "search_memories": lambda client: client.search("tea"),
    "get_context": lambda client: client.get_context("tea"),
    "list_tags": lambda client: client.tags.list(),
    "list_entities": lambda client: client.entities.list(),
    "create_entity": lambda client: client.entities.create("Ada", "person"),
}


def test_the_calls_carry_out_every_operation():
    """An operation that joins the contract joins this table."""
    assert_calls_every_operation(CALLS)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
async def test_a_call_after_close_raises_and_sends_nothing(api, call):
    """Every method, of the resources too."""
    client = api.client()
    await api.done(client.close())
    with pytest.raises(APIConnectionError, match="closed") as raised:
        await api.done(call(client))
    assert (raised.value.code, raised.value.attempts) == ("CLIENT_CLOSED", 0)
    assert api.router.calls.call_count == 0


async def test_closing_twice_is_fine(api):
    """Before the first call and after it."""
    api.router.route().respond(200, json=answers.example("Memory"))
    client = api.client()
    await api.done(client.memories.get(ID))
    for _ in range(2):
        await api.done(client.close())


async def test_a_client_is_a_context_manager_that_closes_it(api):
    """Inside it works, afterwards it is closed."""
    api.router.route().respond(200, json=answers.example("Memory"))
    client = api.client()
    async with api.entered(client) as entered:
        assert entered is client
        await api.done(client.memories.get(ID))
    with pytest.raises(APIConnectionError, match="closed"):
        await api.done(client.memories.get(ID))


async def test_leaving_by_an_exception_closes_too(api):
    """The exception goes on, and the client is closed."""
    client = api.client()
    with pytest.raises(KeyError, match="mine"):
        async with api.entered(client):
            raise KeyError("mine")
    with pytest.raises(APIConnectionError, match="closed"):
        await api.done(client.memories.get(ID))


async def test_the_callers_http_client_is_used_and_left_open(api):
    """Settings that httpx has and the SDK has not; whoever made it closes it."""
    seen = []

    def answer(request):
        seen.append(request)
        return httpx.Response(200, json=answers.example("Memory"))

    http_client = api.http_client(
        transport=httpx.MockTransport(answer), headers={"X-Mine": "1"}, base_url="http://other.test"
    )
    client = api.client(http_client=http_client)
    assert await api.done(client.memories.get(ID)) == answers.memory()
    await api.done(client.close())
    assert not http_client.is_closed
    assert [str(request.url) for request in seen] == [f"{api.base_url}/memories/{ID}"]
    assert seen[0].headers["x-mine"] == "1"
    assert seen[0].headers["authorization"] == f"Bearer {api.key}"


async def test_clients_of_two_keys_do_not_mix(api):
    """Each sends its own key, also through one shared http_client."""
    api.router.route().respond(200, json=answers.example("Memory"))
    http_client = api.http_client()
    keys = ["mos_test_ada", "mos_test_bob", "mos_test_ada"]
    clients = {key: api.client(api_key=key, http_client=http_client) for key in keys}
    for key in keys:
        await api.done(clients[key].memories.get(ID))
    sent = [call.request.headers["authorization"] for call in api.router.calls]
    assert sent == [f"Bearer {key}" for key in keys]


@pytest.mark.parametrize("client_class", [MemoryOS, AsyncMemoryOS])
def test_a_client_without_a_key_is_not_made(client_class):
    """The error names the variable that would hold it."""
    with pytest.raises(AuthenticationError, match="MEMORY_OS_API_KEY"):
        client_class()


@pytest.mark.parametrize("client_class", [MemoryOS, AsyncMemoryOS])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("base_url", "host"),
        ("timeout", 0),
        ("max_retries", -1),
        ("headers", {"Authorization": "x"}),
        ("deadline", 0),
    ],
)
def test_an_unusable_setting_is_refused_by_name(client_class, name, value):
    """Every argument of the constructor is checked when the client is made."""
    with pytest.raises(ValidationError, match=rf"^{name} "):
        client_class("mos_test_x", **{name: value})


@pytest.mark.parametrize("client_class", [MemoryOS, AsyncMemoryOS])
def test_the_documented_address_is_the_default(client_class):
    """Nothing but a key is needed for the hosted service."""
    assert client_class("mos_test_x").base_url == "https://api.mymemoryos.com/v1"


@pytest.mark.parametrize("client_class", [MemoryOS, AsyncMemoryOS])
def test_the_address_can_be_read_and_not_changed(client_class):
    """A client stays what it was made."""
    client = client_class("mos_test_x")
    with pytest.raises(AttributeError):
        client.base_url = "http://other.test"


async def test_a_pickled_client_works_with_the_key_of_where_it_arrives(api, monkeypatch):
    """Settings travel, the key does not: it is read from the environment there."""
    client = api.client(timeout=7, max_retries=1, headers={"X-A": "b"}, deadline=9)
    content = pickle.dumps(client)
    assert api.key.encode() not in content
    monkeypatch.setenv("MEMORY_OS_API_KEY", "mos_test_elsewhere")
    twin = pickle.loads(content)
    assert type(twin) is type(client)
    settings, sent = twin._session.settings, client._session.settings
    assert settings.api_key.reveal() == "mos_test_elsewhere"
    for name in ("base_url", "timeout", "max_retries", "headers", "deadline"):
        assert getattr(settings, name) == getattr(sent, name)
    assert twin._session.policy == client._session.policy


async def test_a_pickled_client_says_which_key_it_lacks(api):
    """The error is the one of a client without a key."""
    content = pickle.dumps(api.client())
    with pytest.raises(AuthenticationError, match="MEMORY_OS_API_KEY"):
        pickle.loads(content)


async def test_a_client_on_a_callers_http_client_does_not_travel(api):
    """Connections of somebody else's can't be made again."""
    with pytest.raises(TypeError, match="can't be pickled"):
        pickle.dumps(api.client(http_client=api.http_client()))
