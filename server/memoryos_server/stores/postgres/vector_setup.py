"""Setup of the pgvector extension and the table of vectors.

The table is created for the first embedder that stores a vector, with its dimension. It never
contains vectors of two embedders.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import errors

from memoryos_server.model.errors import ServiceError
from memoryos_server.stores.reembedding import embedder_mismatch_message

from . import distribution
from .column_types import TEXT
from .locks import SCHEMA_LOCK
from .unusable_database import unusable
from .vectors import MAX_INDEXED_DIMENSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg import Connection, Cursor

    from .statements import Statements

__all__ = [
    "HNSW_INDEX",
    "INDEX_SUFFIXES",
    "check_embedder",
    "create_table",
    "install",
    "prepare",
    "select_settings",
]

INDEX_SUFFIXES = ("pkey", "by_thread", "to_compare", "nearest")
"""The names of the indexes of the table, without its own name in front."""

_EXTENSION = "vector"
_MIN_EXTENSION_VERSION = (0, 8)
_NEEDED = f"needs the extension {_EXTENSION} (pgvector)"

_TABLE = f"""
  CREATE TABLE IF NOT EXISTS memoryos.{{table}} (
    owner {TEXT} NOT NULL,
    number bigint NOT NULL,
    expires_at timestamptz,
    created bigint NOT NULL,
    thread bigint NOT NULL,
    terms bytea NOT NULL,
    vector vector({{dimension}}) NOT NULL,
    indexed boolean NOT NULL DEFAULT false,
    PRIMARY KEY (owner, number),
    FOREIGN KEY (owner, number) REFERENCES memoryos.memories ON DELETE CASCADE
  )
"""
_INDEXES = (
    """
    CREATE INDEX IF NOT EXISTS {table}_by_thread ON memoryos.{table} (owner, thread, number)
    WHERE thread <> 0
    """,
    # What a search must compare besides what the index of vectors finds.
    """
    CREATE INDEX IF NOT EXISTS {table}_to_compare ON memoryos.{table} (owner, number)
    WHERE NOT indexed
    """,
)
HNSW_INDEX = """
  CREATE INDEX IF NOT EXISTS {table}_nearest ON memoryos.{table}
  USING hnsw (vector vector_ip_ops) WHERE indexed
"""


def select_settings(connection: Statements) -> Cursor[tuple[Any, ...]]:
    """Ask what this database is, and which embedder the stored vectors are from."""
    return connection.execute(
        "SELECT name, value FROM memoryos.settings "
        "WHERE name IN ('application', 'embedder', 'dimension')"
    )


def check_embedder(settings: Mapping[str, str], embedder: str, name: str) -> int | None:
    """Check that the stored vectors are from `embedder`.

    Args:
        settings: the answer to `select_settings`.
        embedder: the name of the embedder that is about to use the vectors.
        name: the name of the database for error messages.

    Returns:
        The dimension of the vectors, or None if there are none yet.

    Raises:
        ServiceError: with status 500, the vectors are from another embedder.
    """
    if "embedder" not in settings:
        return None
    if settings["embedder"] != embedder:
        message = embedder_mismatch_message(f"The database {name}", settings["embedder"], embedder)
        raise ServiceError(500, "INTERNAL_ERROR", message)
    return int(settings["dimension"])


def install(connection: Connection[tuple[Any, ...]], name: str) -> None:
    """Install the extension that provides the type `vector`, unless it is installed.

    Raises:
        ServiceError: with status 500, the extension is unavailable or too old.
    """
    version = _extension_version(connection)
    if version is None:
        _create_extension(connection, name)
        version = _extension_version(connection) or "0"
    if tuple(int(part) for part in version.split("-")[0].split(".")[:2]) < _MIN_EXTENSION_VERSION:
        oldest = ".".join(map(str, _MIN_EXTENSION_VERSION))
        raise unusable(name, f"{_NEEDED} in version {oldest} or newer, and has {version}")


def _extension_version(connection: Connection[tuple[Any, ...]]) -> str | None:
    row = connection.execute(
        "SELECT extversion FROM pg_extension WHERE extname = %s", (_EXTENSION,)
    ).fetchone()
    return None if row is None else str(row[0])


def _create_extension(connection: Connection[tuple[Any, ...]], name: str) -> None:
    connection.execute(SCHEMA_LOCK)
    try:
        # In `public`, where every user finds the type, and not in the first schema of this user.
        connection.execute(f"CREATE EXTENSION IF NOT EXISTS {_EXTENSION} SCHEMA public")
    except errors.InsufficientPrivilege as error:
        advice = f"have its administrator run CREATE EXTENSION {_EXTENSION}"
        raise unusable(name, f"{_NEEDED}: {advice}") from error
    except (errors.UndefinedFile, errors.FeatureNotSupported) as error:
        raise unusable(name, f"{_NEEDED}, which is not installed on its server") from error


def prepare(
    connection: Connection[tuple[Any, ...]],
    *,
    embedder: str,
    dimension: int,
    name: str,
) -> None:
    """Create the table of vectors for an embedder, unless it exists.

    Raises:
        ServiceError: with status 500, the table has the vectors of another embedder.
    """
    connection.execute(SCHEMA_LOCK)
    settings = dict(select_settings(connection).fetchall())
    if check_embedder(settings, embedder, name) is not None:
        return
    install(connection, name)
    create_table(connection, "vectors", dimension)
    connection.execute(
        "INSERT INTO memoryos.settings (name, value) VALUES ('embedder', %s), ('dimension', %s)",
        (embedder, str(dimension)),
    )


def create_table(connection: Connection[tuple[Any, ...]], table: str, dimension: int) -> None:
    """Create a table for vectors of a dimension, with its indexes."""
    connection.execute(_TABLE.format(table=table, dimension=dimension))
    for index in _INDEXES:
        connection.execute(index.format(table=table))
    if dimension <= MAX_INDEXED_DIMENSION:
        connection.execute(HNSW_INDEX.format(table=table))
    distribution.distribute(connection, table)
