"""Databases that the programs of old schema versions filled, kept as SQL in `versions/`.

When a new version of the tables is made, keep a database of the version before:

    git worktree add /tmp/old COMMIT
    python -m tests.server.stores.postgres.old_databases VERSION /tmp/old/server
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.postgres import PACKAGE, PROGRAMS, SETTINGS, running

FOLDER = Path(__file__).parent / "versions"

_TABLES = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'memoryos'"
# By name: what a version added to a table comes last there, and in a new table first.
_COLUMNS = """
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attname) FROM pg_attribute
  WHERE attrelid = 'memoryos.{table}'::regclass AND attnum > 0 AND NOT attisdropped
"""
_STRUCTURE = """
  SELECT table_name, column_name, data_type, collation_name, is_nullable, is_identity
  FROM information_schema.columns WHERE table_schema = 'memoryos'
  UNION ALL SELECT tablename, indexname, indexdef, NULL, NULL, NULL
  FROM pg_indexes WHERE schemaname = 'memoryos'
  UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), NULL, NULL, NULL
  FROM pg_constraint WHERE connamespace = 'memoryos'::regnamespace
  AND conrelid::regclass::text !~ '_[0-9]+$'
"""  # without the parts of tables that Citus has distributed

# Settings of the session, which are those of pg_dump's server, and comments.
_NOT_KEPT = re.compile(r"^(SET .*;|SELECT pg_catalog\.set_config.*|\\.*|--.*)?\n", re.MULTILINE)
_LITERAL = re.compile("'(?:[^']|'')*'")
_CONTROL = re.compile("[\1\2]")


def path_of(version):
    return FOLDER / f"filled_{version}.sql"


def restore(postgres, version):
    """Return the URL of a new database, as the program of `version` filled it."""
    url = postgres.make_database()
    postgres.execute(path_of(version).read_text(encoding="utf-8"), url)
    return url


def structure(postgres, url):
    """Return the columns, indexes and constraints of a database."""
    return set(postgres.execute(_STRUCTURE, url))


def rows(postgres, url):
    """Return the rows of every table, and the names of their columns."""
    found = {}
    for (table,) in postgres.execute(_TABLES, url):
        ((columns,),) = postgres.execute(_COLUMNS.format(table=table), url)
        listed = postgres.execute(f"SELECT {columns} FROM memoryos.{table}", url)
        found[table] = columns, sorted(map(repr, listed))
    return found


def _dump(url):
    """Return the SQL that makes a database like the one at `url`."""
    (package,) = importlib.util.find_spec(PACKAGE).submodule_search_locations
    command = [Path(package) / PROGRAMS / "bin" / "pg_dump", "--inserts", "--rows-per-insert=100"]
    command += ["--no-owner", "--no-comments", url]
    sql = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return _LITERAL.sub(_printable, _NOT_KEPT.sub("", sql))


def _printable(literal):
    """Return a literal of SQL without control characters."""
    if not _CONTROL.search(literal[0]):
        return literal[0]
    text = literal[0].replace("\\", "\\\\")
    return "E" + _CONTROL.sub(lambda found: f"\\x0{ord(found[0])}", text)


def write(version, server):
    """Fill a database with the program in the folder `server`, and keep it."""
    with running(SETTINGS) as cluster:
        url = cluster.make_database()
        subprocess.run(
            [sys.executable, Path(__file__).with_name("filling.py"), url, str(version)],
            check=True,
            env={**os.environ, "PYTHONPATH": str(server)},
        )
        path_of(version).write_text(_dump(url), encoding="utf-8")


if __name__ == "__main__":
    write(int(sys.argv[1]), sys.argv[2])
