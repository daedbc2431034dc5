"""What is in a file, read past the server; and whether the parts of it agree."""

from __future__ import annotations

import sqlite3
from contextlib import closing


def stored(path):
    """Return the contents by id."""
    with closing(sqlite3.connect(path, timeout=60)) as connection:
        return dict(connection.execute("SELECT id, content FROM memories"))


def assert_sound(path):
    """Every page is readable, and text index and vectors belong to the memories."""
    with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        # Compares the text index with the contents, and raises where they differ.
        connection.execute(
            "INSERT INTO memory_words (memory_words, rank) VALUES ('integrity-check', 1)"
        )
        for orphans in (
            "SELECT number FROM memories EXCEPT SELECT number FROM vectors",
            "SELECT number FROM vectors WHERE NOT deleted EXCEPT SELECT number FROM memories",
        ):
            assert connection.execute(orphans).fetchall() == [], orphans
