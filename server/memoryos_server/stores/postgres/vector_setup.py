"""Making a database ready for the vectors of an embedder, of which it then holds no other's.

The table of vectors is made when the first embedder comes, whose dimension it then has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import errors

from memoryos_server.model.errors import ServiceError
from memoryos_server.stores.reembedding import mixed

from .error_translation import unusable

if TYPE_CHECKING:
    from psycopg import Connection

    from .engines import Engine

__all__ = ["INDEXES", "check_embedder", "install", "make_table", "prepare"]

INDEXES = ("pkey", "by_owner", "by_thread", "nearest")
"""What the indexes of the table are called, behind its name."""

_OLDEST_EXTENSION = (0, 8)

_TABLE = """
  CREATE TABLE IF NOT EXISTS memoryos.{table} (
    number bigint PRIMARY KEY REFERENCES memoryos.memories (number) ON DELETE CASCADE,
    owner {text} NOT NULL,
    expires_at timestamptz,
    created bigint NOT NULL,
    thread bigint NOT NULL,
    terms bytea NOT NULL,
    vector vector({dimension}) NOT NULL
  )
"""
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS {table}_by_owner ON memoryos.{table} (owner)",
    """
    CREATE INDEX IF NOT EXISTS {table}_by_thread ON memoryos.{table} (owner, thread, number)
    WHERE thread <> 0
    """,
)


def check_embedder(connection: Connection[tuple[Any, ...]], embedder: str, name: str) -> int | None:
    """Refuse to go on with vectors that another embedder made.

    Args:
        connection: to the database.
        embedder: the name of the one that wants to use them.
        name: what to call the database in an error.

    Returns:
        The dimension of the vectors; None where there are none yet.

    Raises:
        ServiceError: with status 500, another embedder made them.
    """
    rows = connection.execute(
        "SELECT name, value FROM memoryos.settings WHERE name IN ('embedder', 'dimension')"
    ).fetchall()
    settings: dict[str, str] = dict(rows)
    if not settings:
        return None
    if settings["embedder"] != embedder:
        message = mixed(f"The database {name}", settings["embedder"], embedder)
        raise ServiceError(500, "INTERNAL_ERROR", message)
    return int(settings["dimension"])


def install(connection: Connection[tuple[Any, ...]], engine: Engine, name: str) -> None:
    """Have the database know the type `vector`.

    Raises:
        ServiceError: with status 500, it can't, or the extension is too old.
    """
    if engine.extension is None:
        return
    version = _extension_version(connection, engine.extension)
    if version is None:
        _create_extension(connection, engine, name)
        version = _extension_version(connection, engine.extension) or "0"
    if tuple(int(part) for part in version.split("-")[0].split(".")[:2]) < _OLDEST_EXTENSION:
        oldest = ".".join(map(str, _OLDEST_EXTENSION))
        sentence = f"in version {oldest} or newer, and has {version}"
        raise unusable(name, f"{_needed(engine)} {sentence}")


def _extension_version(connection: Connection[tuple[Any, ...]], extension: str) -> str | None:
    row = connection.execute(
        "SELECT extversion FROM pg_extension WHERE extname = %s", (extension,)
    ).fetchone()
    return None if row is None else str(row[0])


def _create_extension(connection: Connection[tuple[Any, ...]], engine: Engine, name: str) -> None:
    if engine.schema_lock is not None:
        connection.execute(engine.schema_lock)
    try:
        # Not in the schema that is first by chance: every user is to find the type there.
        connection.execute(f"CREATE EXTENSION IF NOT EXISTS {engine.extension} SCHEMA public")
    except errors.InsufficientPrivilege as error:
        advice = f"have its administrator run CREATE EXTENSION {engine.extension}"
        raise unusable(name, f"{_needed(engine)}: {advice}") from error
    except (errors.UndefinedFile, errors.FeatureNotSupported) as error:
        raise unusable(name, f"{_needed(engine)}, which is not installed on its server") from error


def _needed(engine: Engine) -> str:
    return f"needs the extension {engine.extension} (pgvector)"


def prepare(
    connection: Connection[tuple[Any, ...]],
    engine: Engine,
    *,
    embedder: str,
    dimension: int,
    name: str,
) -> None:
    """Make the database ready for the vectors of an embedder, unless it is.

    Raises:
        ServiceError: with status 500, it holds those of another one.
    """
    if engine.schema_lock is not None:
        connection.execute(engine.schema_lock)
    if check_embedder(connection, embedder, name) is not None:
        return
    install(connection, engine, name)
    make_table(connection, engine, "vectors", dimension)
    connection.execute(
        "INSERT INTO memoryos.settings (name, value) VALUES ('embedder', %s), ('dimension', %s)",
        (embedder, str(dimension)),
    )


def make_table(
    connection: Connection[tuple[Any, ...]], engine: Engine, table: str, dimension: int
) -> None:
    """Make a table for vectors of a dimension, with its indexes."""
    connection.execute(_TABLE.format(table=table, text=engine.text, dimension=dimension))
    for index in _INDEXES:
        connection.execute(index.format(table=table))
    if dimension <= engine.most_dimensions:
        connection.execute(engine.index.format(table=table, name=f"{table}_nearest"))
