"""HTTPS: clients are answered, and have the limits of clients without TLS."""

from __future__ import annotations

import logging
import select
import socket
import ssl
import threading
import time
from contextlib import ExitStack

import httpx
import pytest

from memoryos_server.http import server as server_module
from memoryos_server.http.certificate import Certificate
from memoryos_server.service.results import Result

from .certificates import Authority
from .sockets import (
    AUTHORIZATION,
    PATIENCE_SECONDS,
    SEARCH,
    error_of,
    parsed,
    received,
    request,
    running,
    tags,
)

pytestmark = pytest.mark.local_server

GET = b"GET /v1/tags HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION
SIZE = 20_000_000


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    authority = Authority(tmp_path_factory.mktemp("certificates"))
    authority.issue("localhost")
    return authority


@pytest.fixture
def serve(service, authority):
    """Return a function that starts a server with TLS, and stops it in the end."""
    with ExitStack() as stack:

        def start(**options):
            certificate = Certificate(str(authority.folder / "server.pem"))
            context = authority.client_context()
            return stack.enter_context(
                running(service, certificate=certificate, client_context=context, **options)
            )

        yield start


def plain(server, data=b""):
    """Connect without TLS."""
    connection = socket.create_connection(server.address, PATIENCE_SECONDS)
    connection.sendall(data)
    return connection


def test_requests_and_responses_of_any_size(serve, service):
    """On one connection, in both directions more than any buffer holds."""
    server = serve()
    with httpx.Client(verify=server._client_context) as client:
        url = f"https://localhost:{server.address[1]}/v1"
        headers = {"Authorization": "Bearer mos_test_everything"}
        for _ in range(3):
            assert client.get(f"{url}/tags", headers=headers).status_code == 200
            answer = client.post(f"{url}/search", headers=headers, content=b"x" * 5_000_000)
            assert answer.status_code == 413


def test_the_scheme_and_the_version_of_http(serve, authority):
    server = serve()
    context = authority.client_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(server.address) as raw, context.wrap_socket(
        raw, server_hostname="localhost"
    ) as connection:
        assert connection.selected_alpn_protocol() == "http/1.1"
        assert connection.version() == "TLSv1.3"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_versions_of_tls(serve, authority, version):
    context = authority.client_context()
    context.minimum_version = context.maximum_version = version
    server = serve()
    server._client_context = context
    assert tags(server) == 200
    response = server.exchange(GET + b"\r\n", half_close=True)
    assert parsed(response)[0] == 200


@pytest.mark.parametrize(
    "data",
    [
        b"GET /v1/tags HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /v1/memories HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n" + b"x" * 60_000,
    ],
)
def test_a_request_without_tls_is_told_what_to_do(serve, data):
    with plain(serve(), data) as connection:
        response = received(connection)
    assert error_of(response) == (400, "VALIDATION_ERROR")
    assert b"https://" in response


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x00\x05junk!",
        b"\x00" * 1000,
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x16\x03\x01\xff\xff" + b"x" * 70_000,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_what_is_no_tls_ends_its_connection_alone(serve, data, caplog):
    """The log says no more than at the level debug: anybody can send it."""
    caplog.set_level(logging.INFO)
    server = serve(head_timeout_seconds=2)
    connection = plain(server, data)
    with connection:
        try:
            while connection.recv(65536):
                pass
        except ConnectionResetError:
            pass
    assert tags(server) == 200
    assert not [record for record in caplog.records if record.levelno > logging.INFO]


def test_a_slow_handshake_has_the_time_limit_of_the_headers(serve):
    """It begins with the connection, however steadily the bytes come."""
    server = serve(head_timeout_seconds=1)
    hello = client_hello(server)
    with plain(server) as silent, plain(server, hello[:3]) as slow:
        for position in range(3, len(hello) - 1):
            slow.sendall(hello[position : position + 1])
            if select.select([slow], [], [], 0.05)[0]:
                break
        assert slow.recv(100) == b""
        assert silent.recv(100) == b""
    assert tags(server) == 200


def client_hello(server):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = server._client_context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def test_clients_in_a_handshake_count_for_the_limit_of_connections(serve, monkeypatch):
    """Otherwise they could use up the open files of the server."""
    monkeypatch.setattr(server_module, "connection_limit", lambda: 5)
    server = serve(head_timeout_seconds=60)
    hello = client_hello(server)
    with ExitStack() as stack:
        started = [stack.enter_context(plain(server, hello[:-1])) for _ in range(30)]
        assert tags(server) == 200
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(select.select(started, [], [], 0)[0]) < 25:
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_a_client_that_closes_its_half_gets_its_answers(serve):
    server = serve()
    response = server.exchange((GET + b"\r\n") * 3, half_close=True)
    assert response.count(b"HTTP/1.1 200") == 3


def test_a_client_that_leaves_without_a_farewell_is_forgotten(serve, service):
    """In the middle of its request, or while it is answered."""
    release = threading.Event()
    answer = service.list_tags
    service.list_tags = lambda *call: release.wait(PATIENCE_SECONDS) and answer(*call)
    server = serve(max_concurrent_requests=1)
    for data in (GET, GET + b"\r\n"):
        connection = server.connect(data)
        connection.shutdown(socket.SHUT_RDWR)
        connection.close()
    release.set()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while tags(server) != 200:
        assert time.monotonic() < deadline


def test_a_large_body_without_a_key_is_answered_not_reset(serve):
    """It is read on after the answer, so that the client that still sends gets it."""
    head = b"POST /v1/memories HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n"
    with serve().connect(head) as connection:
        for _ in range(5):
            connection.sendall(b"x" * 500_000)
            time.sleep(0.05)
        connection.sendall(b"x" * 2_500_000)
        assert error_of(received(connection)) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("close", [b"", b"Connection: close\r\n"])
def test_a_client_that_reads_slowly_gets_its_whole_answer(serve, service, monkeypatch, close):
    """The time limit is one for no progress at all, also when the server closes afterwards."""
    monkeypatch.setattr("memoryos_server.http.lingering_transport.WRITE_TIMEOUT_SECONDS", 1)
    answer_with(service, SIZE)
    count = 0
    with serve().connect(GET + close + b"\r\n") as connection:
        while count < SIZE:
            if count % 500_000 < 16_384:
                time.sleep(0.1)
            part = connection.recv(16_384)
            assert part, f"only {count} bytes"
            count += len(part)


def test_a_client_that_reads_nothing_is_given_up(serve, service, monkeypatch):
    monkeypatch.setattr("memoryos_server.http.lingering_transport.WRITE_TIMEOUT_SECONDS", 1)
    answer_with(service, SIZE)
    server = serve(max_concurrent_requests=1)
    with server.connect(GET + b"\r\n") as connection:
        deadline = time.monotonic() + PATIENCE_SECONDS
        with pytest.raises(OSError):  # noqa: PT012 - whichever byte it is
            while time.monotonic() < deadline:
                connection.sendall(b"x")
                time.sleep(0.05)


def test_a_client_that_fails_and_reads_nothing_is_given_up(serve, service, monkeypatch):
    """Also when so little is unsent that nothing waits for the client to read."""
    monkeypatch.setattr("memoryos_server.http.lingering_transport.WRITE_TIMEOUT_SECONDS", 1)
    answer_with(service, 30_000)
    server = serve()
    with server.connect() as connection:
        (open_one,) = server.open_connections()
        while not open_one.transport._transport.get_write_buffer_size():
            count = len(service.calls)
            connection.sendall(GET + b"\r\n")
            wait_until(lambda done=count + 1: len(service.calls) == done and is_idle(open_one))
        socket.socket.sendall(connection, b"\x17\x03\x03\x00\x20" + b"x" * 32)  # no TLS record
        wait_until(lambda: not server.open_connections())


def is_idle(connection):
    return connection.cycle.response_complete


def wait_until(is_true):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def answer_with(service, size):
    tag = service.list_tags(None, {}, None).data[0]
    meta = {"total": 1, "limit": 50, "offset": 0, "has_more": False}

    def list_tags(*_):
        service.calls.append("list_tags")
        return Result([{**tag, "name": "x" * size}], meta)

    service.list_tags = list_tags


def test_a_body_that_is_asked_for_is_read(serve):
    head = b"POST /v1/search HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + AUTHORIZATION
    with serve().connect(
        head + b"Content-Length: 14\r\nExpect: 100-continue\r\n\r\n"
    ) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(SEARCH)
        assert received(connection).startswith(b"HTTP/1.1 200 ")


def test_a_new_certificate_is_for_new_connections(service, authority):
    """An open one goes on."""
    other = Authority(authority.folder / "..")
    files = other.issue("localhost", name="renewed")
    certificate = Certificate(str(files.with_suffix(".pem")))
    with running(
        service, certificate=certificate, client_context=other.client_context()
    ) as server, server.connect() as kept:
        other.issue("localhost", "renewed.example", name="renewed")
        certificate.reload()
        with server.connect() as renewed:
            names = [name for _, name in renewed.getpeercert()["subjectAltName"]]
        assert names == ["localhost", "renewed.example"]
        kept.sendall(request(b"GET /healthz HTTP/1.1"))
        assert parsed(received(kept))[0] == 200


def test_many_clients_at_once(serve):
    server = serve()
    statuses = []

    def ask():
        statuses.extend(tags(server) for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert statuses == [200] * 100
