"""Databases of every version: created by its statements, used by this program.

`versions/` has one file of SQL for each version, as its program executed it, and one of a database
that it filled, which `test_migration` uses.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")

from memoryos_server.stores.columns import MEMORY_COLUMNS
from memoryos_server.stores.postgres.schema import VERSIONS

from .old_databases import structure

SCRIPTS = Path(__file__).parent / "versions"


def script(version):
    return (SCRIPTS / f"version_{version}.sql").read_text(encoding="utf-8")


def normalized(sql):
    return re.sub(r"\s+", " ", sql).strip()


def test_there_is_a_script_of_every_version():
    """Whoever adds a version adds the statements that create it, and a database of the last one."""
    found = {path.name for path in SCRIPTS.iterdir()}
    created = {f"version_{number}.sql" for number in range(1, len(VERSIONS) + 1)}
    assert found == created | {f"filled_{number}.sql" for number in range(1, len(VERSIONS))}
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
    old_structure, new_structure = (structure(postgres, url) for url in (old, new))
    assert old_structure == new_structure
    assert len(old_structure) > len(MEMORY_COLUMNS)
