"""The lines that requests on a socket leave in the log."""

from __future__ import annotations

import logging
import re
import socket
import struct
import subprocess
import sys
import time

import pytest

from memoryos_server.model.errors import ReadOnlyStoreError, unavailable

from .sockets import AUTHORIZATION, PATIENCE_SECONDS, SLOW_BODIES, request, running, tags


def lines_of(caplog):
    return [record.getMessage() for record in caplog.records]


def wait_for_lines(caplog, count):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(caplog.records) < count and time.monotonic() < deadline:
        time.sleep(0.01)
    return lines_of(caplog)


def test_each_request_is_logged_once_however_it_ends(service, caplog):
    """Answered, abandoned, reset or malformed; and with the status that was sent."""
    caplog.set_level(logging.DEBUG, logger="memoryos_server.access")
    start = b"POST /v1/search HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION
    with running(service, log_requests=True) as server:
        assert tags(server) == 200
        server.exchange(start + SLOW_BODIES["length"], half_close=True)
        wait_for_lines(caplog, 2)
        with server.connect(start + SLOW_BODIES["expect"]) as connection:
            assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        wait_for_lines(caplog, 3)
        server.exchange(start + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")
        wait_for_lines(caplog, 4)
        server.exchange(b"not HTTP\r\n\r\n")
        server.exchange(request(b"GET http://ada:secret@x/v1/tags HTTP/1.1"))
        lines = wait_for_lines(caplog, 6)
    sent = [int(line.rpartition(" sent=")[2]) for line in lines]
    assert [size > 0 for size in sent] == [True, False, False, False, True, True]
    assert [[*line.split(" ")[:3], line.split(" ")[6]] for line in lines] == [
        ["GET", "/v1/tags", "200", "owner=somebody"],
        ["POST", "/v1/search", "499", "owner=somebody"],
        ["POST", "/v1/search", "499", "owner=somebody"],
        ["POST", "/v1/search", "400", "owner=somebody"],
        ["-", "-", "400", "owner=-"],
        ["GET", "-", "400", "owner=-"],
    ]


@pytest.mark.parametrize("is_slow", [False, True])
def test_a_request_with_a_malformed_body_has_one_id(service, caplog, is_slow):
    """Whether the application has seen its headers before or not."""
    caplog.set_level(logging.INFO, logger="memoryos_server")
    head = b"POST /v1/search HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION
    head += b"Transfer-Encoding: chunked\r\n\r\n"
    with running(service, log_requests=True) as server:
        with server.connect(head if is_slow else head + b"zz\r\n") as connection:
            if is_slow:
                assert tags(server) == 200  # so the headers have been seen
                connection.sendall(b"zz\r\n")
            answer = connection.recv(10_000).decode()
        line = wait_for_lines(caplog, 2 if is_slow else 1)[-1]
    (told,) = re.findall("x-request-id: (.*)\r\n", answer)
    assert answer.startswith("HTTP/1.1 400 ")
    assert "POST /v1/search 400 " in line
    assert f"request_id={told} " in line


def test_an_error_is_logged_once_with_its_frames_and_without_its_message(service, caplog):
    """Beside the line of the request, with the same id."""
    caplog.set_level(logging.INFO, logger="memoryos_server")
    service.error = RuntimeError("a secret")
    with running(service, log_requests=True) as server:
        assert tags(server) == 500
        failure, line = wait_for_lines(caplog, 2)
    assert "RuntimeError at" in failure
    assert "secret" not in failure
    request_id = line.split("request_id=")[1].split()[0]
    assert f"({request_id})" in failure
    assert " 500 " in line


@pytest.mark.parametrize("make_error", [unavailable, ReadOnlyStoreError])
def test_the_reason_of_a_failure_of_the_store_is_logged(service, caplog, make_error):
    """The operator has to mend it, and the client alone is told otherwise."""
    caplog.set_level(logging.INFO, logger="memoryos_server")
    service.error = make_error("The disk is full")
    with running(service, log_requests=True) as server:
        assert tags(server) == service.error.status
        failure, line = wait_for_lines(caplog, 2)
    request_id = line.split("request_id=")[1].split()[0]
    assert failure == f"GET /tags failed: The disk is full ({request_id})"
    assert caplog.records[0].levelno == logging.WARNING
    assert caplog.records[0].msg.fields()["request_id"] == request_id


def test_a_failure_of_the_store_is_not_shown_where_nothing_logs():
    """A program that embeds the service gets it as an exception."""
    program = (
        "from memoryos_server.http.error_log import log_failure\n"
        "log_failure('the disk is full', operation='GET /tags', request_id='req_1')"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert ended.stderr == b""


def test_a_server_logs_no_requests_unless_asked(socket_server, caplog):
    caplog.set_level(logging.DEBUG)
    assert tags(socket_server) == 200
    socket_server.exchange(b"not HTTP\r\n\r\n")
    assert [record for record in caplog.records if record.name.startswith("memoryos")] == []
