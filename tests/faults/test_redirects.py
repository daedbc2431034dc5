"""A redirect never carries the key, or anything else, to another address."""

from __future__ import annotations

import httpx
import pytest

from memoryos import AsyncMemoryOS, MemoryOS
from memoryos.exceptions import InvalidResponseError
from memoryos.testing import Fault, FaultProxy, Reply

from .callers import KEY, OPERATIONS, done

STATUSES = [300, 301, 302, 303, 304, 307, 308]


@pytest.fixture
def elsewhere():
    """Somebody who would like to be sent a key."""
    with FaultProxy() as listener:
        yield listener


def redirect(status, listener):
    """Make the fault of being sent to another address."""
    location = (("Location", f"http://127.0.0.1:{listener.port}/v1/memories"),)
    body = b"" if status == 304 else b"{}"
    return Fault(f"{status}", reply=Reply(status, body, location))


@pytest.mark.parametrize("status", STATUSES)
def test_nobody_else_hears_of_a_call(caller, proxy, elsewhere, status):
    """Every operation raises, is not tried again, and makes no other connection."""
    proxy.fail_always(redirect(status, elsewhere))
    outcomes = caller.outcomes(proxy.base_url, OPERATIONS)
    for outcome in outcomes.values():
        assert type(outcome.error) is InvalidResponseError
        assert (outcome.error.status, outcome.error.details["status"]) == (502, status)
        assert outcome.error.attempts == 1
    assert elsewhere.counts.connections == 0


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["sync", "async"])
async def test_an_http_client_that_follows_redirects_does_not_follow_them_here(
    kind, proxy, elsewhere
):
    """The caller's httpx client may follow redirects for its own requests: ours stay."""
    proxy.fail_always(redirect(307, elsewhere))
    httpx_class, client_class = {
        "sync": (httpx.Client, MemoryOS),
        "async": (httpx.AsyncClient, AsyncMemoryOS),
    }[kind]
    http_client = httpx_class(follow_redirects=True)
    client = client_class(KEY, proxy.base_url, http_client=http_client)
    with pytest.raises(InvalidResponseError):
        await done(client.memories.create("tea"))
    await done(http_client.aclose() if kind == "async" else http_client.close())
    assert elsewhere.counts.connections == 0
