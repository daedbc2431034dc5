"""The SQLite store: opening files of every kind, and keeping the search index up to date."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from memoryos_server.model.errors import ServiceError
from memoryos_server.stores.sqlite import vectors
from memoryos_server.stores.sqlite.schema import VERSIONS


def refused(user):
    with pytest.raises(ServiceError) as caught:
        user.list()
    return caught.value


def test_nothing_is_made_before_the_first_call(start, user_of, tmp_path):
    service = start(tmp_path / "a" / "b" / "m.db")
    assert list(tmp_path.iterdir()) == []
    user_of(service).list()
    assert (tmp_path / "a" / "b" / "m.db").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_only_this_user_can_read_the_file_and_the_folders_made_for_it(start, user_of, tmp_path):
    user = user_of(start(tmp_path / "a" / "b" / "m.db"))
    user.create("private")
    made = [tmp_path / "a", *(tmp_path / "a").rglob("*")]
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in made}
    assert {"a", "b", "m.db", "m.db-wal"} <= set(modes)
    assert {name: mode & 0o077 for name, mode in modes.items()} == dict.fromkeys(modes, 0)


def test_what_was_written_is_there_after_reopening(start, user_of, tmp_path):
    first = user_of(start(tmp_path / "m.db"))
    memory = first.create("Ada likes tea", tier="long", metadata={"tags": ["tea"]})
    first.service.close()
    again = user_of(start(str(tmp_path / "m.db")))
    assert again.list() == [memory]
    assert again.found("Ada likes tea", tags=["tea"]) == ["Ada likes tea"]


def test_closing_twice_is_fine_and_a_call_after_it_is_refused(user):
    user.create("Ada")
    user.service.close()
    user.service.close()
    error = refused(user)
    assert (error.status, error.code) == (503, "UNAVAILABLE")
    assert "closed" in error.message


def test_a_file_has_the_present_version(start, user_of, tmp_path):
    user_of(start(tmp_path / "m.db")).list()
    with sqlite3.connect(tmp_path / "m.db") as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(VERSIONS),)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def write(path, *statements):
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_file_of_a_newer_program_is_refused_and_left_alone(start, user_of, tmp_path):
    first = start(tmp_path / "m.db")
    user_of(first).create("Ada")
    first.close()
    write(tmp_path / "m.db", "PRAGMA user_version = 99")
    before = (tmp_path / "m.db").read_bytes()
    error = refused(user_of(start(tmp_path / "m.db")))
    assert error.status == 500
    assert "newer" in error.message
    assert "m.db" in error.message
    assert (tmp_path / "m.db").read_bytes() == before


def test_a_database_of_another_program_is_refused(start, user_of, tmp_path):
    write(tmp_path / "m.db", "CREATE TABLE memories (x)")
    assert "not made by Memory OS" in refused(user_of(start(tmp_path / "m.db"))).message


@pytest.mark.parametrize("kind", ["text", "folder", "below a file"])
def test_what_is_no_database_is_refused_with_its_name(start, user_of, tmp_path, kind):
    path = tmp_path / "m.db"
    if kind == "text":
        path.write_text("no database, but long enough to be taken for one" * 100)
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_text("")
        path = path / "below"
    error = refused(user_of(start(path)))
    assert (error.status, error.code) == (500, "INTERNAL_ERROR")
    assert path.name in error.message
    assert str(tmp_path) not in error.message


def test_a_writer_in_another_process_makes_a_write_fail_clearly_and_no_read_wait(
    start, user_of, tmp_path, monkeypatch
):
    user = user_of(start(tmp_path / "m.db"))
    memory = user.create("Ada likes tea", tier="long")
    user.service._store._database._busy_timeout = 0
    user.service._store._database._close_connections()
    other = sqlite3.connect(tmp_path / "m.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        assert user.get(memory["id"])["access_count"] == 1
        assert user.found("Ada likes tea") == ["Ada likes tea"]
        with pytest.raises(ServiceError) as refusal:
            user.create("Bo")
        assert (refusal.value.status, refusal.value.code) == (503, "UNAVAILABLE")
        assert refusal.value.retry_after is not None
    finally:
        other.execute("ROLLBACK")
        other.close()
    user.create("Bo")
    assert user.page().meta["total"] == 2


def test_a_writing_thread_holds_up_no_reader(start, user_of, tmp_path):
    user = user_of(start(tmp_path / "m.db"))
    user.create("Ada likes tea", tier="long")
    with user.service._store._database.write() as connection:
        connection.execute("DELETE FROM memories")
        with ThreadPoolExecutor(1) as thread:
            found = thread.submit(user.found, "Ada likes tea").result(timeout=30)
    assert found == ["Ada likes tea"]


@pytest.mark.parametrize("path", [":memory:", "m.db"])
def test_threads_share_a_service(start, user_of, tmp_path, path):
    user = user_of(start(path if path == ":memory:" else tmp_path / path))
    barrier = threading.Barrier(8)

    def work(name):
        barrier.wait()
        for number in range(15):
            text = f"t{name}n{number}"
            memory = user.create(text, tier="long", metadata={"tags": [f"t{name}"]})
            assert text in user.found(text, threshold=0.9)
            user.update(memory["id"], tier="medium")
            user.context(text, max_tokens=50)
            if number % 3 == 0:
                user.delete(memory["id"])

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    assert user.page().meta["total"] == 80
    assert {tag["memory_count"] for tag in user.tags().data} == {10}


def test_services_on_one_file_see_each_others_writes(start, user_of, tmp_path):
    one, two = (user_of(start(tmp_path / "m.db")) for _ in range(2))
    memory = one.create("Ada likes tea", tier="long")
    assert two.found("Ada likes tea") == ["Ada likes tea"]
    two.update(memory["id"], content="Ada likes coffee", tier="medium")
    assert one.found("Ada likes tea", threshold=0.9) == []
    assert one.found("Ada likes coffee", tier="medium") == ["Ada likes coffee"]
    one.delete(memory["id"])
    assert two.found("Ada likes coffee", threshold=0) == []


def test_an_index_that_missed_forgotten_deletions_is_read_anew(
    start, user_of, tmp_path, monkeypatch
):
    monkeypatch.setattr(vectors, "MAX_TOMBSTONES", 2)
    one, two = (user_of(start(tmp_path / "m.db")) for _ in range(2))
    memories = [one.create(f"tea {n}", tier="long") for n in range(6)]
    assert len(two.found("tea", threshold=0)) == 6
    for memory in memories[:5]:
        one.delete(memory["id"])
    assert two.found("tea", threshold=0) == ["tea 5"]
    index = two.service._store._index.get()._loaded["default"]._index
    assert index._rows.numbers.tolist() == [6]
    with one.service._store._database.read() as connection:
        assert connection.execute("SELECT count(*) FROM vectors").fetchone() == (3,)


def test_full_synchronization_reaches_sqlite(start, user_of, tmp_path):
    for sync, level in (("normal", 1), ("full", 2)):
        service = start(tmp_path / f"{sync}.db", sync=sync)
        with service._store._database.write() as connection:
            assert connection.execute("PRAGMA synchronous").fetchone() == (level,)


@pytest.mark.parametrize(
    ("pragma", "status", "sentence"),
    [
        ("max_page_count = 1", 503, "full"),
        ("query_only = ON", 403, "is read-only"),
    ],
)
def test_a_full_disk_and_a_read_only_file_are_named_and_cost_nothing(
    start, user_of, tmp_path, pragma, status, sentence
):
    user = user_of(start(tmp_path / "m.db"))
    kept = user.create("kept", tier="long")
    with user.service._store._database.write() as connection:
        pass
    connection.execute(f"PRAGMA {pragma}")
    with pytest.raises(ServiceError, match=sentence) as refusal:
        user.create("x" * 100_000)
    assert refusal.value.status == status
    assert user.list() == [kept]


def test_a_damaged_file_is_said_to_be_damaged(start, user_of, tmp_path):
    path = tmp_path / "m.db"
    first = user_of(start(path))
    for number in range(50):
        first.create(f"memory {number} " * 50, tier="long")
    first.service.close()
    data = bytearray(path.read_bytes())
    data[4096:] = bytes(len(data) - 4096)
    path.write_bytes(data)
    error = refused(user_of(start(path)))
    assert (error.status, error.code) == (500, "INTERNAL_ERROR")
    assert "is damaged" in error.message
