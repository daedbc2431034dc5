"""Proxies that the environment names: used, left out where it says so, and told no secrets."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import time

import pytest

from memoryos.exceptions import APIConnectionError, APITimeoutError, MemoryOSError

from .callers import KEY, done
from .forward_proxy import ForwardProxy
from .hostile_server import MEMORY_LIST, HostileServer, chunked, response


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


@pytest.mark.parametrize(
    "names",
    [
        *("127.0.0.1", "*", "example.com,127.0.0.1", "localhost,127.0.0.0/8,::1/128"),
        *("127.0.0.0/8", " 127.0.0.1 , ::1", "[::1],127.0.0.1", "127.0.0.1/32 [::1]/128"),
    ],
)
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
        with pytest.raises(APIConnectionError) as raised:
            await create(client)
        assert f"Connection refused (through the proxy {address} of HTTP_PROXY)" in (
            raised.value.message
        )
        assert proxy.base_url in raised.value.message

    own.run(use, proxy.base_url, max_retries=0)


def test_a_client_behind_a_proxy_outlives_its_event_loop(proxy, company, monkeypatch):
    """Several `asyncio.run` with one client, as without a proxy; nothing is left open in them."""
    from memoryos import AsyncMemoryOS

    monkeypatch.setenv("HTTP_PROXY", company.address)
    client = AsyncMemoryOS(KEY, proxy.base_url, max_retries=0)
    for _ in range(3):
        assert asyncio.run(create(client))["content"] == "tea"
    asyncio.run(client.close())
    gc.collect()


BROKEN = [
    ("HTTP_PROXY", "http://me:s3cret@127.0.0.1:70000", "invalid port"),
    ("ALL_PROXY", "http://127.0.0.1:99999", "invalid port"),
    ("http_proxy", "http://me:s3cret@", "not the URL"),
    ("HTTP_PROXY", "nonsense://me:s3cret@127.0.0.1", "nonsense"),
    ("HTTP_PROXY", "http://a..b:80", "not the URL"),
    ("HTTP_PROXY", "http://" + "x" * 64 + ".test", "not the URL"),
]


@pytest.mark.parametrize(("variable", "value", "reason"), BROKEN)
def test_a_proxy_that_can_not_be_is_a_clear_error(own, proxy, monkeypatch, variable, value, reason):
    """It names the variable, comes at once, and shows no password."""
    monkeypatch.setenv(variable, value)

    async def use(client):
        with pytest.raises(APIConnectionError, match=reason) as raised:
            await create(client)
        assert variable in raised.value.message
        assert "s3cret" not in f"{raised.value} {raised.value.__cause__}"
        assert raised.value.attempts == 1

    own.run(use, proxy.base_url, max_retries=1)


@pytest.mark.parametrize("exempt", ["127.0.0.0/8", "*"])
def test_an_exempt_host_needs_nothing_of_the_proxy(own, proxy, monkeypatch, exempt):
    """Neither SOCKS nor a valid URL."""
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:70000")
    monkeypatch.setenv("NO_PROXY", exempt)
    assert own.run(create, proxy.base_url)["content"] == "tea"


def test_a_socks_proxy_without_its_package_says_what_to_install(own, proxy, monkeypatch):
    """It names the variable and the proxy, without the password."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setenv("ALL_PROXY", "socks5h://me:s3cret@127.0.0.1:1080")

    async def use(client):
        with pytest.raises(APIConnectionError) as raised:
            await create(client)
        message = raised.value.message
        assert "ALL_PROXY" in message
        assert "socks5h://127.0.0.1:1080" in message
        assert "pip install 'httpx[socks]'" in message
        assert "s3cret" not in message
        assert raised.value.attempts == 1

    own.run(use, proxy.base_url)


def test_a_proxy_that_wants_a_user_is_not_asked_again(own, proxy, monkeypatch):
    """For plain requests the proxy answers itself; the error names it."""
    with ForwardProxy(refuses=True) as company:
        monkeypatch.setenv("HTTP_PROXY", company.address)

        async def use(client):
            with pytest.raises(APIConnectionError, match="407") as raised:
                await create(client)
            assert f"the proxy {company.address} of HTTP_PROXY" in raised.value.message
            assert raised.value.attempts == 1

        own.run(use, proxy.base_url, max_retries=2)


def test_a_proxy_that_refuses_a_tunnel_is_not_asked_again(own, tls_proxy, trust, monkeypatch):
    """Nor for a tunnel."""
    with ForwardProxy(refuses=True) as company:
        monkeypatch.setenv("HTTPS_PROXY", company.address)

        async def use(client):
            with pytest.raises(APIConnectionError, match="407") as raised:
                await create(client)
            assert f"the proxy {company.address} of HTTPS_PROXY" in raised.value.message
            assert raised.value.attempts == 1

        own.run(use, tls_proxy.base_url, ssl_context=trust, max_retries=2)


def never_answers(server, _connection, _number):
    """Wait for the client to hang up."""
    server.stopped.wait()


def drips(server, connection, _number):
    """Send the head of an answer, one byte at a time."""
    server.drip(connection, b"HTTP/1.1 200 OK\r\n" + b"X-Padding: 1\r\n" * 500)


def storms(server, connection, _number):
    """Send informational responses for ever."""
    server.repeat(connection, b"HTTP/1.1 100 Continue\r\n\r\n", 0.005)


def hangs_in_the_handshake(server, connection, _number):
    """Open the tunnel, and say nothing more."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    server.stopped.wait()


@pytest.mark.off_contract(reason="a proxy that hangs sends no response")
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "behave", [never_answers, drips, storms, hangs_in_the_handshake], ids=lambda f: f.__name__
)
def test_a_slow_proxy_does_not_outlast_the_timeout(own, monkeypatch, scheme, behave):
    """Connecting through it counts, and the error names it."""
    if (scheme, behave) == ("http", hangs_in_the_handshake):
        behave = never_answers
    with HostileServer(behave) as slow:
        monkeypatch.setenv("ALL_PROXY", f"http://me:s3cret@127.0.0.1:{slow.port}")

        async def use(client):
            began = time.monotonic()
            with pytest.raises(MemoryOSError) as raised:
                await done(client.memories.list())
            assert time.monotonic() - began < 5
            assert isinstance(raised.value, APITimeoutError) or behave is storms
            proxy = f"the proxy http://127.0.0.1:{slow.port} of ALL_PROXY"
            assert proxy in raised.value.message
            assert "s3cret" not in raised.value.message

        own.run(use, f"{scheme}://service.test/v1", timeout=0.4, max_retries=0)


@pytest.mark.off_contract(reason="surplus bytes are no response")
@pytest.mark.parametrize("answer", [response(), chunked(MEMORY_LIST)], ids=["length", "chunked"])
def test_surplus_bytes_from_a_proxy_never_answer_the_next_call(own, monkeypatch, answer):
    """The connection to the proxy is closed."""
    forged = response(MEMORY_LIST.replace(b'"total": 0', b'"total": 666'))

    def behave(_server, connection, number):
        connection.sendall(answer + (forged if number == 0 else b""))
        return True

    with HostileServer(behave) as server:
        monkeypatch.setenv("HTTP_PROXY", f"127.0.0.1:{server.port}")

        async def use(client):
            for _ in range(3):
                assert (await done(client.memories.list()))["meta"]["total"] == 0

        own.run(use, "http://service.test/v1", max_retries=0)
        assert server.connections == 2
        assert server.requests[0].startswith(b"GET http://service.test/v1/memories")


def test_an_exempt_host_loads_no_code_for_proxies(proxy):
    """Not even httpx, which would load what every named proxy needs."""
    program = (
        "import sys, memoryos\n"
        f"memoryos.MemoryOS({KEY!r}, {proxy.base_url!r}).tags.list()\n"
        "print('httpx' in sys.modules)\n"
    )
    environ = {
        "ALL_PROXY": "socks5://127.0.0.1:1080",
        "NO_PROXY": "127.0.0.0/8",
        "PYTHONPATH": ":".join(sys.path),
    }
    ran = subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True
    )
    assert (ran.stdout, ran.stderr) == ("False\n", "")
