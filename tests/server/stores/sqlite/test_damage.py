"""Once damage of a file was seen, the process writes nothing more into it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from memoryos_server.model.errors import ServiceError

PAGE = 4096


@pytest.fixture
def path(start, user_of, tmp_path):
    path = tmp_path / "m.db"
    with closing(start(path)) as service:
        user = user_of(service)
        for number in range(60):
            user.create(f"memory {number} about tea " * 40, tier="long")
        user.create_entity("Ada")
        user.create("tagged", tier="long", metadata={"tags": ["tea"]})
    return path


def overwrite_pages_of(path, table):
    """Overwrite all pages of a table or index but its root with zeros."""
    with closing(sqlite3.connect(path)) as connection:
        try:
            rows = connection.execute(
                "SELECT pageno FROM dbstat WHERE name = ? AND path != '/'", (table,)
            ).fetchall()
        except sqlite3.OperationalError:
            pytest.skip("this SQLite has no dbstat")
    data = bytearray(path.read_bytes())
    assert rows
    for (page,) in rows:
        data[(page - 1) * PAGE : page * PAGE] = bytes(PAGE)
    path.write_bytes(data)


def change(path, statement):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


def assert_refuses_writes(user, path):
    before = {item.name: item.read_bytes() for item in path.parent.iterdir() if item.is_file()}
    for write in (
        lambda: user.create("new"),
        lambda: user.create_entity("Bo"),
        user.service.create_key,
    ):
        with pytest.raises(ServiceError, match=r"is damaged, so nothing more .*memoryos restore"):
            write()
    assert user.service._store.accepts_writes is False
    after = {item.name: item.read_bytes() for item in path.parent.iterdir() if item.is_file()}
    assert after == before


def test_damage_seen_by_a_read(start, user_of, path):
    overwrite_pages_of(path, "memories")
    user = user_of(start(path))
    user.create_entity("before any damage was seen")
    with pytest.raises(ServiceError, match="is damaged"):
        user.list()
    assert_refuses_writes(user, path)
    assert user.entities().meta["total"] == 2  # what can be read is


def test_damage_seen_by_a_write(start, user_of, path):
    overwrite_pages_of(path, "vectors")
    user = user_of(start(path))

    def write():
        for _ in range(20):
            user.create("more about tea " * 100, tier="long")

    with pytest.raises(ServiceError, match="is damaged"):
        write()
    assert_refuses_writes(user, path)


def test_damage_seen_by_a_search(start, user_of, path):
    overwrite_pages_of(path, "memory_words_data")
    user = user_of(start(path, embedder=None))
    with pytest.raises(ServiceError, match="is damaged"):
        user.found("tea")
    assert_refuses_writes(user, path)
    assert user.page().meta["total"] == 61


@pytest.mark.parametrize(
    ("statement", "read"),
    [
        ("UPDATE memories SET metadata = '{'", lambda user: user.list()),
        ("UPDATE memories SET tier = 'other'", lambda user: user.list()),
        ("UPDATE memories SET metadata = '[1]'", lambda user: user.list()),
        ("UPDATE memories SET content = x'0102'", lambda user: user.list()),
        ("UPDATE memories SET access_count = 'a'", lambda user: user.list()),
        ("UPDATE memories SET importance_score = 'a'", lambda user: user.list()),
        ("UPDATE memories SET importance_score = 9e999", lambda user: user.list()),
        ("UPDATE tags SET name = x'00'", lambda user: user.tags()),
        ("UPDATE vectors SET vector = x'00'", lambda user: user.found("tea")),
        ("UPDATE vectors SET cues = x'01ff'", lambda user: user.found("tea")),
        ("UPDATE entities SET aliases = '}'", lambda user: user.entities()),
    ],
)
def test_values_that_no_store_writes(start, user_of, path, statement, read):
    change(path, statement)
    user = user_of(start(path))
    with pytest.raises(ServiceError, match="is damaged"):
        read(user)
    assert_refuses_writes(user, path)


@pytest.mark.parametrize("value", ["'a'", "9223372036854775807"])
def test_a_creation_time_that_no_store_writes(start, user_of, path, value):
    change(path, f"UPDATE memories SET created_at = {value}")
    user = user_of(start(path))
    with pytest.raises(ServiceError, match="is damaged"):
        user.create("new")
    with pytest.raises(ServiceError, match="nothing more is written"):
        user.create_entity("Bo")


def test_another_start_is_not_affected(start, user_of, path):
    """As after the file has been replaced."""
    change(path, "UPDATE entities SET aliases = '}'")
    with closing(start(path)) as service, pytest.raises(ServiceError):
        user_of(service).entities()
    change(path, "UPDATE entities SET aliases = '[]'")
    assert user_of(start(path)).create("new")["content"] == "new"
