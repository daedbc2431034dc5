"""Whom a client trusts, and what it says where it does not."""

from __future__ import annotations

import ssl

import pytest

from memoryos.exceptions import APIConnectionError
from memoryos.testing import FaultProxy

from .callers import TRIED, done


async def create(client):
    """Make one call."""
    return await done(client.memories.create("tea"))


def refusal(caller, base_url, **settings):
    """Return the error of a call to a service that can't be trusted, or spoken to."""

    async def use(client):
        with pytest.raises(APIConnectionError) as raised:
            await create(client)
        return raised.value

    return caller.run(use, base_url, **settings)


def test_the_callers_own_context_is_used(own, tls_proxy, trust):
    """A private authority is trusted where the caller says so."""
    answer = own.run(create, tls_proxy.base_url, ssl_context=trust)
    assert answer["content"] == "tea"


def test_the_roots_that_the_environment_names_are_used(own, tls_proxy, authority, monkeypatch):
    """SSL_CERT_FILE, as for other programs."""
    with authority.cert_pem.tempfile() as roots:
        monkeypatch.setenv("SSL_CERT_FILE", roots)
        assert own.run(create, tls_proxy.base_url)["content"] == "tea"


def test_an_unknown_authority_is_refused_with_a_way_out(own, tls_proxy):
    """Nothing is sent, nothing is tried again, and the error says how to trust it."""
    error = refusal(own, tls_proxy.base_url)
    assert error.attempts == 1
    assert isinstance(error.__cause__.__cause__, ssl.SSLCertVerificationError)
    assert "certificate verify failed" in error.message
    assert "ssl_context" in error.message
    assert "SSL_CERT_FILE" in error.message
    assert tls_proxy.counts.requests == 0


def test_a_certificate_for_another_host_is_refused(own, tls_proxy, trust):
    """The name in the certificate is not the one in the address."""
    address = f"https://127.0.0.1:{tls_proxy.port}/v1"
    error = refusal(own, address, ssl_context=trust)
    assert "certificate verify failed" in error.message
    assert "127.0.0.1" in error.message
    assert (error.attempts, tls_proxy.counts.requests) == (1, 0)


def test_a_client_certificate_of_the_callers_context_is_shown(own, authority, trust):
    """A service may ask who calls: the caller's context answers."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server)
    authority.configure_trust(server)
    server.verify_mode = ssl.CERT_REQUIRED
    mine = ssl.create_default_context()
    authority.configure_trust(mine)
    authority.issue_cert("client@localhost").configure_cert(mine)
    with FaultProxy(ssl_context=server) as proxy:
        assert own.run(create, proxy.base_url, ssl_context=mine)["content"] == "tea"
        error = refusal(own, proxy.base_url, ssl_context=trust, max_retries=0)
        assert proxy.counts.requests == 1
    assert error.code == "CONNECTION_ERROR"


def test_plain_http_on_a_tls_port_is_a_connection_error(own, tls_proxy):
    """The address says http where the service speaks TLS."""
    address = tls_proxy.base_url.replace("https:", "http:")
    assert refusal(own, address, max_retries=0).code == "CONNECTION_ERROR"


def test_tls_on_a_plain_port_is_a_connection_error(own, proxy):
    """The address says https where the service speaks plain HTTP."""
    address = proxy.base_url.replace("http:", "https:")
    assert refusal(own, address, max_retries=0, timeout=5).code == "CONNECTION_ERROR"


def test_a_service_without_a_common_version_is_a_connection_error(own, authority, trust):
    """TLS 1.3 is asked for, and 1.2 is all that there is."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server)
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    modern = ssl.create_default_context()
    authority.configure_trust(modern)
    modern.minimum_version = ssl.TLSVersion.TLSv1_3
    with FaultProxy(ssl_context=server) as proxy:
        error = refusal(own, proxy.base_url, ssl_context=modern, max_retries=0)
    assert isinstance(error.__cause__.__cause__, ssl.SSLError)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_each_version_of_tls_carries_many_calls(own, authority, trust, version):
    """Handshake, session tickets and 50 calls of many sizes on one connection."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server)
    server.minimum_version = server.maximum_version = version

    async def use(client):
        for number in range(50):
            text = "x" * (number * 3571 + 1)
            assert (await done(client.memories.create(text)))["content"] == text
            TRIED["calls over TLS"] += 1

    with FaultProxy(ssl_context=server) as proxy:
        own.run(use, proxy.base_url, ssl_context=trust)
        assert proxy.counts.connections == 1
