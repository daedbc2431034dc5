"""The write-ahead log stays small, and deleted texts are in none of the files."""

from __future__ import annotations

import math
import random
import sqlite3
import threading
import time
from contextlib import closing

import pytest

from memoryos_server.stores.sqlite import write_ahead_log
from memoryos_server.stores.sqlite.full_text import OwnerTerms
from memoryos_server.stores.words import words_of


def letters(word):
    """The forms in which a word may be in a file; search terms may be stemmed.

    The index has a hash of the word, whose beginning may be shared with another one.
    """
    stem = word[:-2].encode()
    hashes = [OwnerTerms("default")(term)[-12:].encode() for term in words_of(word)]
    return stem, stem.upper(), word.encode("utf-16-le"), *hashes


def files_with(path, *words):
    """The files of a database that contain one of the words."""
    found = []
    for file in path.parent.iterdir():
        data = file.read_bytes()
        for word in words:
            found += [(file.name, word) for form in letters(word) if form in data]
    return found


@pytest.fixture
def path(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    return folder / "m.db"


@pytest.fixture(autouse=True)
def prompt_removal(monkeypatch):
    """Remove hashes of deleted words at once, however long that takes."""
    monkeypatch.setattr(write_ahead_log, "MAX_PURGE_SHARE", math.inf)


def filled(user, count=40):
    for number in range(count):
        user.create(f"memory {number} about ordinary tea", tier="long")


def test_a_deleted_memory_is_in_no_file(start, user_of, path):
    """While the file is open, and the other memories are found as before."""
    user = user_of(start(path))
    filled(user)
    memory = user.create(
        "Xylographquist likes Zwetschgenknoedel",
        key="retry-1",
        tier="long",
        metadata={"note": "Quorbentonik"},
    )
    filled(user)
    words = ("Xylographquist", "Zwetschgenknoedel", "Quorbentonik", "xylographquist")
    assert files_with(path, *words)
    user.found("Xylographquist")
    user.delete(memory["id"])
    assert files_with(path, *words) == []
    assert len(user.found("memory about ordinary tea", threshold=0.1, limit=100)) > 0
    assert user.page().meta["total"] == 80


@pytest.mark.parametrize("change", ["content", "metadata"])
@pytest.mark.parametrize("write", ["update", "upsert"])
def test_a_replaced_text_is_in_no_file(start, user_of, path, change, write):
    user = user_of(start(path))
    filled(user)
    old = "Vraxtoupelin"
    text = old if change == "content" else "text"
    memory = user.create(text, tier="long", metadata={"note": old}, external_id="e")
    new = {"content": "harmless", "metadata": {"note": "harmless"}}
    user.update(memory["id"], **new) if write == "update" else user.upsert(**new)
    assert user.get(memory["id"])["content"] == "harmless"
    assert files_with(path, old) == []


@pytest.mark.parametrize("write", ["create", "upsert"])
def test_an_expired_memory_is_in_no_file_once_it_is_purged(start, user_of, path, clock, write):
    user = user_of(start(path))
    user.create("Blomquastrel was here", tier="short")
    clock.advance(days=60)
    getattr(user, write)("now", tier="long")
    assert files_with(path, "Blomquastrel", "blomquastrel") == []


def test_everything_deleted_in_any_order_is_in_no_file(start, user_of, path):
    """Pages are split and merged meanwhile, so that texts move within the file."""
    user, chance = user_of(start(path)), random.Random(3)
    words, memories = [], []
    for number in range(150):
        word = "zq" + "".join(chance.choices("bdfghkmprtv", k=10)) + "xx"
        words.append(word)
        text = f"{word} " * chance.choice([1, 5, 300])
        memories.append(user.create(text, tier="long", metadata={"note": word}))
        if number % 10 == 0:
            user.create(f"stays {number}", tier="long")
    chance.shuffle(memories)
    for memory in memories:
        user.delete(memory["id"])
    assert files_with(path, *words) == []
    assert user.page().meta["total"] == 15


def test_a_memory_deleted_while_the_embedder_is_replaced(start, user_of, path):
    user = user_of(start(path))
    filled(user, 5)
    memory = user.create("Grindelwuxtor", tier="long")
    store = user.service._store
    staging = store.reembedding
    staging.begin("other")
    pending = staging.list_pending("other", user.caller.owner, 0, 10)
    with store._database.write() as connection:
        for item in pending:
            connection.execute(
                "INSERT INTO staged_vectors (owner, number, vector, cues) VALUES (?, ?, x'00', ?)",
                (item.memory.owner, item.number, item.memory.content.encode()),
            )
    user.delete(memory["id"])
    assert files_with(path, "Grindelwuxtor", "grindelwuxtor") == []


def test_a_reader_delays_the_removal_and_a_later_call_completes_it(start, user_of, path):
    user = user_of(start(path))
    filled(user, 3)
    memory = user.create("Plimsovarkt", tier="long")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM memories").fetchone()
        started = time.monotonic()
        user.delete(memory["id"])
        assert time.monotonic() - started < 10
        assert files_with(path, "Plimsovarkt")
        other.execute("ROLLBACK")
        user.service._store._database._connections.get().log._retry_at = 0
        user.list()
        assert files_with(path, "Plimsovarkt", "plimsovarkt") == []


def test_words_left_by_a_killed_process_are_removed_by_the_next(start, user_of, path, monkeypatch):
    user = user_of(start(path))
    filled(user, 3)
    memory = user.create("Trondhexamil", tier="long")
    monkeypatch.setattr(write_ahead_log.WriteAheadLog, "erase", lambda *_, **__: None)
    user.delete(memory["id"])
    assert files_with(path, "trondhexamil")
    monkeypatch.undo()
    second = user_of(start(path))
    second.list()
    second.list()
    assert files_with(path, "Trondhexamil", "trondhexamil") == []


def test_the_log_stays_small_while_others_read_all_the_time(start, user_of, path, monkeypatch):
    """Overlapping readers keep SQLite from starting the log anew by itself."""
    monkeypatch.setattr(write_ahead_log, "MAX_LOG_BYTES", 2_000_000)
    monkeypatch.setattr(write_ahead_log, "SIZE_WAIT_SECONDS", 60)
    monkeypatch.setattr(write_ahead_log, "MAX_SIZE_WAIT_SECONDS", 60)
    user, stop = user_of(start(path)), threading.Event()
    user.create("tea", tier="long")
    database = user.service._store._database
    barrier = threading.Barrier(3)

    def read(number):
        barrier.wait()
        while not stop.is_set():
            with database.read() as connection:
                connection.execute("SELECT count(*) FROM memories").fetchone()
                time.sleep(0.02 + number * 0.007)  # longer than the time between two of them

    readers = [threading.Thread(target=read, args=(number,)) for number in range(2)]
    for reader in readers:
        reader.start()
    try:
        barrier.wait()
        largest = 0
        for _ in range(1000):
            with database.write() as connection:
                connection.execute(
                    "INSERT OR REPLACE INTO settings VALUES ('text', randomblob(100000))"
                )
            largest = max(largest, path.with_name("m.db-wal").stat().st_size)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert largest < 4_000_000  # of 100 MB written
    assert user.page().meta["total"] == 1


def test_deletions_in_a_large_index_share_the_time_of_the_removal(start, user_of, path):
    """Of many deletions one after another, most don't wait for it, and closing completes it."""
    user = user_of(start(path))
    memories = [user.create(f"Wolfrastine {number}", tier="long") for number in range(20)]
    log = user.service._store._database._connections.get().log
    log._purge_at = time.monotonic() + 1000
    for memory in memories:
        user.delete(memory["id"])
    assert files_with(path, "wolfrastine")
    user.service.close()
    assert files_with(path, "Wolfrastine", "wolfrastine") == []
