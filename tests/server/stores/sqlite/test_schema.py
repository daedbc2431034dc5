"""Files of every version: the first one as it was, brought to the present; newer ones refused.

`versions/` holds one file of SQL for each version, as its program wrote it.
"""

from __future__ import annotations

import os
import re
import sqlite3
import struct
import subprocess
import sys
import threading
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.model.errors import ServiceError
from memoryos_server.model.integrity import integrity_hash
from memoryos_server.service.operations import open_service
from memoryos_server.stores.schema_versions import Derived, SchemaVersion
from memoryos_server.stores.sqlite import schema
from memoryos_server.stores.sqlite.schema import VERSIONS
from tests.server.stores.renewing import wait_until_renewed

FILES = Path(__file__).parent / "versions"
KEY = "mos_test_version-1-" + "x" * 22
ADA = "00000000-0000-4000-8000-000000000001"
CHILD = "00000000-0000-4000-8000-000000000003"

NEXT = (
    SchemaVersion(("ALTER TABLE memories ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'",)),
    SchemaVersion(
        ("CREATE TABLE moods (name TEXT PRIMARY KEY)", "INSERT INTO moods VALUES ('calm')"),
        outdated=Derived.METADATA_FIELDS | Derived.TAG_KEYS,
    ),
)
BROKEN = (*NEXT, SchemaVersion(("CREATE TABLE last (x)", "INSERT INTO nowhere VALUES (1)")))


def made(path, version):
    """Make a file as the program of that version did."""
    script = (FILES / f"version_{version}.sql").read_text(encoding="utf-8")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(script)
    return path


def read(path, statement):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


def structure(path):
    """Every table, index and trigger, whatever the white space in its definition."""
    rows = read(path, "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: re.sub(r"\s+", " ", sql).strip() for name, sql in rows}


@pytest.fixture
def small():
    """The embedder that filled the old files."""
    return HashingEmbedder(8)


def test_there_is_a_file_of_every_version():
    """Whoever adds a version adds what its program writes."""
    found = {path.name for path in FILES.glob("version_*")}
    assert found == {f"version_{number}.sql" for number in range(1, len(VERSIONS) + 1)}


@pytest.mark.parametrize("version", range(1, len(VERSIONS) + 1))
def test_an_old_file_works_as_if_it_were_new(version, start, user_of, clock, tmp_path, small):
    """Memories, vectors, words, tags, entities, keys, parents and idempotency keys."""
    clock.advance(hours=1)
    service = start(made(tmp_path / "m.db", version), embedder=small)
    ada = user_of(service, "ada")
    assert {memory["id"] for memory in ada.list()} == {ADA, CHILD}
    assert ada.found("Ada drinks her coffee black", threshold=0.9) == [
        "Ada drinks her coffee black"
    ]
    assert ada.found("Ada drinks her coffee black", tags=["taste"], entities=["e1"])
    assert [m["id"] for m in ada.list(metadata={"tags": ["taste"], "entities": ["e1"]})] == [ADA]
    assert [(tag["name"], tag["memory_count"]) for tag in ada.tags().data] == [("taste", 1)]
    assert [entity["aliases"] for entity in ada.entities().data] == [["Ada"]]
    assert ada.get(CHILD)["parent_memory_id"] == ADA
    assert service.authenticate(KEY).owner == "ada"
    again = ada.create(
        "Ada drinks her coffee black",
        key="once",
        tier="long",
        content_type="fact",
        metadata={"tags": ["taste"], "entities": ["e1"]},
        memory_nature="semantic",
        importance_score=0.9,
    )
    assert again["id"] == ADA
    new = ada.create("new", tier="long")
    assert ada.page().meta["total"] == 3
    ((number,),) = read(tmp_path / "m.db", f"SELECT number FROM memories WHERE id = '{new['id']}'")
    assert number == 4
    ada.delete(ADA)
    assert ada.get(CHILD)["parent_memory_id"] is None
    by_words = user_of(start(tmp_path / "m.db", embedder=None), "ada")
    assert by_words.found("child", threshold=0.1) == ["a child, of Москва"]


@pytest.mark.parametrize("version", range(1, len(VERSIONS) + 1))
def test_an_old_file_gets_the_structure_of_a_new_one(version, start, user_of, tmp_path, small):
    """Whichever way it came to the present version."""
    for path in (made(tmp_path / "old.db", version), tmp_path / "new.db"):
        with closing(start(path, embedder=small)) as service:
            user_of(service).list()
    assert structure(tmp_path / "old.db") == structure(tmp_path / "new.db")
    assert read(tmp_path / "old.db", "PRAGMA user_version") == [(len(VERSIONS),)]


@pytest.fixture
def newer(monkeypatch):
    """Let this program be newer by some versions."""

    def newer(migrations):
        monkeypatch.setattr(schema, "VERSIONS", (*VERSIONS, *migrations))

    return newer


def test_versions_are_climbed_one_after_the_other(start, user_of, tmp_path, small, newer):
    """From the first to the newest, with everything in the file."""
    newer(NEXT)
    path = made(tmp_path / "m.db", 1)
    ada = user_of(start(path, embedder=small), "ada")
    assert {memory["id"] for memory in ada.list()} == {ADA, CHILD}
    assert read(path, "PRAGMA user_version") == [(len(VERSIONS) + 2,)]
    assert read(path, "SELECT DISTINCT mood FROM memories JOIN moods ON moods.name = mood") == [
        ("calm",)
    ]


def test_a_migration_that_fails_leaves_the_file_as_it_was(
    start, user_of, tmp_path, small, newer, monkeypatch
):
    """The older program goes on with it."""
    path = made(tmp_path / "m.db", 1)
    before = structure(path)
    newer(BROKEN)
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        user_of(start(path, embedder=small), "ada").list()
    assert structure(path) == before
    assert read(path, "PRAGMA user_version") == [(1,)]
    monkeypatch.undo()
    assert len(user_of(start(path, embedder=small), "ada").list()) == 2


def test_several_at_once_migrate_once(tmp_path, small, newer, user_of):
    """Eight services open one old file; the second ALTER TABLE would fail."""
    newer(NEXT)
    path = made(tmp_path / "m.db", 1)
    barrier, found = threading.Barrier(8), []

    def open_and_list():
        with closing(open_service(path, embedder=small)) as service:
            barrier.wait()
            found.append(len(user_of(service, "ada").list()))

    threads = [threading.Thread(target=open_and_list) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [2] * 8


def test_a_newer_file_is_refused_by_the_service_and_left_alone(start, user_of, tmp_path, small):
    """The message says which version it has, and what to do."""
    path = made(tmp_path / "m.db", 1)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {len(VERSIONS) + 1}")
    before = path.read_bytes()
    with pytest.raises(ServiceError, match="newer Memory OS") as refused:
        user_of(start(path, embedder=small)).create("Ada")
    assert f"version is {len(VERSIONS) + 1}" in refused.value.message
    assert "Update this program" in refused.value.message
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "command", [["serve", "--port", "0"], ["keys", "create"], ["keys", "list"]]
)
def test_a_newer_file_is_refused_by_every_command_in_one_line(tmp_path, command):
    """Exit status 1, the file's name, no traceback."""
    path = made(tmp_path / "m.db", 1)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    result = subprocess.run(
        [sys.executable, "-m", "memoryos", *command, "--data", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert "newer Memory OS" in result.stderr


def test_a_newer_file_can_be_backed_up(tmp_path):
    """A copy changes nothing, so no version is too new for it."""
    from memoryos_server.stores.sqlite.backup import back_up

    path = made(tmp_path / "m.db", 1)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    assert back_up(path, tmp_path / "copy.db").memories == 2
    assert read(tmp_path / "copy.db", "PRAGMA user_version") == [(99,)]
    assert structure(path) == structure(tmp_path / "copy.db")


def test_texts_of_an_old_file_are_found_by_folded_words(start, user_of, tmp_path):
    """The migration indexes all memories again, and others' words stay theirs."""
    path = made(tmp_path / "m.db", 2)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "UPDATE memories SET content = ?, integrity_hash = ? WHERE number = 3",
            ("Straße, 東京都に", integrity_hash("Straße, 東京都に")),
        )
        connection.execute("UPDATE memories SET owner = 'bo' WHERE number = 1")
        connection.commit()
    service = start(path, embedder=None)
    for query in ("strasse", "東京"):
        assert user_of(service, "ada").found(query, threshold=0.9) == ["Straße, 東京都に"]
        assert user_of(service, "bo").found(query, threshold=0.1) == []
    assert user_of(service, "bo").found("coffee", threshold=0.9) == ["Ada drinks her coffee black"]


def test_dates_in_the_metadata_of_an_old_file_are_read(start, tmp_path, small):
    """Earlier versions read no Unix times; the search terms that they stored have no date."""
    path = made(tmp_path / "m.db", 2)
    without_terms = struct.pack("<Iq", 2, 0)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE vectors SET cues = ? WHERE deleted = 0", (without_terms,))
        connection.execute("UPDATE memories SET metadata = '{\"ts\":1757894400}' WHERE number = 3")
        connection.commit()
    wait_until_renewed(start(path, embedder=small))
    month = struct.pack("<I", zlib.crc32(b"@month 9"))
    rows = read(path, "SELECT number, cues FROM vectors ORDER BY number")
    assert [(number, month in cues) for number, cues in rows] == [(1, False), (3, True)]
    assert rows[0][1] != without_terms
