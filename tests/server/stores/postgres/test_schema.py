"""Databases of every version: created by its statements, used by this program.

`versions/` has one file of SQL for each version, as its program executed it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")

from memoryos_server.stores.columns import MEMORY_COLUMNS
from memoryos_server.stores.postgres.schema import VERSIONS

SCRIPTS = Path(__file__).parent / "versions"
STRUCTURE = """
  SELECT table_name, column_name, data_type, collation_name, is_nullable, is_identity
  FROM information_schema.columns WHERE table_schema = 'memoryos'
  UNION ALL SELECT tablename, indexname, indexdef, NULL, NULL, NULL
  FROM pg_indexes WHERE schemaname = 'memoryos'
  UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), NULL, NULL, NULL
  FROM pg_constraint WHERE connamespace = 'memoryos'::regnamespace
"""
# What the versions after it added.
TO_VERSION_2 = """
  DROP TABLE memoryos.memory_metadata;
  DROP INDEX memoryos.memories_by_external_id;
  ALTER TABLE memoryos.keys DROP COLUMN scope_tags;
  ALTER TABLE memoryos.tags DROP COLUMN scope_key;
  ALTER TABLE memoryos.entities DROP COLUMN key
"""


def script(version):
    return (SCRIPTS / f"version_{version}.sql").read_text(encoding="utf-8")


def normalized(sql):
    return re.sub(r"\s+", " ", sql).strip()


def test_there_is_a_script_of_every_version():
    """Whoever adds a version adds the statements that create it."""
    found = {path.name for path in SCRIPTS.iterdir()}
    assert found == {f"version_{number}.sql" for number in range(1, len(VERSIONS) + 1)}
    assert all(1 <= column.since.postgres <= len(VERSIONS) for column in MEMORY_COLUMNS)


def test_the_first_version_never_changes():
    """Its statements are the same to the letter, besides white space."""
    statements = [normalized(statement) for statement in script(1).partition("\n")[2].split(";\n")]
    assert statements[-1] == ""
    first = VERSIONS[0].statements
    assert statements[-1 - len(first) : -1] == [*map(normalized, first)]


@pytest.mark.parametrize("version", range(1, len(VERSIONS) + 1))
def test_an_old_database_works_and_gets_the_structure_of_a_new_one(
    version, start, user_of, postgres
):
    old, new = postgres.make_database(), postgres.make_database()
    postgres.execute(script(version), old)
    postgres.execute(
        f"UPDATE memoryos.settings SET value = '{version}' WHERE name = 'version'", old
    )
    for url in (old, new):
        user = user_of(start(url))
        memory = user.create("Ada likes tea", tier="long", metadata={"tags": ["tea"]})
        assert user.list() == [memory]
        assert user.found("Ada likes tea", tags=["tea"]) == ["Ada likes tea"]
    old_structure, new_structure = (set(postgres.execute(STRUCTURE, url)) for url in (old, new))
    assert old_structure == new_structure
    assert len(old_structure) > len(MEMORY_COLUMNS)


def test_texts_that_version_1_stored_are_found_by_folded_words(start, user_of, postgres):
    """The migration indexes them again, whatever characters they contain."""
    url = postgres.make_database()
    service = start(url, embedder=None)
    user = user_of(service)
    texts = ["Straße", "東京都に", "O\u2019Brien \0 came", "plain"]
    for text in texts:
        user.create(text, tier="long")
    service.close()
    postgres.execute("UPDATE memoryos.memory_words SET word = 'old' || word", url)
    postgres.execute(TO_VERSION_2, url)
    postgres.execute("UPDATE memoryos.settings SET value = '1' WHERE name = 'version'", url)
    user = user_of(start(url, embedder=None))
    for query, expected in zip(("strasse", "東京", "o'brien", "plain"), texts, strict=True):
        assert user.found(query, threshold=0.9) == ([] if query == "plain" else [expected])


def test_dates_in_metadata_that_version_1_stored_are_read(start, user_of, postgres):
    """It read no Unix times, so the search terms of these memories have no date."""
    url = postgres.make_database()
    service = start(url)
    user = user_of(service)
    for metadata in ({"ts": 1757894400}, {"mood": "calm"}, {}):
        user.create("Ada drinks tea", tier="long", metadata=metadata)
    service.close()
    terms = "SELECT terms FROM memoryos.vectors ORDER BY number"
    new = postgres.execute(terms, url)
    postgres.execute("UPDATE memoryos.vectors SET terms = ''", url)
    postgres.execute("CREATE TABLE memoryos.staged AS SELECT * FROM memoryos.vectors", url)
    postgres.execute(TO_VERSION_2, url)
    postgres.execute("UPDATE memoryos.settings SET value = '1' WHERE name = 'version'", url)
    user_of(start(url)).list()
    for table in ("vectors", "staged"):
        assert postgres.execute(terms.replace("vectors", table), url) == [new[0], (b"",), (b"",)]


def test_memories_that_version_2_stored_are_found_by_their_metadata(start, user_of, postgres):
    """The migration indexes all of them, and their external ids."""
    url = postgres.make_database()
    service = start(url, embedder=None)
    user = user_of(service)
    for number in range(3):
        user.create("tea", metadata={"n": number, "nul": "a\0"}, external_id=f"{number}\0")
    service.close()
    postgres.execute(TO_VERSION_2, url)
    postgres.execute("UPDATE memoryos.settings SET value = '2' WHERE name = 'version'", url)
    user = user_of(start(url, embedder=None))
    for filters in ({"metadata": {"n": 2.0, "nul": "a\0"}}, {"external_id": "2\0"}):
        assert [memory["metadata"]["n"] for memory in user.list(**filters)] == [2]
