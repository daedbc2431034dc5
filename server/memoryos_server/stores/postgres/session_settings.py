"""The session settings that the store depends on, whatever the administrator's defaults are.

A connection that reaches PostgreSQL directly gets them once. A pooler such as pgbouncer may lend
each transaction another session, whose settings are those of somebody else: there, each
transaction makes its own, until it ends.
"""

# ruff: noqa: S608 - only constants of this package are put into the SQL, values are parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg import Connection, Cursor

__all__ = [
    "NO_TIMEOUT",
    "READ",
    "STATEMENT_TIMEOUT_SECONDS",
    "WRITE",
    "begin",
    "has_own_session",
    "set_up",
]

READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"

STATEMENT_TIMEOUT_SECONDS = 30
"""The longest time of one statement of a request."""

NO_TIMEOUT = 0
"""For statements that read or write every memory, and that an operator waits for."""

_IDLE_TIMEOUT_SECONDS = 60
"""After this time PostgreSQL ends a transaction whose client is stuck or unreachable."""

_SETTINGS = {
    "datestyle": "ISO, YMD",  # psycopg reads no other
    "timezone": "UTC",
    "extra_float_digits": "1",  # the shortest text that is exactly the same number
    "bytea_output": "hex",
    "lock_timeout": "0",  # the timeout of a statement includes its wait for locks
    "idle_in_transaction_session_timeout": f"{_IDLE_TIMEOUT_SECONDS}s",
}
_TRANSACTION_TIMEOUT_SINCE = 170_000
"""The version of PostgreSQL that introduced the setting `transaction_timeout`."""

# For a statement that is a transaction of its own, which only reads.
_DEFAULTS = {
    "default_transaction_isolation": "read committed",
    "default_transaction_read_only": "on",
    "default_transaction_deferrable": "off",
}

# All tables are named with their schema. Only the type `vector` and its operators are looked up, in
# the schema that the extension was installed in, or will be.
_FIND_SEARCH_PATH = """
  SELECT concat_ws(', ', 'pg_catalog', pg_catalog.quote_ident(coalesce(extension_schema, 'public')),
    'pg_temp') AS path, extension_schema IS NOT NULL AS is_installed
  FROM (SELECT (SELECT nspname::text FROM pg_catalog.pg_extension
    JOIN pg_catalog.pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'vector'
  ) AS extension_schema) AS found
"""


def has_own_session(connection: Connection[tuple[Any, ...]]) -> bool:
    """Return whether all transactions of a connection run in one session, which is only its own.

    A pooler answers a new connection itself, with a process id that is not that of the session.

    Raises:
        psycopg.Error: a pooler separates the statements of a transaction.
    """
    row = connection.execute("SELECT pg_backend_pid()", prepare=False).fetchone()
    if row == (connection.info.backend_pid,):
        return True
    # A pooler that separates statements refuses a transaction, if it sees one that is not ended.
    connection.execute("BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0", prepare=False)
    connection.execute("COMMIT", prepare=False)
    return False


def set_up(connection: Connection[tuple[Any, ...]], search_path: str | None) -> None:
    """Make the settings for all transactions of a connection that has its own session.

    Args:
        connection: A connection in autocommit mode.
        search_path: Where the extension is, if that is known.
    """
    values = _values(connection, STATEMENT_TIMEOUT_SECONDS) | _DEFAULTS
    statements = [f"SET {name} = '{value}'" for name, value in values.items()]
    if search_path is not None:
        statements.append(f"SET search_path = {search_path}")
    connection.execute("; ".join(statements), prepare=False)


def begin(
    connection: Connection[tuple[Any, ...]],
    mode: str,
    *,
    is_set_up: bool = False,
    search_path: str | None,
    lock: str | None = None,
    timeout_seconds: int = STATEMENT_TIMEOUT_SECONDS,
) -> Cursor[tuple[Any, ...]] | None:
    """Begin a transaction with the settings of this module; no result is waited for in a pipeline.

    Args:
        connection: A connection in autocommit mode.
        mode: `READ` or `WRITE`.
        is_set_up: Whether `set_up` made the settings.
        search_path: Where the extension is; None looks for it.
        lock: A statement that locks tables before the snapshot is taken.
        timeout_seconds: The longest time of one statement; 0 for no limit.

    Returns:
        One row, or None if everything is known: whether this is a standby, the search path, and
        whether the extension is installed.
    """
    connection.execute(mode)
    if timeout_seconds != STATEMENT_TIMEOUT_SECONDS or (lock and not is_set_up):
        connection.execute(f"SET LOCAL statement_timeout = '{timeout_seconds}s'")
    if lock is not None:
        if not is_set_up:
            connection.execute("SET LOCAL lock_timeout = 0")
        connection.execute(lock)
    if is_set_up and search_path is not None:
        return None
    values = {} if is_set_up else _values(connection, timeout_seconds)
    return connection.execute(_selection(values, search_path))


def _values(connection: Connection[tuple[Any, ...]], timeout_seconds: int) -> dict[str, str]:
    values = {**_SETTINGS, "statement_timeout": f"{timeout_seconds}s"}
    if connection.info.server_version >= _TRANSACTION_TIMEOUT_SINCE:
        values["transaction_timeout"] = "0"
    return values


def _selection(values: dict[str, str], search_path: str | None) -> str:
    """Return one statement that makes settings until the end of the transaction."""
    source = _FIND_SEARCH_PATH
    if search_path is not None:
        quoted = search_path.replace("'", "''")
        source = f"SELECT '{quoted}' AS path, true AS is_installed"
    settings = [f"set_config('{name}', '{value}', true)" for name, value in values.items()]
    settings.append("set_config('search_path', path, true)")
    columns = ", ".join(f"pg_catalog.{setting}" for setting in settings)
    return (
        f"SELECT pg_catalog.pg_is_in_recovery(), path, is_installed, {columns} "
        f"FROM ({source}) AS found"
    )
