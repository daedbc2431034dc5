"""`memoryos serve --workers`: several processes on one address."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import psutil
import pytest

from memoryos_server.commands.worker_restarts import MAX_FAILURES
from tests.postgres import needs_direct_connection
from tests.server.http.certificates import Authority

PATIENCE_SECONDS = 120

pytestmark = [
    pytest.mark.local_server,
    pytest.mark.skipif(os.name != "posix", reason="needs PostgreSQL and signals"),
]


class Workers:
    """A server with two workers."""

    def __init__(self, url, folder, *options, log="warning", **environment):
        self.key_file = folder / "key"
        command = [
            sys.executable,
            "-W",
            "error",
            "-m",
            "memoryos",
            "serve",
            "--port",
            "0",
            "--json",
        ]
        command += ["--store", url, "--embedder", "hashing", "--key-file", str(self.key_file)]
        self.process = subprocess.Popen(
            [*command, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, "MEMORY_OS_LOG": log, **environment},
        )

    def wait_until_ready(self):
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        told = json.loads(line)
        assert told["pid"] == self.process.pid
        self.address = urlsplit(told["base_url"])
        headers = {"Authorization": f"Bearer {Path(told['api_key_file']).read_text().strip()}"}
        self.http = httpx.Client(
            base_url=told["base_url"],
            headers={**headers, "Connection": "close"},
            timeout=PATIENCE_SECONDS,
        )
        return self

    def workers(self):
        """Return the worker processes, without the one that tracks resources."""
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if not is_gone(child) and is_worker(child)]

    def wait_for_other_workers(self, ended):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(found := set(self.workers()) - set(ended)) < 2:
            assert time.monotonic() < deadline
            assert self.process.poll() is None, self.process.stderr.read()
            time.sleep(0.05)
        return found

    def signal_and_wait(self, by):
        self.process.send_signal(by)
        rest, errors = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, rest, errors


@pytest.fixture
def serve(new_database, tmp_path):
    """Return a function that starts a server on a new database; none outlives the test."""
    started = []

    def start(*options, workers=2, url=None, **environment):
        server = Workers(
            url or new_database(), tmp_path, "--workers", str(workers), *options, **environment
        )
        started.append(server)
        return server

    yield start
    for server in started:
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(server.process.pid).children(recursive=True):
                child.kill()
        server.process.kill()
        server.process.communicate()


def is_worker(process):
    with contextlib.suppress(psutil.NoSuchProcess):
        return "spawn_main" in " ".join(process.cmdline())
    return False


def is_gone(process):
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def wait_until_gone(processes):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not all(map(is_gone, processes)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def half_a_request(server):
    """Send the first half of a request to some worker, which waits for the second."""
    body = b'{"query": "x"}'
    head = (
        f"POST /v1/search HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        f"Authorization: {server.http.headers['authorization']}\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    address = (server.address.hostname, server.address.port)
    connection = socket.create_connection(address, PATIENCE_SECONDS)
    connection.sendall(head.encode())
    assert connection.recv(100).startswith(b"HTTP/1.1 100")
    return connection, body


def wait_until_it_refuses(server):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            socket.create_connection((server.address.hostname, server.address.port)).close()
        except OSError:
            return
        assert time.monotonic() < deadline
        time.sleep(0.05)


def worker_of(server, connection):
    """Return the worker that has accepted a connection."""
    here = connection.getsockname()
    for worker in server.workers():
        if here in [opened.raddr for opened in worker.net_connections("tcp") if opened.raddr]:
            return worker
    raise AssertionError("no worker has it")


def test_workers_share_the_address_and_a_killed_one_is_replaced(serve):
    """A request in progress in another worker ends well."""
    server = serve().wait_until_ready()
    assert server.http.post("/memories", json={"content": "Ada"}).status_code == 200
    workers = server.workers()
    assert len(workers) == 2
    connection, body = half_a_request(server)
    with connection:
        (other,) = set(workers) - {worker_of(server, connection)}
        other.kill()
        assert {server.http.get("/tags").status_code for _ in range(20)} == {200}
        server.wait_for_other_workers([other])
        connection.sendall(body)
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    status, rest, errors = server.signal_and_wait(signal.SIGTERM)
    assert (status, rest) == (0, "")
    assert errors.count("\n") == 1
    assert f"(process {other.pid}): it was ended by SIGKILL; it is replaced" in errors


@pytest.mark.parametrize(
    ("send", "by"),
    [
        (os.kill, signal.SIGTERM),
        (os.kill, signal.SIGINT),
        (os.killpg, signal.SIGTERM),  # as systemd does
        (os.killpg, signal.SIGINT),  # as a terminal does for Ctrl-C
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_signal_stops_all_workers_after_their_requests(serve, send, by):
    """Also if they get it themselves."""
    server = serve().wait_until_ready()
    workers = server.workers()
    connection, body = half_a_request(server)
    with connection:
        send(server.process.pid, by)
        wait_until_it_refuses(server)  # nobody would answer
        connection.sendall(body)
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    out, errors = server.process.communicate(timeout=PATIENCE_SECONDS)
    assert (server.process.returncode, out, errors) == (0, "", "")
    assert all(map(is_gone, workers))


def test_workers_end_with_a_killed_supervisor(serve):
    """Otherwise they would serve the address that the next start needs."""
    server = serve().wait_until_ready()
    workers = psutil.Process(server.process.pid).children(recursive=True)
    server.process.kill()
    wait_until_gone(workers)


def counted(server):
    """Return the requests to list tags that any worker reports in its metrics."""
    text = server.http.get(f"http://{server.address.netloc}/metrics").text
    values = re.findall(
        r'^memoryos_requests_total\{.*operation="list_tags".*\} (\S+)$', text, re.MULTILINE
    )
    return sum(map(float, values))


def test_the_metrics_are_those_of_all_workers(serve):
    """Also of one that was killed, and the folder that they share goes with the server."""
    server = serve().wait_until_ready()
    for _ in range(20):
        server.http.get("/tags")
    assert {counted(server) for _ in range(10)} == {20}
    (folder,) = {
        Path(opened.path).parent
        for opened in server.workers()[0].memory_maps()
        if "memoryos-metrics-" in opened.path
    }
    first = server.workers()[0]
    first.kill()
    server.wait_for_other_workers([first])
    assert {counted(server) for _ in range(10)} == {20}
    assert server.signal_and_wait(signal.SIGTERM)[0] == 0
    assert not folder.exists()


def test_sighup_reads_the_certificate_of_all_workers_anew(serve, tmp_path):
    """Without a new process: requests in progress go on."""
    authority = Authority(tmp_path)
    file = authority.issue("localhost").with_suffix(".pem")
    server = serve("--tls-cert", str(file), log="info").wait_until_ready()
    workers = set(server.workers())
    authority.issue("localhost", "renewed.example")
    server.process.send_signal(signal.SIGHUP)
    lines = iter(server.process.stderr.readline, "")
    assert len(list(islice((line for line in lines if "was read anew" in line), 2))) == 2
    assert {names_at(server.address.port, authority) for _ in range(10)} == {"renewed.example"}
    assert set(server.workers()) == workers
    assert server.signal_and_wait(signal.SIGTERM)[0] == 0


def names_at(port, authority):
    context = authority.client_context()
    with socket.create_connection(("127.0.0.1", port)) as raw, context.wrap_socket(
        raw, server_hostname="localhost"
    ) as connection:
        return connection.getpeercert()["subjectAltName"][-1][1]


def test_a_worker_that_is_asked_to_end_is_replaced(serve):
    server = serve().wait_until_ready()
    first = server.workers()[0]
    first.terminate()
    server.wait_for_other_workers([first])
    assert server.http.get("/tags").status_code == 200
    assert server.signal_and_wait(signal.SIGTERM)[0] == 0


def test_a_worker_that_can_not_start_is_an_error_and_no_loop(serve, tmp_path):
    """Such as an embedder that only loads once."""
    module = tmp_path / "once.py"
    module.write_text(
        "import multiprocessing\n"
        "if multiprocessing.parent_process():\n"
        "    raise RuntimeError('only one process may load it')\n"
        "def embed(texts):\n"
        "    return [[1.0, 0.0] for _ in texts]\n"
    )
    server = serve("--embedder", "python:once:embed", PYTHONPATH=with_folder(tmp_path))
    out, errors = server.process.communicate(timeout=PATIENCE_SECONDS)
    assert (server.process.returncode, out) == (1, "")
    assert errors.count("\n") == 1
    assert "a worker can't start" in errors
    assert "only one process may load it" in errors


def test_a_worker_that_ends_again_and_again_stops_the_server(serve):
    """Each process in the place of one of them is killed; the other stays until the end."""
    server = serve(log="error").wait_until_ready()
    stable, victim = server.workers()
    while server.process.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.kill()
        with contextlib.suppress(psutil.NoSuchProcess):  # the server has ended
            victim = next((w for w in server.workers() if w != stable), victim)
    _, errors = server.process.communicate()
    assert server.process.returncode == 1
    assert errors.count("it was ended by SIGKILL") == MAX_FAILURES + 1
    assert errors.endswith("it was ended by SIGKILL; that was too often\n")
    assert is_gone(stable)


@needs_direct_connection
def test_a_worker_that_ends_while_the_database_is_away_is_replaced_when_it_is_back(
    serve, new_database, tmp_path
):
    """However long that takes; the other worker goes on."""
    url = new_database()
    (folder,) = parse_qs(urlsplit(url).query).get("host", [""])
    if not folder.startswith("/"):
        pytest.skip("the database isn't reached through a socket of this machine")
    (socket_file,) = Path(folder).glob(".s.PGSQL.*[0-9]")
    link = tmp_path / socket_file.name
    link.symlink_to(socket_file)
    server = serve(url=url.replace(quote(folder), quote(str(tmp_path)))).wait_until_ready()
    first, other = server.workers()
    link.unlink()
    first.kill()
    refused = iter(lambda: "it is replaced" in server.process.stderr.readline(), None)
    assert list(islice(refused, MAX_FAILURES + 1)) == [True] * (MAX_FAILURES + 1)
    assert not is_gone(other)
    link.symlink_to(socket_file)
    server.wait_for_other_workers([first])
    assert server.signal_and_wait(signal.SIGTERM)[0] == 0


def test_a_file_has_one_worker(tmp_path):
    command = [sys.executable, "-m", "memoryos", "serve", "--port", "0", "--workers", "2"]
    result = subprocess.run(
        [*command, "--data", str(tmp_path / "m.db")],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert "--workers 2 needs a PostgreSQL database" in result.stderr
    assert "--store" in result.stderr


def with_folder(folder):
    return os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
