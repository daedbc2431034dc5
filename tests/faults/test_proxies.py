"""Proxies that the environment names: used, left out where it says so, and told no secrets."""

from __future__ import annotations

import asyncio
import gc

import pytest

from memoryos.exceptions import APIConnectionError

from .callers import KEY, done
from .forward_proxy import ForwardProxy


@pytest.fixture
def company():
    """A company's proxy."""
    with ForwardProxy() as started:
        yield started


async def create(client):
    """Make two calls."""
    await done(client.tags.list())
    return await done(client.memories.create("tea"))


def test_plain_requests_go_through_the_proxy(own, proxy, company, monkeypatch):
    """HTTP_PROXY is obeyed."""
    monkeypatch.setenv("HTTP_PROXY", company.address)
    assert own.run(create, proxy.base_url)["content"] == "tea"
    assert company.heads[0].startswith(b"GET http://127.0.0.1")


def test_an_encrypted_request_tells_the_proxy_nothing_but_the_host(
    own, tls_proxy, company, trust, monkeypatch
):
    """A tunnel is opened, the caller's own context verifies through it, and no key is in clear."""
    monkeypatch.setenv("HTTPS_PROXY", company.address)
    answer = own.run(create, tls_proxy.base_url, ssl_context=trust)
    assert answer["content"] == "tea"
    assert company.heads[0].startswith(f"CONNECT localhost:{tls_proxy.port} ".encode())
    assert KEY.encode() not in company.seen
    assert b"authorization" not in b"".join(company.heads).lower()


def test_the_service_behind_a_proxy_is_verified(own, tls_proxy, company, monkeypatch):
    """A tunnel changes nothing about who is trusted."""
    monkeypatch.setenv("HTTPS_PROXY", company.address)

    async def use(client):
        with pytest.raises(APIConnectionError, match="certificate verify failed") as raised:
            await create(client)
        assert raised.value.attempts == 1
        assert "SSL_CERT_FILE" in raised.value.message

    own.run(use, tls_proxy.base_url)
    assert KEY.encode() not in company.seen


@pytest.mark.parametrize("variable", ["ALL_PROXY", "all_proxy", "http_proxy"])
def test_every_usual_name_is_read(own, proxy, company, monkeypatch, variable):
    """In capitals or not, for one scheme or all."""
    monkeypatch.setenv(variable, company.address)
    own.run(create, proxy.base_url)
    assert company.heads


@pytest.mark.parametrize("names", ["127.0.0.1", "*", "example.com,127.0.0.1"])
def test_no_proxy_is_obeyed(own, proxy, company, monkeypatch, names):
    """What NO_PROXY names is reached directly."""
    monkeypatch.setenv("HTTP_PROXY", company.address)
    monkeypatch.setenv("NO_PROXY", names)
    assert own.run(create, proxy.base_url)["content"] == "tea"
    assert company.heads == []


def test_a_proxy_that_refuses_is_a_connection_error(own, tls_proxy, trust, monkeypatch):
    """It wants a password; the error says what it said."""
    with ForwardProxy(refuses=True) as company:
        monkeypatch.setenv("HTTPS_PROXY", company.address)

        async def use(client):
            with pytest.raises(APIConnectionError, match="407"):
                await create(client)

        own.run(use, tls_proxy.base_url, ssl_context=trust, max_retries=0)


def test_a_proxy_that_is_not_there_is_a_connection_error(own, proxy, company, monkeypatch):
    """Nobody listens where the environment points to."""
    with ForwardProxy() as gone:
        address = gone.address
    monkeypatch.setenv("HTTP_PROXY", address)

    async def use(client):
        with pytest.raises(APIConnectionError):
            await create(client)

    own.run(use, proxy.base_url, max_retries=0)


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_client_behind_a_proxy_outlives_its_event_loop(proxy, company, monkeypatch):
    """Several `asyncio.run` with one client, as without a proxy.

    asyncio warns of what httpx left open in the loops that ended: nobody could close it there.
    """
    from memoryos import AsyncMemoryOS

    monkeypatch.setenv("HTTP_PROXY", company.address)
    client = AsyncMemoryOS(KEY, proxy.base_url, max_retries=0)
    for _ in range(3):
        assert asyncio.run(create(client))["content"] == "tea"
    asyncio.run(client.close())
    gc.collect()
