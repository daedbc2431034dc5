"""The check of statements finds each way to leave out the owner, and takes each way to name it."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("sqlglot", reason="needs requirements/test.txt: sqlglot not installed")

from ...owner_rule import violations

pytestmark = pytest.mark.local_server

REPOSITORY = Path(__file__).resolve().parents[3]

LAWFUL = [
    "SELECT id FROM memories WHERE owner = %s",
    "SELECT id FROM memories WHERE (owner = %s AND tier = %s) AND (a = 1 OR b = 2)",
    "SELECT id FROM memories WHERE %s = memories.owner",
    "SELECT id FROM memories WHERE owner = CAST(%s AS text)",
    "SELECT id FROM memories WHERE (owner, id) = (%s, %s)",
    "SELECT 1 FROM memories AS m JOIN tags AS t ON t.owner = m.owner WHERE m.owner = %s",
    "SELECT 1 FROM memories AS m JOIN tags AS t ON t.owner = %s AND m.owner = %s",
    "SELECT 1 FROM memories JOIN words USING (owner, number) WHERE owner = %s",
    "SELECT 1 FROM memories AS m, tags AS t WHERE m.owner = t.owner AND t.owner = %s",
    "SELECT 1 FROM memories AS m LEFT JOIN tags AS t ON t.owner = m.owner WHERE m.owner = %s",
    "SELECT 1 FROM memories WHERE owner = %s AND n IN (SELECT n FROM words WHERE owner = %s)",
    (
        "SELECT 1 FROM claims WHERE owner = %s AND EXISTS "
        "(SELECT 1 FROM memories WHERE memories.owner = claims.owner AND memories.id = record_id)"
    ),
    (
        "SELECT (SELECT count(*) FROM tags AS t WHERE t.owner = m.owner) FROM memories AS m "
        "WHERE m.owner = %s"
    ),
    (
        "WITH h AS (SELECT owner, n FROM words WHERE owner = %s) "
        "SELECT 1 FROM h JOIN memories ON memories.owner = h.owner"
    ),
    (
        "SELECT 1 FROM memories AS m JOIN (SELECT * FROM words WHERE owner = %s) AS w "
        "ON w.owner = m.owner"
    ),
    "SELECT 1 FROM (SELECT n FROM a WHERE owner = %s UNION SELECT n FROM b WHERE owner = %s) AS u",
    "UPDATE memories SET tier = %s WHERE owner = %s",
    (
        "UPDATE memories SET tier = %s FROM tags WHERE memories.owner = %s "
        "AND tags.owner = memories.owner"
    ),
    "DELETE FROM memories WHERE owner = %s AND id = %s",
    "INSERT INTO tags (id, owner) VALUES (%s, %s), (%s, %s)",
    "INSERT INTO tags (id, owner) VALUES (%s, %s) ON CONFLICT DO NOTHING",
    (
        "INSERT INTO tags (owner, id) VALUES (%s, %s) ON CONFLICT (owner, id) DO UPDATE "
        "SET id = excluded.id"
    ),
    "INSERT INTO tags (id, owner) SELECT id, owner FROM memories WHERE owner = %s",
    "INSERT INTO tags (owner, id) SELECT %s, id FROM memories WHERE owner = %s",
    "INSERT INTO settings VALUES (%s, %s)",
    "SELECT value FROM settings WHERE name = %s",
    "SELECT owner FROM keys WHERE hash = %s",
    "BEGIN; SELECT id FROM memories WHERE owner = %s; COMMIT",
    "EXPLAIN SELECT id FROM memories WHERE owner = %s",
    "CREATE INDEX a ON memories (id)",
    "",
]

LAWFUL_IN_POSTGRES = [
    "SELECT id FROM memoryos.memories WHERE owner = %s::text AND id = ANY(%s::text[]) FOR UPDATE",
    "SELECT number FROM vectors WHERE owner = %(owner)s ORDER BY vector <#> %(vector)s",
    "SELECT 1 FROM memories WHERE owner = %s AND number %% 2 = 0",
    "INSERT INTO memory_words (owner, word) SELECT %s, unnest(%s::text[])",
    "UPDATE memories SET a = read.a FROM unnest(%s::text[]) AS read (id) WHERE owner = %s",
    "DELETE FROM memories USING tags WHERE memories.owner = %s AND tags.owner = memories.owner",
    (
        "SELECT 1 FROM memories AS m, LATERAL (SELECT 1 FROM tags WHERE tags.owner = m.owner) AS t "
        "WHERE m.owner = %s"
    ),
    (
        "WITH gone AS (DELETE FROM tags WHERE owner = %s RETURNING owner, id) "
        "INSERT INTO words (owner, id) SELECT owner, id FROM gone"
    ),
    "SELECT nspname FROM pg_catalog.pg_namespace JOIN pg_extension ON true",
    "COPY memoryos.memories (owner, id) FROM STDIN",
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL timezone = 'UTC'",
    "LOCK TABLE memoryos.memories IN ACCESS EXCLUSIVE MODE",
]

LAWFUL_IN_SQLITE = [
    "SELECT id FROM json_each(?) AS j CROSS JOIN memories ON number = j.value WHERE owner = ?",
    "SELECT rowid FROM memory_words WHERE memory_words MATCH ?",
    "SELECT doc FROM memory_word_positions WHERE term = ? ORDER BY offset",
    "SELECT doc FROM memory_word_positions WHERE term >= ? AND term < ? AND doc = ?",
    "INSERT INTO memory_words (memory_words) VALUES ('optimize')",
    "INSERT OR IGNORE INTO tags (owner, id) VALUES (?, ?)",
    "INSERT OR REPLACE INTO tags (owner, id) VALUES (?, ?)",
    "SELECT count(*) FROM sqlite_master",
    "PRAGMA user_version",
]

UNLAWFUL = [
    ("memories", "SELECT id FROM memories"),
    ("memories", "SELECT id FROM memories WHERE id = %s"),
    ("memories", "SELECT id FROM memories WHERE owner = %s OR id = %s"),
    ("memories", "SELECT id FROM memories WHERE owner <> %s"),
    ("memories", "SELECT id FROM memories WHERE NOT owner = %s"),
    ("memories", "SELECT id FROM memories WHERE owner = name"),
    ("memories", "SELECT id FROM memories WHERE owner = owner"),
    ("memories", "SELECT id FROM memories WHERE owner = 'alice'"),
    ("memories", "SELECT id FROM memories WHERE owner = coalesce(%s, owner)"),
    ("memories", "SELECT id FROM memories WHERE owner LIKE %s"),
    ("memories", "SELECT id FROM memories WHERE owner IN (%s, %s)"),
    ("memories", "SELECT id FROM memories WHERE owner = (SELECT owner FROM keys WHERE hash = %s)"),
    ("memories", "SELECT id FROM memories WHERE CASE WHEN owner = %s THEN true ELSE true END"),
    ("memories", "SELECT owner FROM memories GROUP BY owner HAVING owner = %s"),
    ("memories", "SELECT 1 FROM memories JOIN keys ON keys.owner = memories.owner"),
    ("tags", "SELECT 1 FROM memories AS m JOIN tags AS t ON t.id = m.id WHERE m.owner = %s"),
    ("tags", "SELECT 1 FROM memories AS m JOIN tags AS t USING (id) WHERE m.owner = %s"),
    ("tags", "SELECT 1 FROM memories AS m JOIN tags AS t ON t.owner = m.owner"),
    ("tags", "SELECT 1 FROM memories, tags WHERE owner = %s"),
    ("tags", "SELECT 1 FROM tags LEFT JOIN memories ON tags.owner = %s AND memories.owner = %s"),
    ("tags", "SELECT 1 FROM tags FULL JOIN memories ON tags.owner = %s AND memories.owner = %s"),
    ("c", "SELECT 1 FROM a JOIN b USING (owner) JOIN c ON c.x = a.x WHERE a.owner = %s"),
    ("words", "SELECT 1 FROM memories WHERE owner = %s AND n IN (SELECT n FROM words)"),
    ("words", "SELECT 1 FROM memories WHERE owner = %s AND EXISTS (SELECT 1 FROM words)"),
    ("memories", "SELECT 1 FROM memories WHERE id IN (SELECT id FROM words WHERE owner = %s)"),
    (
        "claims",
        (
            "SELECT 1 FROM claims WHERE EXISTS "
            "(SELECT 1 FROM memories WHERE memories.owner = claims.owner)"
        ),
    ),
    ("tags", "SELECT (SELECT count(*) FROM tags)"),
    ("tags", "SELECT 1 FROM settings WHERE name IN (SELECT name FROM tags)"),
    ("tags", "SELECT 1 FROM memories WHERE owner = %s ORDER BY (SELECT 1 FROM tags)"),
    ("tags", "SELECT 1 FROM memories WHERE owner = %s UNION SELECT 1 FROM tags"),
    ("words", "WITH h AS (SELECT n FROM words) SELECT 1 FROM memories WHERE owner = %s"),
    (
        "memories",
        (
            "WITH h AS (SELECT name AS owner FROM words WHERE owner = %s) "
            "SELECT 1 FROM memories JOIN h ON h.owner = memories.owner"
        ),
    ),
    ("memories", "SELECT 1 FROM (SELECT * FROM memories) AS m WHERE m.owner = %s"),
    ("memories", "(SELECT 1 FROM memories)"),
    ("memories", "UPDATE memories SET tier = %s WHERE id = %s"),
    ("tags", "UPDATE memories SET tier = %s FROM tags WHERE memories.owner = %s"),
    ("tags", "UPDATE memories SET tier = (SELECT name FROM tags) WHERE owner = %s"),
    ("memories", "UPDATE memories SET owner = %s WHERE owner = %s"),
    ("memories", "DELETE FROM memories WHERE id = %s"),
    ("tags", "DELETE FROM memories WHERE owner = %s AND id IN (SELECT id FROM tags)"),
    ("tags", "DELETE FROM memories WHERE owner = %s RETURNING (SELECT 1 FROM tags)"),
    ("tags", "INSERT INTO tags (id) VALUES (%s)"),
    ("tags", "INSERT INTO tags VALUES (%s, %s)"),
    ("tags", "INSERT INTO tags DEFAULT VALUES"),
    ("tags", "INSERT INTO tags (id, owner) VALUES (%s, %s), (%s, 'alice')"),
    ("words", "INSERT INTO tags (owner, id) VALUES (%s, (SELECT id FROM words))"),
    ("words", "INSERT INTO tags (owner, id) SELECT owner, id FROM words"),
    ("tags", "INSERT INTO tags (id, owner) SELECT owner, id FROM words WHERE owner = %s"),
    ("words", "INSERT INTO settings SELECT name, value FROM words"),
    ("tags", "INSERT INTO tags (owner, id) VALUES (%s, %s) ON CONFLICT (id) DO NOTHING"),
    (
        "tags",
        (
            "INSERT INTO tags (owner, id) VALUES (%s, %s) ON CONFLICT (owner, id) DO UPDATE "
            "SET owner = excluded.owner"
        ),
    ),
    ("tags", "BEGIN; SELECT 1 FROM tags; COMMIT"),
    ("tags", "EXPLAIN SELECT 1 FROM tags"),
    ("table_of_tomorrow", "SELECT 1 FROM table_of_tomorrow"),
    ("unknown syntax", "SELECT 1 FROM tags WHERE"),
    ("can't be checked", "VALUES ((SELECT 1 FROM tags))"),
    ("can't be checked", "CREATE TABLE a AS SELECT * FROM tags"),
    ("can't be checked", "CREATE TEMPORARY VIEW a AS\nSELECT * FROM tags WHERE owner = 'alice'"),
]

UNLAWFUL_IN_POSTGRES = [
    ("memories", "SELECT id FROM memoryos.memories WHERE owner = ANY(%s::text[])"),
    ("memories", "SELECT id FROM memories AS m JOIN unnest(%s::text[]) AS o (owner) USING (owner)"),
    ("tags", "DELETE FROM memories USING tags WHERE memories.owner = %s"),
    ("tags", "WITH gone AS (DELETE FROM tags RETURNING owner) SELECT 1 FROM gone"),
    ("tags", "INSERT INTO tags (owner, id) SELECT x.owner, x.id FROM unnest(%s, %s) AS x"),
    ("tags", "SELECT 1 FROM memories AS m, LATERAL (SELECT 1 FROM tags) AS t WHERE m.owner = %s"),
    ("memories", "COPY memories TO STDOUT"),
    ("memories", "COPY memories (id) FROM STDIN"),
    ("memories", "COPY (SELECT id FROM memories) TO STDOUT"),
    ("can't be checked", "TRUNCATE memories"),
    ("can't be checked", "MERGE INTO a USING b ON a.owner = b.owner WHEN MATCHED THEN DELETE"),
    ("can't be checked", "EXECUTE prepared"),
    ("can't be checked", "CREATE TABLE a AS TABLE tags"),
    ("can't be checked", "DO 'BEGIN DELETE FROM memories; END'"),
]

UNLAWFUL_IN_SQLITE = [
    ("memory_words", "SELECT rowid FROM memory_words"),
    ("memory_words", "SELECT rowid FROM memory_words WHERE rowid = ?"),
    ("memory_words", "SELECT rowid FROM memory_words('tea')"),
    ("memory_word_positions", "SELECT doc FROM memory_word_positions WHERE term >= ?"),
    (
        "memory_word_positions",
        (
            "SELECT b.doc FROM memory_word_positions AS a, memory_word_positions AS b "
            "WHERE a.term = ?"
        ),
    ),
    ("memories", "SELECT 1 FROM memory_words JOIN memories ON number = rowid WHERE terms MATCH ?"),
    ("claims", "DELETE FROM claims WHERE (owner, key) IN (SELECT owner, key FROM claims LIMIT ?)"),
]


def in_sqlite(statement):
    """Return a statement with the placeholders of sqlite3."""
    return statement.replace("%s", "?")


@pytest.mark.parametrize("statement", [*LAWFUL, *LAWFUL_IN_POSTGRES])
def test_what_names_the_owner_passes_in_postgres(statement):
    """In WHERE, in a join, and in each subquery."""
    assert violations(statement, "postgres") == []


@pytest.mark.parametrize("statement", [*map(in_sqlite, LAWFUL), *LAWFUL_IN_SQLITE])
def test_what_names_the_owner_passes_in_sqlite(statement):
    """A term of the full-text index names the owner, too."""
    assert violations(statement, "sqlite") == []


@pytest.mark.parametrize(("words", "statement"), [*UNLAWFUL, *UNLAWFUL_IN_POSTGRES])
def test_what_leaves_the_owner_out_is_found_in_postgres(words, statement):
    """With the name of the table."""
    assert any(words in each for each in violations(statement, "postgres"))


@pytest.mark.parametrize(("words", "statement"), [*UNLAWFUL, *UNLAWFUL_IN_SQLITE])
def test_what_leaves_the_owner_out_is_found_in_sqlite(words, statement):
    """With the name of the table."""
    assert any(words in each for each in violations(in_sqlite(statement), "sqlite"))


@pytest.fixture
def sent(request):
    """Return a function that sends a statement from a module, and returns the problems seen."""
    plugins = request.config.pluginmanager.get_plugins()
    problems = next(plugin.PROBLEMS for plugin in plugins if hasattr(plugin, "DRIVERS"))

    def send(call, *arguments, module="memoryos_server.stores.planted", function="planted"):
        names = {"__name__": module}
        exec(f"def {function}(call, arguments): return call(*arguments)", names)
        with contextlib.suppress(Exception):
            names[function](call, arguments)
        found, problems[:] = list(problems), []
        return found

    return send


STATEMENT = "SELECT id FROM memories"


@pytest.fixture
def sqlite():
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        yield connection


def test_all_that_sqlite_is_sent_is_seen(sqlite, sent):
    """By a connection or a cursor, each time anew, with the sender's name."""
    for call in (sqlite.execute, sqlite.executescript, sqlite.cursor().execute):
        for _ in range(2):
            [problem] = sent(call, STATEMENT)
            assert problem.startswith("memoryos_server.stores.planted.planted: memories: ")
            assert problem.endswith(STATEMENT)
    assert sent(sqlite.executemany, STATEMENT, [()])


def test_all_that_postgres_is_sent_is_seen(postgres, sent):
    """As text, bytes or a composition, by each kind of cursor."""
    import psycopg
    from psycopg.sql import SQL

    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        for statement in (STATEMENT, STATEMENT.encode(), SQL(STATEMENT)):
            assert sent(connection.execute, statement)
        assert sent(connection.cursor().execute, STATEMENT)
        with connection.cursor("name") as named:
            assert sent(named.execute, STATEMENT)
        assert sent(psycopg.ClientCursor(connection).execute, STATEMENT)
        assert sent(connection.cursor().copy, f"COPY ({STATEMENT}) TO STDOUT")
        assert sent(connection.cursor().executemany, STATEMENT, [()])


def test_who_sends_it_matters(sqlite, sent):
    """Tests send what they like, the stores' migrations too, and operators see all owners."""
    assert not sent(sqlite.execute, STATEMENT, module="tests.planted")
    assert not sent(sqlite.execute, STATEMENT, module="memoryos_server.stores.sqlite.migration")
    assert not sent(sqlite.execute, STATEMENT, module="memoryos_server.stores.postgres.owners")
    assert sent(sqlite.execute, STATEMENT, module="memoryos_server.service.planted")


INNER_TESTS = f"""
import contextlib, sqlite3, pytest

names = {{"__name__": "memoryos_server.stores.planted"}}
exec("def planted(connection, text): return connection.execute(text)", names)
planted = names["planted"]

@pytest.fixture
def connection():
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE memories (owner, id)")
        yield connection

@pytest.fixture
def late(connection):
    yield
    planted(connection, "{STATEMENT}")

def test_unlawful(connection):
    planted(connection, "{STATEMENT}")

def test_lawful(connection):
    connection.execute("{STATEMENT}")

def test_late(late):
    pass
"""


def test_a_test_whose_statement_names_no_owner_fails(tmp_path):
    """Although its own assertions hold; what a fixture sends afterwards is an error."""
    conftest = f"""
import sys
sys.path.insert(0, {str(REPOSITORY)!r})
from tests import statements

def pytest_configure(config):
    config.pluginmanager.register(statements)
"""
    (tmp_path / "conftest.py").write_text(conftest)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_inner.py").write_text(INNER_TESTS)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(tmp_path)]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "memoryos_server.stores.planted.planted: memories: " in outcome.stdout
    assert "1 failed, 2 passed, 1 error" in outcome.stdout
