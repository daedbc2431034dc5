"""Files of the last versions, filled with all kinds of records: migrated, they are as new ones."""

from __future__ import annotations

import logging
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from memoryos_server.service.reembedding import Reembedding
from memoryos_server.stores.sqlite.schema import VERSIONS
from memoryos_server.stores.sqlite.store import SQLiteStore
from tests.server.stores.renewing import wait_until_renewed

from .filling import OWNERS, QUERIES, STAGED, TEXTS, begin_reembedding, fill, opened

FILES = Path(__file__).parent / "versions"
OLD = (2, 3, 4, 5)
STAGED_COUNT = 7

FILTERS = (
    {},
    {"tier": "short"},
    {"content_type": "conversation"},
    {"metadata": {"tags": ["taste", "user:1"]}},
    {"tags": ["user:1"]},
    {"tags": ["user:1", "taste"]},
    {"metadata": {"city": "Москва"}},
    {"metadata": {"city": {"name": "Köln"}, "ts": 1757894400}},
    {"metadata": {"entities": ["e1"]}},
    {"created_after": "2026-11-22T10:00:03Z"},
)


def made(path, version):
    """Make a file as the program of that version did."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript((FILES / f"full_{version}.sql").read_text(encoding="utf-8"))
    return path


def filled_today(path, clock, user_of):
    with closing(opened(path, clock)) as service:
        fill(service, clock, user_of)
    with closing(SQLiteStore(path, embedder=None)) as store:
        staging = store.reembedding
        pending = [item for owner in OWNERS for item in staging.list_pending("other", owner, 0, 99)]
        begin_reembedding(staging, sorted(pending)[:STAGED_COUNT])
    return path


def answers(user):
    """Everything that an owner can ask for."""
    return (
        [user.page(**filters).data for filters in FILTERS],
        [
            [
                (found["content"], found["combined_score"])
                for found in user.search(**asked)["results"]
            ]
            for query in QUERIES
            for filters in FILTERS
            for asked in [{"query": query, "threshold": 0, **filters}]
        ],
        [user.context(query)["context"] for query in QUERIES],
        user.tags().data,
        user.entities().data,
    )


def read(path, statement):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


def dump(path):
    """All that is in a file, but for the numbers that the full-text index keeps of itself."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


@pytest.fixture(params=OLD)
def old(request, tmp_path):
    return made(tmp_path / "old.db", request.param)


@pytest.fixture
def both(old, tmp_path, clock, user_of):
    """Services of an old file, migrated, and of a new one with the same contents."""
    services = [opened(p, clock) for p in (old, filled_today(tmp_path / "new.db", clock, user_of))]
    yield services
    for service in services:
        service.close()


def test_a_migrated_file_answers_what_a_new_one_does(both, user_of):
    """Lists with filters, searches with scores, contexts, tags and entities, of each owner."""
    for owner in OWNERS:
        old, new = (answers(user_of(service, owner)) for service in both)
        assert old == new
        assert len(old[0][0]) == len(TEXTS)
        assert all(old[0])


def test_a_migrated_file_changes_as_a_new_one_does(both, user_of, clock):
    """Deletions, which detach children and tags; idempotency keys; expiry; numbers of memories."""
    seen = []
    for service in both:
        ada, bo = (user_of(service, owner) for owner in OWNERS)
        again = ada.create(TEXTS[0], key="once 0", **_first())
        parent = ada.list()[-1]["id"]
        assert again["id"] == parent
        ada.delete(parent)
        ada.update(ada.list()[0]["id"], content="all about piano", metadata={"tags": ["new"]})
        seen.append((answers(ada), answers(bo)))
    assert seen[0] == seen[1]
    clock.advance(days=60)
    for service in both:
        for owner in OWNERS:
            user_of(service, owner).create("much later")
    rows = [_rows(service) for service in both]
    assert rows[0] == rows[1]


def _first():
    metadata = {"tags": ["user:0"], "entities": [], "city": "Москва", "ts": 1757894400}
    return {"tier": "short", "content_type": "text", "metadata": metadata}


def _rows(service):
    tables = ("memory_tags", "memory_entities", "memory_metadata", "tags", "claims")
    with service._store._database.read() as connection:
        numbers = connection.execute("SELECT owner, number FROM memories ORDER BY 2").fetchall()
        counts = [connection.execute(f"SELECT count(*) FROM {t}").fetchone() for t in tables]
    return numbers, counts


def test_a_change_of_the_embedder_goes_on_after_the_migration(old, clock, user_of):
    """What was embedded before is not embedded again."""
    embedded = []

    class Counted:
        name, dimension = STAGED.name, STAGED.dimension

        def embed(self, texts):
            embedded.extend(texts)
            return STAGED.embed(texts)

    with closing(SQLiteStore(old, embedder=STAGED.name)) as store:
        assert Reembedding(store, Counted()).plan().remaining == 2 * len(TEXTS) - STAGED_COUNT
        Reembedding(store, Counted()).run(lambda count: None)
    assert len(embedded) == 2 * len(TEXTS) - STAGED_COUNT
    assert read(old, "SELECT count(*) FROM vectors WHERE vector IS NULL") == [(0,)]
    assert read(old, "SELECT count(*) FROM staged_vectors") == [(0,)]


def test_a_migration_is_reported(old, clock, user_of, caplog):
    """At its beginning, since it may take minutes, and at its end. A new file isn't migrated."""
    with caplog.at_level(logging.INFO, "memoryos_server"):
        with closing(opened(old, clock)) as service:
            wait_until_renewed(service)
        first, second, begun, ended = (record.getMessage() for record in caplog.records)
        with closing(opened(old.with_name("new.db"), clock)) as service:
            service.list_keys()
    assert f"database old.db with {2 * len(TEXTS)} memories" in first
    assert second.startswith("Migrated the database old.db in ")
    assert begun.startswith("Indexing the words of the database old.db anew")
    assert ended == f"Indexed {2 * len(TEXTS)} memories of the database old.db anew"
    assert len(caplog.records) == 4


KILLED = """
import os, signal, sys
from memoryos_server.service.operations import open_service
from memoryos_server.stores.sqlite import migration, schema

left = int(sys.argv[2])
derive = migration.derive

def statements(version):
    global left
    yield "PRAGMA cache_size = 1"  # so that what is half done is in the log
    for statement in version.statements:
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        yield statement

def derive_and_end(connection, parts):
    derive(connection, parts)
    os.kill(os.getpid(), signal.SIGKILL)

schema.VERSIONS = tuple(v._replace(statements=statements(v)) for v in schema.VERSIONS)
migration.derive = derive_and_end
open_service(sys.argv[1], embedder=None).list_keys()
"""
POINTS = (1, 2, 9, 20, 40, 60, 10**6)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("version", OLD)
def test_a_kill_in_the_middle_undoes_all_and_the_next_opening_does_it(
    version, point, tmp_path, clock, user_of
):
    """After so many statements; the last one is just before the end."""
    path, untouched = (made(tmp_path / f"{name}.db", version) for name in ("m", "n"))
    command = [sys.executable, "-W", "error", "-c", KILLED, str(path), str(point)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert dump(path) == dump(untouched)
    with closing(opened(path, clock)) as service, closing(opened(untouched, clock)) as other:
        for owner in OWNERS:
            assert answers(user_of(service, owner)) == answers(user_of(other, owner))


FULL = """
import resource, sqlite3, sys
from memoryos_server.stores.sqlite.migration import migrate

connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")  # so that it writes before the end
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    migrate(connection, "old.db")
except sqlite3.OperationalError as error:
    print(error)
finally:
    connection.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_migration_that_the_disk_has_no_room_for_says_so_and_changes_nothing(old):
    """SQLite has already rolled it back then."""
    before = dump(old)
    command = [sys.executable, "-W", "error", "-c", FULL, str(old)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.stdout, result.stderr) == ("disk I/O error\n", "")
    assert dump(old) == before


OPENED = """
import sys
from memoryos_server.model.caller import Caller
from memoryos_server.service.operations import open_service

service = open_service(sys.argv[1], embedder=None)
print("ready", flush=True)
sys.stdin.readline()
parameters = {"limit": 9, "offset": 0, "tier": "long"}  # those don't expire
page = service.list_memories(Caller("ada", frozenset({"*"})), parameters, None)
print(len(page.data))
"""


def test_processes_that_open_a_file_at_once_migrate_it_once(old):
    """The others wait, and find it migrated."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", OPENED, str(old)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ},
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    assert [process.communicate()[0] for process in processes] == [f"{len(TEXTS) - 1}\n"] * 3
    assert read(old, "PRAGMA user_version") == [(len(VERSIONS),)]


def test_no_reference_is_broken_and_no_index_is_damaged(old, clock):
    with closing(opened(old, clock)) as service:
        service.list_keys()
    assert read(old, "PRAGMA integrity_check") == [("ok",)]
    assert read(old, "PRAGMA foreign_key_check") == []


def test_a_deletion_in_a_migrated_file_leaves_no_word_in_it(old, clock, user_of):
    """Nor in the pages of the tables that the migration has replaced."""
    with closing(opened(old, clock)) as service:
        for owner in OWNERS:
            user = user_of(service, owner)
            (memory,) = [m for m in user.list() if "kumquat" in m["content"]]
            user.delete(memory["id"])
    files = [old, *old.parent.glob("old.db-*")]
    assert not [file for file in files if b"kumquat" in file.read_bytes()]
