"""What only a server can refuse: the key, the scope, the whole call. Equal for both clients."""

from __future__ import annotations

import contextlib
import socket
from datetime import datetime, timedelta, timezone

import pytest

from memoryos import (
    APIConnectionError,
    AsyncMemoryOS,
    AuthenticationError,
    MemoryOS,
    MemoryOSError,
    NotFoundError,
    PermissionDeniedError,
)
from memoryos_api.operations import OPERATIONS

from ..operation_calls import operation_of
from .implementations import unified
from .scenarios_memories import UNKNOWN_ID, contents
from .transcripts import differences

DEFAULT_SCOPES = ("memories:read", "memories:write", "search:read")
CALLS = {
    "memories:read": [
        lambda memory: memory.memories.list(),
        lambda memory: memory.memories.get(UNKNOWN_ID),
        lambda memory: memory.tags.list(),
        lambda memory: memory.entities.list(),
    ],
    "memories:write": [
        lambda memory: memory.memories.create("c"),
        lambda memory: memory.memories.update(UNKNOWN_ID, tier="long"),
        lambda memory: memory.memories.delete(UNKNOWN_ID),
        lambda memory: memory.entities.create("Ada", "person"),
    ],
    "search:read": [
        lambda memory: memory.search("q"),
        lambda memory: memory.get_context("q"),
    ],
}
ALL_CALLS = [call for calls in CALLS.values() for call in calls]


def for_both(scenario, base_url, new_key, **settings):
    """Run a scenario with each client, and compare what both were told.

    Each has a key of its own, from `new_key`, and so a Memory OS without memories.
    """
    transcripts = []
    for client_class in (MemoryOS, AsyncMemoryOS):
        with unified(client_class(api_key=new_key(), base_url=base_url, **settings)) as memory:
            scenario(memory)
            transcripts.append(memory.transcript.entries)
    assert transcripts[0]
    assert differences(*transcripts) == []


def done(call, memory):
    """Let a call do its work; there may be nothing by the id that it names."""
    with contextlib.suppress(NotFoundError):
        call(memory)


def refused(call, memory):
    """Return the error that a call must end with."""
    with pytest.raises(MemoryOSError) as caught:
        call(memory)
    return caught.value


def expect_401(memory):
    for call in ALL_CALLS:
        error = refused(call, memory)
        assert type(error) is AuthenticationError
        told = (error.status, error.code, error.message, error.attempts)
        assert told == (401, "AUTHENTICATION_ERROR", "Invalid API key", 1)
        assert error.details["wire_code"] == "UNAUTHORIZED"
        assert error.request_id.startswith("req_")


def test_a_wrong_key_is_a_401_for_every_operation(server):
    """A retry would not help, so there is none."""
    for_both(expect_401, server.base_url, lambda: "mos_test_nobody_has_made_this_key")


def test_an_expired_key_is_as_good_as_a_wrong_one(server):
    """The answer does not tell the one from the other."""
    yesterday = datetime.now(timezone.utc) - timedelta(days=1)
    for_both(expect_401, server.base_url, lambda: server.new_key(expires_at=yesterday))


def test_every_operation_is_called_under_the_scope_that_it_needs():
    """As the contract says: a new operation, or one with another scope, is missed here."""
    called = {scope: {operation_of(call) for call in calls} for scope, calls in CALLS.items()}
    assert called == {
        scope: {name for name, operation in OPERATIONS.items() if scope in operation.scopes}
        for scope in {scope for operation in OPERATIONS.values() for scope in operation.scopes}
    }
    assert set(DEFAULT_SCOPES) == set(CALLS)


@pytest.mark.parametrize("missing", DEFAULT_SCOPES)
def test_a_missing_scope_is_a_403_that_names_it(server, missing):
    """The operations of the other scopes are allowed."""
    scopes = [scope for scope in DEFAULT_SCOPES if scope != missing]

    def scenario(memory):
        for call in CALLS[missing]:
            error = refused(call, memory)
            assert type(error) is PermissionDeniedError
            told = (error.status, error.code, error.message, error.attempts)
            assert told == (403, "FORBIDDEN", f"Missing scope: {missing}", 1)
        for scope in scopes:
            for call in CALLS[scope]:
                done(call, memory)

    for_both(scenario, server.base_url, lambda: server.new_key(scopes=scopes))


def test_a_new_key_may_do_everything_that_the_sdk_can(server):
    """The three scopes that a key has by default are enough."""

    def scenario(memory):
        for call in ALL_CALLS:
            done(call, memory)

    for_both(scenario, server.base_url, server.new_key)


def test_no_server_is_a_connection_error_that_names_the_address():
    """Every operation tells it alike, in the words of the operating system."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"

    def scenario(memory):
        for call in ALL_CALLS:
            error = refused(call, memory)
            assert type(error) is APIConnectionError
            assert (error.status, error.code, error.attempts) == (503, "CONNECTION_ERROR", 1)
            assert base_url in error.message
            assert (error.request_id, error.retry_after) == (None, None)

    for_both(scenario, base_url, lambda: "mos_test_k", max_retries=0)


@pytest.mark.off_contract(reason="the address has a wrong path")
def test_a_path_that_is_not_the_apis_is_a_404(server):
    """A wrong base URL is told from a missing memory by its message."""

    def scenario(memory):
        error = refused(lambda memory: memory.memories.list(), memory)
        assert type(error) is NotFoundError
        assert error.message == "This path does not exist"

    for_both(scenario, server.base_url.replace("/v1", "/v9"), server.new_key)


def test_memories_belong_to_the_owner_and_not_to_the_key(server):
    """A second key of the same owner opens them, a key of another one does not."""
    keys = [server.new_key(owner="Ada"), server.new_key(owner="Ada"), server.new_key(owner="Alan")]
    ada, ada_too, alan = (MemoryOS(api_key=key, base_url=server.base_url) for key in keys)
    with ada, ada_too, alan:
        made = ada.memories.create("Ada's own", tier="long", metadata={"tags": ["mine"]})
        assert ada_too.memories.get(made["id"])["content"] == "Ada's own"
        for call in (alan.memories.get, alan.memories.delete):
            with pytest.raises(NotFoundError):
                call(made["id"])
        assert alan.memories.list()["data"] == alan.tags.list()["data"] == []
        assert alan.search("Ada's own", threshold=0)["results"] == []
        assert alan.get_context("Ada's own")["context"] == ""
        assert contents(ada.search("Ada's own")["results"]) == ["Ada's own"]
