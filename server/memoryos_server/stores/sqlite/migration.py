"""Migration of a SQLite file to the current version of the tables."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from memoryos_server.model.errors import ReadOnlyStoreError
from memoryos_server.stores.schema_versions import outdated
from memoryos_server.stores.store_state import SchemaAge

from . import schema
from .backup_mark import APPLICATION_ID, BACKUP_APPLICATION_ID, TRANSFER_APPLICATION_ID
from .derived_data import derive
from .error_translation import StoreUnusableError
from .owners import count_by_owner
from .transactions import transaction

if TYPE_CHECKING:
    import sqlite3

__all__ = ["check_readable", "migrate", "schema_age"]

_logger = logging.getLogger("memoryos_server")


def migrate(connection: sqlite3.Connection, name: str) -> None:
    """Migrate the file to the current version. Several processes may do this at once.

    It is one transaction: if it is interrupted, the file is as before.

    Args:
        connection: a connection in autocommit mode.
        name: the name of the file for error messages.

    Raises:
        StoreUnusableError: a newer version of Memory OS wrote the file, or another program did.
    """
    if _version(connection, name) == len(schema.VERSIONS):
        return
    # To change a table is to make a new one; dropping the old one would delete what refers to it.
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        connection.execute("BEGIN IMMEDIATE")
        with transaction(connection):
            _climb(connection, name, _version(connection, name))
    finally:
        connection.execute("PRAGMA foreign_keys = ON")


def _climb(connection: sqlite3.Connection, name: str, version: int) -> None:
    started = time.monotonic()
    if version > 0:
        count = sum(count_by_owner(connection).values())
        _logger.info(
            "Migrating the database %s with %d memories from version %d to %d; this may take some "
            "minutes, and can be interrupted",
            name,
            count,
            version,
            len(schema.VERSIONS),
        )
    missing = schema.VERSIONS[version:]
    for migration in missing:
        for statement in migration.statements:
            connection.execute(statement)
    if version > 0:
        derive(connection, outdated(missing))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {len(schema.VERSIONS)}")
    if version > 0:
        seconds = time.monotonic() - started
        _logger.info("Migrated the database %s in %.1f seconds", name, seconds)


def check_readable(connection: sqlite3.Connection, name: str) -> None:
    """Check that this program can read a file that it can't migrate.

    Args:
        connection: a connection to a file that can't be written.
        name: the name of the file for error messages.

    Raises:
        ReadOnlyStoreError: the file is empty, or an older Memory OS wrote it.
        StoreUnusableError: a newer Memory OS wrote the file, or another program did.
    """
    version = _version(connection, name)
    if version == 0:
        raise ReadOnlyStoreError(f"The database {name} is empty, and read-only")
    if version < len(schema.VERSIONS):
        raise ReadOnlyStoreError(
            f"The database {name} was written by an older Memory OS and is read-only; copy it to "
            "a folder that this user can write to, and open the copy"
        )


def schema_age(connection: sqlite3.Connection) -> SchemaAge:
    """Return the age of the version of an open database, which another program may change."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return SchemaAge.compare(version, len(schema.VERSIONS))


def _version(connection: sqlite3.Connection, name: str) -> int:
    # In this order: another process may create the tables between two of these statements.
    is_empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if application == TRANSFER_APPLICATION_ID:
        raise StoreUnusableError(
            f"The database {name} is an unfinished copy: run the same `memoryos migrate` again"
        )
    if not is_empty and application not in (APPLICATION_ID, BACKUP_APPLICATION_ID):
        raise StoreUnusableError(f"The database {name} was not made by Memory OS")
    if version > len(schema.VERSIONS):
        raise StoreUnusableError(
            f"The database {name} was written by a newer Memory OS: its version is {version}, and "
            f"this program supports versions up to {len(schema.VERSIONS)}. Update this program"
        )
    return version
