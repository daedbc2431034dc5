"""What a store says of its own state, while another program changes it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import threading

import pytest

from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.model.errors import ServiceError
from memoryos_server.stores.sqlite import files
from memoryos_server.stores.sqlite.store import SQLiteStore
from memoryos_server.stores.store_state import SchemaAge, StoreState
from tests.postgres import SETTINGS, needs_direct_connection, running

PATIENCE_SECONDS = 60
FINE = StoreState(accepts_writes=True, schema=SchemaAge.CURRENT, has_other_embedder=False)


class OtherEmbedder(HashingEmbedder):
    """An embedder of another name."""

    def __init__(self):
        super().__init__()
        self.name = "another"


def set_version(place, version, request):
    """Change the version of the tables, as another program does."""
    if "://" in str(place):
        statement = f"UPDATE memoryos.settings SET value = '{version}' WHERE name = 'version'"
        request.getfixturevalue("postgres").execute(statement, place)
        return
    with contextlib.closing(sqlite3.connect(place)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")


@pytest.mark.both_stores
def test_a_new_store_is_fine_before_and_after_its_first_memory(start, user_of):
    service = start()
    assert service.store_state() == FINE
    user_of(service).create("Ada likes tea")
    assert service.store_state() == FINE


@pytest.mark.both_stores
@pytest.mark.parametrize(("version", "age"), [(1, SchemaAge.OLDER), (9999, SchemaAge.NEWER)])
def test_a_change_of_the_tables_by_another_version_is_seen(start, place, version, age, request):
    """A newer program has migrated them, or somebody restored an old dump."""
    service = start(place)
    assert service.store_state() == FINE
    before = service._store._database.settings()["version"] if "://" in str(place) else None
    set_version(place, version, request)
    assert service.store_state().schema is age
    if before is not None:  # others use the database after this test
        set_version(place, before, request)


@pytest.mark.both_stores
def test_vectors_of_another_embedder_are_seen(start, user_of, place):
    """`memoryos reembed` may have replaced them while the server runs."""
    user_of(start(place)).create("Ada likes tea")
    assert start(place, embedder=OtherEmbedder()).store_state().has_other_embedder
    assert start(place, embedder=None).store_state() == FINE


@pytest.mark.both_stores
def test_a_closed_store_is_not_usable(start):
    service = start()
    service.store_state()
    service.close()
    with pytest.raises(ServiceError, match="closed"):
        service.store_state()


@pytest.mark.skipif(os.name == "nt", reason="Windows deletes no file that is open")
@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_that_was_deleted_or_replaced_is_seen(start, user_of, tmp_path, replaced):
    """SQLite goes on reading and writing the deleted one, and nobody finds it again."""
    path = tmp_path / "m.db"
    service = start(path)
    user_of(service).create("Ada likes tea")
    assert service.store_state() == FINE
    copy = tmp_path / "copy.db"
    shutil.copy(path, copy)
    path.unlink()
    if replaced:
        copy.rename(path)
    with pytest.raises(ServiceError, match=r"m\.db was deleted or replaced"):
        service.store_state()


def test_a_file_that_cannot_be_written_any_more_is_seen(start, tmp_path, monkeypatch):
    """Linux makes a disk with errors read-only."""
    service = start(tmp_path / "m.db")
    assert service.store_state() == FINE
    monkeypatch.setattr(files.os, "access", lambda path, mode: mode != os.W_OK)
    with pytest.raises(ServiceError, match="read-only"):
        service.store_state()


def test_a_file_that_was_read_only_from_the_start_is_read_only(start, tmp_path, monkeypatch):
    start(tmp_path / "m.db").list_keys()
    monkeypatch.setattr(files.os, "access", lambda path, mode: mode != os.W_OK)
    state = start(tmp_path / "m.db").store_state()
    assert state == FINE._replace(accepts_writes=False)


def test_a_writer_of_another_program_hides_nothing(start, tmp_path):
    """A file in WAL mode can be read meanwhile."""
    service = start(tmp_path / "m.db")
    service.list_keys()
    with contextlib.closing(sqlite3.connect(tmp_path / "m.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert service.store_state() == FINE


def test_a_file_that_another_program_keeps_to_itself_is_not_usable(start, tmp_path):
    service = start(tmp_path / "m.db")
    service.list_keys()
    service.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "m.db", isolation_level=None)) as other:
        store = SQLiteStore(tmp_path / "m.db", embedder=None, busy_timeout=0.05)
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with contextlib.closing(store), pytest.raises(ServiceError, match="Another program"):
            store.state()


def test_a_damaged_file_is_not_usable(start, user_of, tmp_path):
    service = start(tmp_path / "m.db")
    user_of(service).create("Ada likes tea")
    service.close()
    with (tmp_path / "m.db").open("r+b") as file:
        file.write(b"x" * 4096)
    fresh = start(tmp_path / "m.db")
    with pytest.raises(ServiceError):
        fresh.store_state()


@pytest.fixture
def own_server():
    """A PostgreSQL server that a test may stop."""
    pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")
    with running(SETTINGS) as cluster:
        yield cluster


@needs_direct_connection
def test_a_frozen_and_a_stopped_postgres_are_seen(own_server, start):
    """Frozen it never answers, so the caller must not wait; stopped it is missed in seconds."""
    service = start(own_server.url("postgres"))
    assert service.store_state() == FINE
    answered = threading.Event()
    states = []

    def look():
        states.append(service.store_state())
        answered.set()

    group = own_server.process.pid
    processes = subprocess.run(
        ["pgrep", "-P", str(group)], capture_output=True, text=True, check=True
    ).stdout.split()
    subprocess.run(["kill", "-STOP", str(group), *processes], check=True)
    try:
        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        assert not answered.wait(0.5)
    finally:
        subprocess.run(["kill", "-CONT", str(group), *processes], check=True)
    thread.join(PATIENCE_SECONDS)
    assert states == [FINE]
    own_server.process.kill()
    own_server.process.wait(PATIENCE_SECONDS)
    with pytest.raises(ServiceError, match=r"being stopped or started|can't be reached"):
        service.store_state()


@needs_direct_connection
def test_a_database_without_its_tables_is_not_usable(own_server, start):
    service = start(own_server.url("postgres"))
    assert service.store_state() == FINE
    own_server.execute("DROP SCHEMA memoryos CASCADE")
    with pytest.raises(ServiceError, match="lacks tables"):
        service.store_state()
