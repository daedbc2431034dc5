"""The runbook of docs/guides/self-hosting.md: failures are made, and their messages compared."""

from __future__ import annotations

import json
import re
import select
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, closing
from http.client import HTTPResponse

import pytest

from tests.server.processes.served import Client, refusal, serving
from tests.server.processes.test_disks import mounted

from .units import DEPLOY

GUIDE = DEPLOY.parent / "docs" / "guides" / "self-hosting.md"
PATIENCE_SECONDS = 120
NO_CHECK = {
    # A wrong clock: tests of keys and of the tier `short` have clocks of their own.
    "The clock is wrong",
    # Kills while migrations and writes run: tests/server/stores and tests/server/processes.
    "An upgrade was interrupted",
    "Out of memory",
    # What is slow depends on the machine; docs/local.md measures it.
    "Searches are slow",
    # Any of the other failures.
    "The server is down",
    # tests/server/stores/sqlite/test_write_ahead_log.py has readers that keep it.
    "The write-ahead log grows",
}


def entries():
    """Return the entries of the runbook with their texts on one line."""
    runbook = GUIDE.read_text(encoding="utf-8").partition("\n## When something fails\n")[2]
    parts = re.split(r"^### (.*)$", runbook, flags=re.MULTILINE)[1:]
    return {name: " ".join(text.split()) for name, text in zip(parts[::2], parts[1::2])}


def quoted(name):
    """Return the messages that an entry quotes."""
    found = re.findall(r'"([^"`]+)"(?!`)', entries()[name])
    assert found, name
    return found


CHECKED = set()


def failure(name):
    """Mark a test that makes the failure of an entry."""
    CHECKED.add(name)
    return pytest.mark.parametrize("name", [name], ids=[name])


@pytest.fixture
def data(tmp_path):
    """A file with a memory."""
    file = tmp_path / "m.db"
    with serving(file) as server, closing(server.client()) as client:
        client.done("POST", "/memories", {"content": "kept", "tier": "long"})
    return file


def write(client):
    """Try to store a memory, and return status, code and message."""
    status, envelope = client.call("POST", "/memories", {"content": "more", "tier": "long"})
    error = envelope.get("error", {})
    return status, error.get("code"), error.get("message")


def readiness(server):
    """Return the status and the body of `/readyz`."""
    try:
        with urllib.request.urlopen(f"http://{server.address}/readyz", timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@failure("The disk is full")
def test_a_full_disk(name, tmp_path):
    with ExitStack() as stack:
        disk = stack.enter_context(mounted(tmp_path / "disk"))
        server = stack.enter_context(serving(disk / "m.db"))
        client = stack.enter_context(closing(server.client()))
        client.done("POST", "/memories", {"content": "kept", "tier": "long"})
        (disk / "ballast").write_bytes(bytes(shutil.disk_usage(disk).free))
        status, _, message = write(client)
        while status == 200:  # the log had room
            status, _, message = write(client)
        assert status == 503
        assert message in quoted(name)
        client.done("GET", "/memories")
        (disk / "ballast").unlink()
        assert write(client)[0] == 200


@failure("The file can't be written")
def test_a_file_that_can_not_be_written(name, data, tmp_path):
    with mounted(tmp_path / "disk") as disk:
        file = disk / "m.db"
        shutil.copy(data, file)
        with serving(file) as server:
            key = server.api_key
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        try:
            with serving(file, api_key=key) as server, closing(server.client()) as client:
                assert write(client)[:2] == (403, "READ_ONLY")
                _, body = readiness(server)
                assert f'"store":"{body["checks"]["store"]}"' in entries()[name]
        finally:
            subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


@failure("The file is locked")
def test_a_locked_file(name, data):
    with serving(data) as server, closing(server.client()) as client:
        with closing(sqlite3.connect(data, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            status, _, message = write(client)
            assert (status, [message]) == (503, quoted(name))
        assert write(client)[0] == 200


@failure("The file is damaged")
def test_a_damaged_file(name, data):
    size = data.stat().st_size
    with data.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))
    assert quoted(name)[0] in refusal(data)


@failure("A file of another version")
def test_a_file_of_a_newer_version(name, data):
    with closing(sqlite3.connect(data)) as connection:
        connection.execute("PRAGMA user_version = 999")
    assert quoted(name)[0] in refusal(data)


@failure("PostgreSQL is away")
def test_a_database_that_is_away(name):
    pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")
    command = [sys.executable, "-m", "memoryos", "serve", "--embedder", "hashing", "--port", "0"]
    done = subprocess.run(
        [*command, "--store", "postgresql://memory@127.0.0.1:1/memories"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert quoted(name)[0] in done.stderr


@failure("Another embedder")
def test_another_embedder(name, data):
    with closing(sqlite3.connect(data)) as connection:
        connection.execute("UPDATE settings SET value = 'other' WHERE name = 'embedder'")
        connection.commit()
    line = refusal(data)
    assert quoted(name)[0] in line
    assert "memoryos reembed" in line


@failure("The first key is lost")
def test_a_lost_key(name, data):
    data.with_name("m.db.key").unlink()
    command = [sys.executable, "-m", "memoryos", "serve", "--embedder", "hashing", "--port", "0"]
    with subprocess.Popen(
        [*command, "--data", str(data)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        lines = []
        while not (lines and b"Ctrl-C" in lines[-1]):
            lines.append(process.stdout.readline())
        process.terminate()
    assert quoted(name)[0] in b"".join(lines).decode()


@failure("Many responses with 429")
def test_limits_of_rates(name, data):
    limits = ("--rate-limit", "1/h", "--failed-auth-limit", "1/h")
    with serving(data, *limits) as server:
        messages = []
        for key in (server.api_key, "mos_test_00000000000000000000000000000000"):
            with closing(Client(server.address, key)) as client:
                answers = [client.call("GET", "/tags") for _ in range(3)]
            assert answers[-1][0] == 429
            messages.append(answers[-1][1]["error"]["message"])
        server.stop()
    assert messages == quoted(name)


@failure("Many responses with 503")
def test_too_many_requests_at_once(name, data):
    with serving(data, "--max-requests", "1") as server, closing(server.client()) as client:
        host, port = server.address.split(":")
        head = f"POST /v1/memories HTTP/1.1\r\nHost: {host}\r\nContent-Length: 100\r\n"
        head += f"Authorization: Bearer {server.api_key}\r\n\r\n"
        with ExitStack() as stack:
            # Two whose bodies don't come; which one is refused is for the server to say.
            slow = [socket.create_connection((host, int(port))) for _ in range(2)]
            for each in slow:
                stack.enter_context(each).sendall(head.encode())
            (refused, *_), _, _ = select.select(slow, [], [], PATIENCE_SECONDS)
            with HTTPResponse(refused) as answer:
                answer.begin()
                message = json.load(answer)["error"]["message"]
                assert (answer.status, [message]) == (503, quoted(name))
        assert write(client)[0] == 200


@failure("The certificate has expired")
def test_an_expired_certificate(name, data, tmp_path):
    trustme = pytest.importorskip("trustme", reason="trustme is not installed")
    from datetime import datetime, timezone

    certificate = tmp_path / "tls.pem"
    issued = trustme.CA().issue_cert(
        "localhost", not_after=datetime(2020, 1, 2, tzinfo=timezone.utc)
    )
    issued.private_key_and_cert_chain_pem.write_to_path(certificate)
    command = [sys.executable, "-m", "memoryos", "serve", "--embedder", "hashing", "--port", "0"]
    with subprocess.Popen(
        [*command, "--data", str(data), "--tls-cert", str(certificate)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert quoted(name)[0] in process.stderr.readline()
        process.terminate()


@failure("Backups fail")
def test_a_backup_that_fails(name, data, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    with serving(data, "--backup-dir", str(folder)):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not any(file.stat().st_size for file in folder.glob("m-*.db")):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    for file in folder.iterdir():
        file.unlink()
    (folder / file.name).parent.rmdir()
    expected = set(quoted(name))
    assert "create it first" in refusal(data, "--backup-dir", str(folder))
    assert expected == {"no backup in", "create it first"}


@failure("The port is in use")
def test_a_port_in_use(name, data):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        line = refusal(data, "--port", str(taken.getsockname()[1]))
    assert quoted(name)[0] in line


@failure("The key's file can't be written")
def test_a_file_for_the_key_that_is_none(name, tmp_path):
    (tmp_path / "m.db.key").write_text("not a key")
    assert quoted(name)[0] in refusal(tmp_path / "m.db")


def test_every_entry_has_its_test():
    """Or a reason why it has none."""
    assert set(entries()) == CHECKED | NO_CHECK
