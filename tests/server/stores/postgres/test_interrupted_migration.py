"""Migrations that are killed, that fail, or that several processes begin: all or nothing."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")
pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

import psycopg

from memoryos_server.model.errors import ServiceError
from memoryos_server.stores.postgres import schema
from tests.server.stores.renewing import wait_until_renewed

from .old_databases import restore, rows, structure

PROGRAM = Path(__file__).with_name("migrating.py")
PATIENCE_SECONDS = 60

STATEMENTS = (
    "CREATE TABLE memoryos.memory_metadata",
    "UPDATE memoryos.memory_tags SET owner",
    "DROP CONSTRAINT memories_pkey",
    "TRUNCATE memoryos.memory_words",
    "UPDATE memoryos.settings SET value",
    "COMMIT",
)
"""Of the migration from version 1, in their order."""

# In the database of a connection only.
TERMINATE = """
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND state = 'idle in transaction'
"""
WAITING = """
  SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
  WHERE locktype = '{kind}' AND NOT granted AND datname = current_database()
"""


class Migration:
    """A process that migrates, and may stop before a statement."""

    def __init__(self, url, *before):
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", PROGRAM, url, *before],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def told(self):
        return self.process.stdout.readline().rstrip("\n")

    def go_on(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()


@pytest.fixture
def migration():
    """Start processes that migrate, and end them after the test."""
    with contextlib.ExitStack() as stack:

        def start(*arguments):
            started = Migration(*arguments)
            stack.enter_context(started.process)
            stack.callback(started.process.kill)
            return started

        yield start


def contents(postgres, url):
    return structure(postgres, url), rows(postgres, url)


def wait_for_locks(postgres, url, kind, number):
    """Wait until this number of backends waits for a lock of a kind."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while postgres.execute(WAITING.format(kind=kind), url) != [(number,)]:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(scope="module")
def migrated(postgres):
    """What an undisturbed migration of the database of version 1 makes."""
    url = restore(postgres, 1)
    subprocess.run([sys.executable, PROGRAM, url], check=True, stdout=subprocess.DEVNULL)
    return contents(postgres, url)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_killed_migration_is_done_again(statement, migration, postgres, migrated):
    """Nothing of it is left, and the next process does all of it."""
    url = restore(postgres, 1)
    before = contents(postgres, url)
    killed = migration(url, statement)
    assert killed.told() == "stopped"
    killed.process.kill()
    killed.process.wait(PATIENCE_SECONDS)
    assert migration(url).told() == "migrated"
    assert before != contents(postgres, url) == migrated


@pytest.mark.parametrize("statement", [STATEMENTS[2], STATEMENTS[-1]])
def test_a_migration_whose_connection_is_lost_changes_nothing(
    statement, migration, postgres, migrated
):
    """The process says so, and migrates with its next request."""
    url = restore(postgres, 1)
    before = contents(postgres, url)
    lost = migration(url, statement)
    assert lost.told() == "stopped"
    assert postgres.execute(TERMINATE, url) == [(True,)]
    assert contents(postgres, url) == before
    lost.go_on()
    assert lost.told().startswith("503 The database is being stopped")
    assert lost.told() == "migrated"
    assert contents(postgres, url) == migrated


def test_of_several_processes_one_migrates(migration, postgres, migrated):
    """The others wait for it, and then find nothing to do."""
    url = restore(postgres, 1)
    first = migration(url, "COMMIT")
    assert first.told() == "stopped"
    others = [migration(url) for _ in range(2)]
    wait_for_locks(postgres, url, "advisory", len(others))
    first.go_on()
    assert [one.told() for one in (first, *others)] == ["migrated"] * 3
    assert contents(postgres, url) == migrated


def test_a_migration_lets_servers_of_the_old_version_finish(migration, postgres, migrated):
    """Also one that reads a table which the migration has, and has one that it waits for."""
    url = restore(postgres, 1)
    with psycopg.connect(url) as old:
        old.execute("SET LOCAL deadlock_timeout = '1h'")  # the migration notices it
        old.execute("SELECT count(*) FROM memoryos.tags")
        waiting = migration(url)
        wait_for_locks(postgres, url, "relation", 1)
        old.execute("SELECT count(*) FROM memoryos.claims")
        wait_for_locks(postgres, url, "relation", 1)
        assert old.execute("SELECT count(*) FROM memoryos.memory_tags").fetchone() > (0,)
    assert waiting.told() == "migrated"
    assert contents(postgres, url) == migrated


def test_a_migration_that_fails_changes_nothing(start, postgres, migrated, monkeypatch):
    """The old program goes on with the database, and a mended one migrates it."""
    url = restore(postgres, 1)
    before = contents(postgres, url)
    *earlier, last = schema.VERSIONS
    failing = last._replace(statements=(*last.statements, "SELECT 1 FROM memoryos.missing"))
    with monkeypatch.context() as patch:
        patch.setattr(schema, "VERSIONS", (*earlier, failing))
        with pytest.raises(ServiceError, match="lacks tables"):
            start(url).list_keys()
    assert contents(postgres, url) == before
    wait_until_renewed(start(url))
    assert contents(postgres, url) == migrated
