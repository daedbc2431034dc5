"""The full-text index after another program has changed the content of a memory."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

LONG = " ".join(f"word{number}" for number in range(50))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "m.db"


def change(path, statement, *values):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement, values)
        connection.commit()


def words_of_index(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT count(*) FROM memory_word_positions").fetchone()[0]


def make(start, user_of, path):
    """Store two memories of two owners, change the content of one, and return its id."""
    with closing(start(path, embedder=None)) as service:
        user_of(service, "bo").create("old tea", tier="long")
        return user_of(service, "ada").create("old coffee", tier="long")["id"]


@pytest.mark.parametrize("text", [LONG, "x", "", "old coffee and more"])
def test_a_changed_memory_can_be_updated(start, user_of, path, text):
    """As the error says; the words of its first content are not found any more."""
    memory_id = make(start, user_of, path)
    change(path, "UPDATE memories SET content = ? WHERE id = ?", text, memory_id)
    service = start(path, embedder=None)
    ada = user_of(service, "ada")
    ada.update(memory_id, content="new coffee")
    assert ada.found("old", threshold=0.1) == []
    assert ada.found("new", threshold=0.1) == ["new coffee"]
    assert user_of(service, "bo").found("old", threshold=0.1) == ["old tea"]
    assert words_of_index(path) == 4
    ada.create("afterwards")


@pytest.mark.parametrize("text", [LONG, "x", ""])
def test_a_changed_memory_can_be_deleted(start, user_of, path, text):
    memory_id = make(start, user_of, path)
    change(path, "UPDATE memories SET content = ? WHERE id = ?", text, memory_id)
    service = start(path, embedder=None)
    user_of(service, "ada").delete(memory_id)
    assert words_of_index(path) == 2
    user_of(service, "ada").create("afterwards")


def test_a_changed_memory_expires(start, user_of, clock, path):
    memory_id = make(start, user_of, path)
    change(
        path,
        "UPDATE memories SET content = ?, expires_at = created_at + 1 WHERE id = ?",
        LONG,
        memory_id,
    )
    clock.advance(days=30)
    service = start(path, embedder=None)
    user_of(service, "ada").create("afterwards")
    user_of(service, "ada").create("afterwards")
    assert words_of_index(path) == 4


@pytest.mark.parametrize("emptied", [False, True])
def test_a_memory_that_an_older_program_stored_can_be_deleted(start, user_of, path, emptied):
    """A server of an older version may still run while a newer one migrates its file."""
    memory_id = make(start, user_of, path)
    change(path, "UPDATE memories SET words_checksum = 0 WHERE id = ?", memory_id)
    if emptied:
        change(path, "INSERT INTO memory_words (memory_words) VALUES ('delete-all')")
    service = start(path, embedder=None)
    user_of(service, "ada").delete(memory_id)
    assert words_of_index(path) == (0 if emptied else 2)
    user_of(service, "ada").create("afterwards")
