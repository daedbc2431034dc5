"""A Citus cluster: each owner's rows are on one node, and the others go on when it stops."""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager

import pytest

from memoryos_server.model.errors import ServiceError

from ...conftest import User

pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")

pytestmark = [
    pytest.mark.local_server,
    pytest.mark.skipif(
        not os.environ.get("MEMORY_OS_TEST_CITUS"),
        reason="no Citus cluster was given (make test-citus URL=…)",
    ),
]

PATIENCE_SECONDS = 180
STATE = "Alice moved to Lisbon"
NODE = """
  SELECT nodename, nodeport FROM pg_dist_shard_placement WHERE shardid =
  get_shard_id_for_distribution_column('memoryos.memories', '{owner}')
"""
IDS = "SELECT id FROM memoryos.memories WHERE owner = '{owner}'"
KINDS = """
  SELECT logicalrelid::regclass::text, partmethod, colocationid FROM pg_dist_partition
  WHERE logicalrelid::text LIKE 'memoryos.%'
"""


@pytest.fixture
def url(new_database):
    return new_database()


@pytest.fixture
def service(start, url):
    service = start(url)
    User(service).create("The tables exist now", tier="long")
    return service


def test_the_tables_of_owners_are_distributed_together(service, url, postgres):
    """The keys are on every node; what each transaction locks is on the coordinator."""
    tables = {name.partition(".")[2]: rest for name, *rest in postgres.execute(KINDS, url)}
    assert tables.pop("keys")[0] == "n"
    assert "settings" not in tables
    assert {"memories", "memory_words", "tags", "claims", "vectors"} <= tables.keys()
    assert {method for method, _ in tables.values()} == {"h"}
    assert len({together for _, together in tables.values()}) == 1


class Writer(threading.Thread):
    """Creates memories of one owner until it is stopped.

    Attributes:
        acknowledged: the ids of those that were answered with success.
        errors: the other answers.
    """

    def __init__(self, service, owner):
        super().__init__()
        self.user = User(service, owner)
        self.acknowledged = []
        self.errors = []
        self._is_stopped = threading.Event()

    def run(self):
        while not self._is_stopped.is_set():
            self._create(f"{STATE} {len(self.acknowledged)}")

    def _create(self, content):
        try:
            created = self.user.create(content, tier="long")
        except Exception as error:  # noqa: BLE001 - the test says which it expects
            self.errors.append(error)
        else:
            self.acknowledged.append(created["id"])

    def stop(self):
        self._is_stopped.set()
        self.join()

    def wait_for(self, attribute, count=10):
        """Wait until as many answers of one kind have come."""
        wanted = len(getattr(self, attribute)) + count
        wait_until(lambda: len(getattr(self, attribute)) >= wanted or not self.is_alive())


def is_unavailable(error):
    """Return whether an error is a 503 with Retry-After."""
    return isinstance(error, ServiceError) and error.status == 503 and error.retry_after


def wait_until(holds):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def stopped_worker(postgres, url):
    """Return a block during which a worker doesn't run; it is killed, and started at the end."""

    @contextmanager
    def stop(host, port):
        if host not in {"localhost", "127.0.0.1"}:
            pytest.skip("the test can start a worker again only on its own machine")
        node = postgres.on_node(url, host, port)
        [(folder, programs, pid)] = postgres.execute(
            "SELECT current_setting('data_directory'), (SELECT setting FROM pg_config "
            "WHERE name = 'BINDIR'), split_part(pg_read_file('postmaster.pid'), E'\\n', 1)",
            node,
        )
        run_as_postgres(postgres, url, f"kill -QUIT {pid}")
        try:
            wait_until(lambda: not answers(postgres, node))
            yield
        finally:
            # A connection attempt of the coordinator may hold the port for a moment.
            start = f"{programs}/pg_ctl -D {folder} -l {folder}.log -w start >/dev/null 2>&1; true"
            wait_until(lambda: run_as_postgres(postgres, url, start) or answers(postgres, node))

    return stop


def run_as_postgres(postgres, url, command):
    """Run a program on the coordinator's machine, as the user of its server."""
    postgres.execute(
        f"COPY (SELECT 1) TO PROGRAM $command$ cat >/dev/null; {command} $command$", url
    )


def answers(postgres, url):
    import psycopg

    try:
        return postgres.execute("SELECT true", url)
    except psycopg.OperationalError:
        return False


def owners_of_two_nodes(postgres, url):
    """Return two owners on different nodes, and the node of the first."""
    first = postgres.execute(NODE.format(owner="owner0"), url)
    for number in range(1, 100):
        owner = f"owner{number}"
        if postgres.execute(NODE.format(owner=owner), url) != first:
            return "owner0", owner, first[0]
    return pytest.skip("the cluster has one worker")


def test_a_worker_that_stops_concerns_only_its_owners(
    service, url, postgres, clock, stopped_worker
):
    """They get 503 with Retry-After, the others go on; nothing acknowledged is lost or doubled."""
    lost, other, node = owners_of_two_nodes(postgres, url)
    service.create_key(owner=lost)  # those with keys are purged in turn, after the writes of others
    writers = [Writer(service, lost), Writer(service, other)]
    for writer in writers:
        writer.start()
    try:
        for writer in writers:
            writer.wait_for("acknowledged")
        with stopped_worker(*node):
            clock.advance(minutes=1)  # a purge is due
            writers[0].wait_for("errors", 1)
            writers[1].wait_for("acknowledged")
        writers[0].wait_for("acknowledged")
    finally:
        for writer in writers:
            writer.stop()
    assert [error for error in writers[0].errors if not is_unavailable(error)] == []
    assert writers[1].errors == []
    for writer in writers:
        stored = postgres.execute(IDS.format(owner=writer.user.caller.owner), url)
        assert set(writer.acknowledged) <= {row[0] for row in stored}
