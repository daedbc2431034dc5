"""What the doctor finds on the way to the service: proxy, port, name and certificate."""

from __future__ import annotations

import socket
import ssl
import warnings

import pytest

from memoryos._cli.doctor import network

from .conftest import listening

ENCRYPTED = "https://api.example/v1"


@pytest.fixture(scope="module")
def authority():
    with warnings.catch_warnings():  # cryptography says that Python 3.8 is old
        warnings.simplefilter("ignore")
        import trustme
    return trustme.CA()


@pytest.fixture
def tls(authority):
    """A server's side of TLS, with a certificate for localhost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


def reached(url):
    """Return what is found on the way to an address: state by name, and the last advice."""
    found = list(network.check_network(url, 5))
    return {each.name: each.state for each in found}, found[-1].advice


def test_an_open_port_is_found():
    """Without TLS there is no certificate to judge."""
    with listening() as port:
        assert reached(f"http://127.0.0.1:{port}/v1")[0] == {"network": "ok", "TLS": "skipped"}


def test_a_closed_port_is_a_problem():
    """The service does not run, or something is between."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        states, advice = reached(f"http://127.0.0.1:{unused.getsockname()[1]}/v1")
    assert states == {"network": "problem"}
    assert "memoryos serve" in advice


def test_a_name_that_nobody_knows_is_a_problem(monkeypatch):
    """A typing error, most of the time."""

    def unknown(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    states, advice = reached("https://api.exmaple/v1")
    assert states == {"network": "problem"}
    assert "typing error" in advice


def test_a_certificate_is_verified(tls, authority, tmp_path, monkeypatch):
    """By the roots that the SDK trusts."""
    authority.cert_pem.write_to_path(str(tmp_path / "roots.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "roots.pem"))
    with listening(tls) as port:
        assert reached(f"https://localhost:{port}/v1")[0]["TLS"] in ("ok", "warning")


def test_a_certificate_of_nobody_is_a_problem(tls, monkeypatch):
    """With the way to trust an authority of one's own."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with listening(tls) as port:
        states, advice = reached(f"https://localhost:{port}/v1")
    assert states["TLS"] == "problem"
    assert "SSL_CERT_FILE" in advice


def test_tls_where_there_is_none_is_a_problem():
    """The address says https, the service does not."""
    with listening() as port:
        assert reached(f"https://127.0.0.1:{port}/v1")[0]["TLS"] == "problem"


def test_behind_a_proxy_only_the_proxy_is_connected_to(monkeypatch):
    """The finding names it and its variable, and never the password."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:s3cret@127.0.0.1:{port}")
        found = list(network.check_network(ENCRYPTED, 5))
    assert [(each.name, each.state) for each in found] == [("proxy", "ok"), ("network", "skipped")]
    assert f"http://127.0.0.1:{port} of HTTPS_PROXY" in found[0].fact
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("http://127.0.0.1:{port}", "no connection to the proxy http://127.0.0.1:"),
        ("http://127.0.0.1:70000", "invalid port"),
        ("nonsense://proxy.test", "nonsense"),
    ],
)
def test_a_proxy_that_can_not_be_used_is_a_problem(monkeypatch, value, reason):
    """Nothing listens there, or its URL is invalid."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", value.format(port=port))
    (found,) = (each for each in network.check_network(ENCRYPTED, 5) if each.name == "proxy")
    assert found.state == "problem"
    assert reason in found.fact
    assert "HTTPS_PROXY" in found.fact


def test_a_host_that_is_exempt_is_connected_to_directly(monkeypatch):
    """NO_PROXY applies to the doctor as to the client."""
    monkeypatch.setenv("ALL_PROXY", "http://proxy.test:3128")
    monkeypatch.setenv("NO_PROXY", "127.0.0.0/8")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        states, _ = reached(f"http://127.0.0.1:{listener.getsockname()[1]}/v1")
    assert states["network"] == "ok"
    assert "proxy" not in states


@pytest.mark.parametrize(
    ("host", "peer", "addresses", "shown"),
    [
        ("127.0.0.1", "127.0.0.1", 1, "127.0.0.1"),
        ("localhost", "::1", 1, "localhost is ::1"),
        ("api.test", "192.0.2.1", 3, "api.test is 192.0.2.1, one of 3 addresses"),
    ],
)
def test_an_address_is_told_where_the_name_leaves_it_open(host, peer, addresses, shown):
    """And not twice."""
    assert network._host_and_peer(host, peer, addresses) == shown
