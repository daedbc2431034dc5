"""The id of a database, which distinguishes it from all others with the same address."""

from __future__ import annotations

from contextlib import closing, suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from psycopg.errors import FeatureNotSupported, InsufficientPrivilege, UndefinedTable

from .connection_pool import connect
from .error_translation import translated
from .session_settings import WRITE

if TYPE_CHECKING:
    from memoryos_server.stores.database_url import Address

__all__ = ["store_id"]

_SELECT = "SELECT value FROM memoryos.settings WHERE name = 'id'"
_INSERT = "INSERT INTO memoryos.settings VALUES ('id', %s) ON CONFLICT DO NOTHING"


def store_id(address: Address) -> str:
    """Return the id of a database, which is made and stored by the first call.

    Returns:
        The id; an empty text if there is none and this user or a standby can't store one.

    Raises:
        ServiceError: the database failed.
    """
    with translated(str(address)), closing(connect(address)) as connection:
        # The last one is what a standby says. Without tables, the backup says why it fails.
        with suppress(InsufficientPrivilege, UndefinedTable, FeatureNotSupported):
            found = connection.execute(_SELECT).fetchone()
            if found is None:
                connection.execute(WRITE)
                connection.execute(_INSERT, (uuid4().hex,))
                connection.execute("COMMIT")
                found = connection.execute(_SELECT).fetchone()
            return str(found[0]) if found else ""
        return ""
