"""A new database has statistics before autovacuum collects them, so that its plans are good."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

psycopg = pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")

from memoryos_server.stores.postgres.statistics import FirstWrites

# As the check of a foreign key selects the memory, with a plan for any values.
CHECK = """
  SET plan_cache_mode = force_generic_plan;
  PREPARE memory (text, bigint) AS
    SELECT 1 FROM ONLY memoryos.memories WHERE owner = $1 AND number = $2 FOR KEY SHARE
"""


def plan(url):
    with psycopg.connect(url) as connection:
        connection.execute(CHECK)
        return [
            row[0].strip() for row in connection.execute("EXPLAIN EXECUTE memory ('default', 1)")
        ]


def test_after_the_first_memories_a_foreign_key_is_checked_by_its_index(start, user_of, postgres):
    url = postgres.make_database()
    user = user_of(start(url, embedder=None))
    for number in range(500):
        user.create(f"memory {number}")
    # Citus puts the values into the statement, with their types.
    by_both = re.compile(r"Index Cond: \(\(owner = .*\) AND \(number = .*\)\)")
    assert any(map(by_both.fullmatch, plan(url))), plan(url)


def test_statistics_are_due_ever_more_rarely():
    """A process that stores many memories leaves them to autovacuum."""
    writes = FirstWrites()
    due = [number for _ in range(20_000) if (number := writes.next_is_due())]
    assert due == [500, 5_000]


def test_a_user_without_the_right_to_collect_them_stores_memories(start, user_of, postgres):
    """PostgreSQL only warns about tables of another user."""
    url = postgres.make_database()
    start(url, embedder=None).list_keys()
    postgres.execute("CREATE ROLE memoryos_writer LOGIN", url)
    try:
        postgres.execute(
            "GRANT USAGE ON SCHEMA memoryos TO memoryos_writer;"
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA memoryos "
            "TO memoryos_writer; GRANT USAGE ON ALL SEQUENCES IN SCHEMA memoryos "
            "TO memoryos_writer",
            url,
        )
        name = urlsplit(url).path[1:]
        user = user_of(start(postgres.url(name, user="memoryos_writer"), embedder=None))
        for number in range(500):
            user.create(f"memory {number}")
        assert postgres.execute("SELECT count(*) FROM memoryos.memories", url) == [(500,)]
    finally:
        postgres.execute("DROP OWNED BY memoryos_writer; DROP ROLE memoryos_writer", url)
