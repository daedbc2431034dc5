"""The client's address behind reverse proxies: only what a trusted one says is believed."""

from __future__ import annotations

import asyncio

import pytest

from memoryos_server.http.trusted_proxies import ForwardedHeaders, TrustedProxies

pytestmark = pytest.mark.local_server

PROXIES = TrustedProxies(["127.0.0.1", "10.0.0.0/8", "2001:db8::/32"])


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "203.0.113.7, 10.1.2.3", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.7, 10.1.2.3", "203.0.113.7"),  # the first is forged
        ("127.0.0.1", "10.9.9.9, 10.1.2.3", "10.9.9.9"),  # a client within the trusted network
        ("::ffff:127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8::1", "2001:db9::7", "2001:db9::7"),
        ("127.0.0.1", "[2001:db9::7]:4711", "2001:db9::7"),
        ("127.0.0.1", "203.0.113.7:4711", "203.0.113.7"),
        ("127.0.0.1", "fe80::1%eth0", "fe80::1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7, unknown", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7, <script>, 10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", "203.0.113.7,,10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", "203.0.113.7" + ", 10.1.2.3" * 1000, "10.1.2.3"),
        ("127.0.0.1", "[" * 100, "127.0.0.1"),
        ("127.0.0.1", "1" * 50_000, "127.0.0.1"),
    ],
)
def test_the_client_is_the_last_address_that_is_no_proxys(peer, forwarded_for, client):
    assert peer in PROXIES
    assert PROXIES.find_client(peer, forwarded_for) == client


@pytest.mark.parametrize(
    "peer", ["203.0.113.7", "11.0.0.1", "::1", "", "testclient", "2001:db9::1"]
)
def test_other_peers_are_not_trusted(peer):
    assert peer not in PROXIES


@pytest.mark.parametrize("network", ["proxy.example", "10.0.0.1/8", "10.0.0.0/33", "*", "1", "10"])
def test_what_is_no_network_is_an_error(network):
    with pytest.raises(ValueError, match="must be addresses or networks") as caught:
        TrustedProxies(["127.0.0.1", network])
    assert network in str(caught.value)


def seen(peer, *headers):
    """Return the client and the scheme that the application sees."""
    scopes = []

    async def application(scope, receive, send):
        scopes.append(scope)

    scope = {"type": "http", "client": peer, "scheme": "http", "headers": list(headers)}
    asyncio.run(ForwardedHeaders(application, PROXIES)(scope, None, None))
    return scopes[0]["client"], scopes[0]["scheme"]


def test_client_and_scheme_are_replaced_for_a_trusted_proxy():
    headers = [
        (b"x-forwarded-for", b"198.51.100.1"),
        (b"x-forwarded-for", b"203.0.113.7"),
        (b"x-forwarded-proto", b"HTTPS"),
    ]
    assert seen(("10.0.0.1", 5), *headers) == (("203.0.113.7", 0), "https")


@pytest.mark.parametrize("peer", [("203.0.113.1", 5), None, ("::1", 5)])
def test_nothing_is_replaced_for_others(peer):
    headers = [(b"x-forwarded-for", b"192.0.2.1"), (b"x-forwarded-proto", b"https")]
    assert seen(peer, *headers) == (peer, "http")


@pytest.mark.parametrize(
    "header",
    [
        (b"x-forwarded-proto", b"javascript"),
        (b"x-forwarded-proto", b"https,http"),
        (b"x-forwarded-proto", b"\xff"),
        (b"forwarded", b"for=192.0.2.1;proto=https"),
        (b"x-real-ip", b"192.0.2.1"),
        (b"x-forwarded-for", b"\xff\x00"),
    ],
)
def test_other_headers_and_values_change_nothing(header):
    assert seen(("10.0.0.1", 5), header) == (("10.0.0.1", 5), "http")


def test_the_port_of_a_client_that_is_the_proxy_itself_stays():
    assert seen(("10.0.0.1", 5), (b"x-forwarded-for", b"10.0.0.1")) == (("10.0.0.1", 5), "http")
