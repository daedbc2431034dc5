"""What the tests under faults share."""

from __future__ import annotations

import os
import ssl
import time
import warnings

import pytest

from memoryos.testing import FaultProxy

from .callers import TRIED, Caller, open_sockets


def pytest_terminal_summary(terminalreporter):
    """Tell how much was tried."""
    for what, number in sorted(TRIED.items()):
        terminalreporter.write_line(f"tests/faults tried {number} {what}")


@pytest.fixture(params=["sync", "async", "sync-httpx", "async-httpx"])
def caller(request):
    """Each kind of client in turn."""
    return Caller(request.param)


@pytest.fixture(params=["sync", "async"])
def own(request):
    """Each kind of client that sends over connections of the SDK's own."""
    return Caller(request.param)


@pytest.fixture
def proxy():
    """A proxy that answers by itself, and fails as a test plans it."""
    with FaultProxy() as started:
        yield started


@pytest.fixture(autouse=True)
def _no_proxies_from_outside(monkeypatch):
    """A developer's own proxy settings never reach a test."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _no_socket_stays_open(_no_proxies_from_outside):
    """Whatever a test did: once client and proxy are closed, no socket is left over."""
    before = open_sockets()
    yield
    # A thread of a stand-in server may still close what it has accepted last.
    for _ in range(200):
        if open_sockets() == before:
            break
        time.sleep(0.005)
    assert open_sockets() == before


@pytest.fixture(scope="session")
def authority():
    """A certificate authority that nobody else knows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # cryptography warns of old interpreters when imported
        import trustme
    return trustme.CA()


@pytest.fixture(scope="session")
def trust(authority):
    """The settings of a client that trusts the authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture(scope="session")
def certified(authority):
    """The settings of a server that is certified for `localhost`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def tls_proxy(certified):
    """A proxy like `proxy`, over TLS."""
    with FaultProxy(ssl_context=certified) as started:
        yield started


@pytest.fixture(params=["plain", "tls"])
def network(request, trust):
    """A proxy over plain connections, then over TLS; with the settings of its clients."""
    if request.param == "plain":
        return request.getfixturevalue("proxy"), {}
    return request.getfixturevalue("tls_proxy"), {"ssl_context": trust}
