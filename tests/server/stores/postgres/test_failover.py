"""A primary with a synchronous standby fails under load, as `docs/guides/failover.md` says.

Two servers write with eight clients, which repeat with the same key what got a 503.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.postgres import SETTINGS, standby, unprivileged_user

pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")

from memoryos_server.model.errors import ServiceError

PAGE = Path(__file__).parents[4] / "docs" / "guides" / "failover.md"
CLIENTS = 8
WRITES = 30
WRITES_BEFORE = 60
"""How many writes are acknowledged before the primary is killed."""
PATIENCE_SECONDS = 120


def run_documented(part, programs, **variables):
    """Run the one command of the page that contains `part`, and return what it prints."""
    blocks = re.findall(r"```sh\n(.*?)\n```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    [command] = [block for block in blocks if part in block]
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-euc", command],
        env={"PATH": path, **{name: str(value) for name, value in variables.items()}},
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        timeout=PATIENCE_SECONDS,
        **unprivileged_user(),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def for_replication(primary):
    return f"{primary.url('postgres')}&application_name=db_b"


@pytest.fixture
def clusters():
    def copy(primary, data):
        run_documented(
            "pg_basebackup", primary.programs, PRIMARY=for_replication(primary), STANDBY_DATA=data
        )

    with standby(SETTINGS, copy) as (primary, other):
        variables = {"PRIMARY": for_replication(primary)}
        run_documented("ALTER SYSTEM", primary.programs, **variables)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while run_documented("sync_state", primary.programs, **variables) != "sync":
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield primary, other


def address_of_both(primary, other, database):
    hosts = [parse_qs(urlsplit(cluster.url("x")).query)["host"][0] for cluster in (primary, other)]
    return (
        f"postgresql://memoryos@/{database}?host={','.join(hosts)}&target_session_attrs=read-write"
    )


class Clients:
    """Write memories until each is acknowledged."""

    def __init__(self):
        self.acknowledged = {}
        self.refused = Counter()
        self._changed = threading.Condition()

    def write(self, user, client):
        for number in range(WRITES):
            text = f"memory {number} of client {client}"
            memory = self._write_one(user, text)
            with self._changed:
                self.acknowledged[text] = memory["id"]
                self._changed.notify_all()

    def wait(self, count):
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.acknowledged) >= count, PATIENCE_SECONDS)

    def _write_one(self, user, text):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return user.create(text, tier="long", key=text)
            except ServiceError as error:  # noqa: PERF203 - it is what is tested
                self._note(error, deadline)

    def _note(self, error, deadline):
        assert error.status == 503, error.message
        assert time.monotonic() < deadline, error.message
        self.refused[error.message] += 1
        time.sleep(0.05)


def test_nothing_acknowledged_is_lost_or_doubled_when_the_primary_fails(start, user_of, clusters):
    primary, other = clusters
    database = urlsplit(primary.make_database()).path[1:]
    services = [start(address_of_both(primary, other, database)) for _ in range(2)]
    users = [user_of(service) for service in services]
    clients = Clients()
    users[0].list()
    with ThreadPoolExecutor(CLIENTS) as threads:
        writing = [
            threads.submit(clients.write, users[client % 2], client) for client in range(CLIENTS)
        ]
        clients.wait(WRITES_BEFORE)
        primary.process.send_signal(signal.SIGQUIT)  # nothing is completed
        primary.process.wait(PATIENCE_SECONDS)
        run_documented("pg_promote", other.programs, STANDBY=other.url("postgres"))
        for one in writing:
            one.result(PATIENCE_SECONDS)
    stored = "SELECT content, id FROM memoryos.memories"
    rows = other.execute(stored, other.url(database))
    assert len(rows) == CLIENTS * WRITES
    assert dict(rows) == clients.acknowledged
    assert users[1].page().meta["total"] == CLIENTS * WRITES
    print(f"{len(rows)} writes acknowledged, refused with 503: {dict(clients.refused)}")
