"""A stop in order: what is under way is finished, what is new is refused, nothing is left half."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from .inspection import assert_sound, stored
from .served import PATIENCE_SECONDS, LostError, Served

WRITERS = 8


@pytest.fixture
def server(tmp_path):
    return Served(tmp_path / "m.db").wait_until_ready()


def connected(server):
    host, _, port = server.address.partition(":")
    return socket.create_connection((host, int(port)), PATIENCE_SECONDS)


def is_listening(server):
    try:
        connected(server).close()
    except ConnectionRefusedError:
        return False
    return True


def wait_until_it_refuses(server):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while is_listening(server):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def half_a_request(server, connection):
    """Send the head of a create and half of its body; return the other half."""
    body = json.dumps({"content": "under way", "tier": "long"}).encode()
    head = (
        f"POST /v1/memories HTTP/1.1\r\nHost: {server.address}\r\n"
        f"Authorization: Bearer {server.api_key}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connection.sendall(head.encode() + body[:10])
    return body[10:]


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_what_is_under_way_is_finished_and_what_is_new_is_refused(server, by):
    """The request whose second half comes late is stored and answered; nobody else gets in."""
    with connected(server) as connection:
        rest = half_a_request(server, connection)
        # An answer to another request shows that the first one's head has been read as well.
        with closing(server.client()) as client:
            client.done("GET", "/tags")
        server.process.send_signal(by)
        wait_until_it_refuses(server)
        assert server.process.poll() is None
        connection.sendall(rest)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        made = json.loads(answer.read())["data"]
    server.process.communicate(timeout=PATIENCE_SECONDS)
    assert server.process.returncode == 0
    assert stored(server.data) == {made["id"]: "under way"}


def test_under_load_every_request_is_answered_whole_or_not_at_all(server):
    """What was answered is stored; what was not answered can be repeated elsewhere."""
    acknowledged, lost = {}, []
    enough = threading.Event()

    def create(number):
        with closing(server.client()) as client:
            for step in range(100_000):
                body = {"content": f"memory {number} {step}", "tier": "long"}
                try:
                    status, envelope = client.call("POST", "/memories", body)
                except LostError as error:
                    lost.append(str(error))
                    return
                assert status == 200, envelope
                acknowledged[envelope["data"]["id"]] = body["content"]
                if len(acknowledged) >= 50:
                    enough.set()

    with ThreadPoolExecutor(WRITERS) as threads:
        runs = [threads.submit(create, number) for number in range(WRITERS)]
        assert enough.wait(PATIENCE_SECONDS)
        assert server.stop() == ""
        for run in runs:
            run.result()
    assert len(lost) == WRITERS
    assert not any("IncompleteRead" in reason for reason in lost)
    contents = stored(server.data)
    assert acknowledged.items() <= contents.items()
    assert len(contents) <= len(acknowledged) + WRITERS
    assert_sound(server.data)
    assert sorted(path.name for path in server.data.parent.iterdir()) == ["m.db", "m.db.key"]


def test_access_counts_are_written_before_it_ends(server):
    """They wait in memory while it runs; a stop in order loses none."""
    with closing(server.client()) as client:
        made = client.done("POST", "/memories", {"content": "Ada", "tier": "long"})
        for _ in range(3):
            client.done("GET", f"/memories/{made['id']}")
    server.stop()
    again = Served(server.data).wait_until_ready()
    with closing(again.client()) as client:
        assert client.done("GET", f"/memories/{made['id']}")["access_count"] == 4
    again.stop()
