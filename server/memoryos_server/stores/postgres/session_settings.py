"""The statements that begin a transaction, with every session setting that the store depends on.

The defaults of these settings belong to the administrator of a database, and a pooler may lend a
session with settings of somebody else. So each transaction makes its own, until it ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg import Connection

__all__ = ["NO_TIMEOUT", "READ", "STATEMENT_TIMEOUT_SECONDS", "WRITE", "begin"]

READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"

STATEMENT_TIMEOUT_SECONDS = 30
"""The longest time of one statement of a request."""

NO_TIMEOUT = 0
"""For statements that read or write every memory, and that an operator waits for."""

_IDLE_TIMEOUT_SECONDS = 60
"""After this time PostgreSQL ends a transaction whose client is stuck or unreachable."""

_SETTINGS = {
    "datestyle": "'ISO, YMD'",  # psycopg reads no other
    "timezone": "'UTC'",
    "extra_float_digits": "1",  # the shortest text that is exactly the same number
    "bytea_output": "'hex'",
    "lock_timeout": "0",  # the timeout of a statement includes its wait for locks
    "idle_in_transaction_session_timeout": f"'{_IDLE_TIMEOUT_SECONDS}s'",
}
_SET_STATEMENTS = "".join(f"; SET LOCAL {name} = {value}" for name, value in _SETTINGS.items())

_TRANSACTION_TIMEOUT = "; SET LOCAL transaction_timeout = 0"
_TRANSACTION_TIMEOUT_SINCE = 170_000
"""The version of PostgreSQL that introduced this setting."""

# All tables are named with their schema. Only the type `vector` and its operators are looked up, in
# the schema that the extension was installed in, or will be.
_FIND_SEARCH_PATH = """
  ; SELECT set_config('search_path', concat_ws(', ',
      'pg_catalog', pg_catalog.quote_ident(coalesce(extension_schema, 'public')), 'pg_temp'), true),
    extension_schema IS NOT NULL
  FROM (SELECT (SELECT nspname::text FROM pg_catalog.pg_extension
    JOIN pg_catalog.pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'vector'
  ) AS extension_schema) AS found
"""


def begin(
    connection: Connection[tuple[Any, ...]],
    mode: str,
    *,
    search_path: str | None,
    timeout_seconds: int = STATEMENT_TIMEOUT_SECONDS,
) -> str | None:
    """Begin a transaction with the settings of this module, in one round trip.

    Args:
        connection: A connection in autocommit mode.
        mode: `READ` or `WRITE`.
        search_path: What an earlier call returned; None looks for the extension.
        timeout_seconds: The longest time of one statement; 0 for no limit.

    Returns:
        The search path if the extension pgvector is installed, otherwise None.
    """
    statements = [mode, _SET_STATEMENTS, f"; SET LOCAL statement_timeout = '{timeout_seconds}s'"]
    if connection.info.server_version >= _TRANSACTION_TIMEOUT_SINCE:
        statements.append(_TRANSACTION_TIMEOUT)
    known = search_path is not None
    statements.append(f"; SET LOCAL search_path = {search_path}" if known else _FIND_SEARCH_PATH)
    # PostgreSQL prepares single statements only.
    cursor = connection.execute("".join(statements), prepare=False)
    if known:
        return search_path
    while cursor.nextset():
        pass
    path, is_installed = cursor.fetchone() or ("", False)
    return str(path) if is_installed else None
