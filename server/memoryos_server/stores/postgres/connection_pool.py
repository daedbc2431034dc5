"""The connections of one process to a PostgreSQL database."""

from __future__ import annotations

import logging
import selectors
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from .column_types import adapt_texts, adapt_times
from .connection_failures import connection_failure
from .connection_parameters import connection_parameters
from .session_settings import has_own_session, set_up
from .vector_parameters import adapt_vectors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memoryos_server.stores.database_url import Address

__all__ = ["ProcessConnections", "StoreConnection", "connect"]

RECONNECT_SECONDS = 5.0
"""How long the pool tries to connect again before it leaves that to the next call.

The pool waits twice as long after each failure. Without this limit, it would not notice for minutes
that the database is back after a long outage.
"""


_STATISTICS = (
    ("pool_max_connections", "pool_max", 1),
    ("pool_connections", "pool_size", 1),
    ("pool_idle_connections", "pool_available", 1),
    ("pool_waiting", "requests_waiting", 1),
    ("pool_requests_total", "requests_num", 1),
    ("pool_queued_total", "requests_queued", 1),
    ("pool_errors_total", "requests_errors", 1),
    ("pool_wait_seconds_total", "requests_wait_ms", 0.001),
    ("pool_usage_seconds_total", "usage_ms", 0.001),
    ("pool_connection_attempts_total", "connections_num", 1),
    ("pool_connection_errors_total", "connections_errors", 1),
    ("pool_connections_lost_total", "connections_lost", 1),
)
"""Names of `Store.statistics`, the names of psycopg_pool, and factors: it counts milliseconds."""


class StoreConnection(psycopg.Connection[tuple[Any, ...]]):
    """A connection with what is known of its session.

    Attributes:
        is_set_up: whether its session is its own, and has the settings of the store.
        search_path: the search path of its session, if that was set.
    """

    is_set_up = False
    search_path: str | None = None


def _is_news(record: logging.LogRecord) -> bool:
    """Return whether a warning of psycopg tells more than the error that is raised as well.

    Those about other connections in this process are their users' business.
    """
    about = record.args[0] if isinstance(record.args, tuple) and record.args else None
    connection = getattr(about, "_conn", about)  # of a pipeline or a transaction
    return not (isinstance(connection, StoreConnection) and "error ignored" in record.msg)


logging.getLogger("psycopg").addFilter(_is_news)


def connect(address: Address) -> StoreConnection:
    """Open a connection outside a pool, which reads and writes texts and times as the store does.

    Raises:
        psycopg.Error: the database can't be reached.
        ServiceError: with status 500, the address is faulty.
    """
    connection = StoreConnection.connect(**connection_parameters(address))
    try:
        _prepare(connection, None)
    except BaseException:
        connection.close()
        raise
    return connection


class ProcessConnections:
    """What one process knows of a database, and its connections to it.

    Attributes:
        search_path: where the extension pgvector is, if that is known.
        is_standby: whether the database only answers reads, as far as is known.
    """

    def __init__(self) -> None:
        self.search_path: str | None = None
        self.is_standby = False
        self._opening = threading.Lock()
        self._pool: ConnectionPool[StoreConnection] | None = None
        self._connection_failure: str | None = None  # of the last attempt, if that failed

    @property
    def is_open(self) -> bool:
        """Whether there is a pool."""
        return self._pool is not None

    @property
    def opening(self) -> threading.Lock:
        """Held while the pool is opened or closed."""
        return self._opening

    def open(self, parameters: dict[str, Any], *, size: int) -> None:
        """Open the pool."""
        pool = ConnectionPool(
            connection_class=self._connection_class(),
            kwargs=parameters,
            min_size=1,
            max_size=size,
            configure=self.set_up,
            reconnect_timeout=RECONNECT_SECONDS,
            num_workers=1,
            name="memoryos",
            open=False,
        )
        pool.open()
        self._pool = pool

    def close(self) -> None:
        """Close the pool; connections in use are closed when they are returned."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    def statistics(self) -> dict[str, float]:
        """Return numbers of the pool; see `Store.statistics`."""
        pool = self._pool
        if pool is None:
            return {}
        stats = pool.get_stats()
        return {name: stats.get(key, 0) * factor for name, key, factor in _STATISTICS}

    def set_up(self, connection: StoreConnection) -> None:
        """Prepare a new connection."""
        _prepare(connection, self.search_path)

    @contextmanager
    def lend(self, name: str, timeout: float) -> Iterator[StoreConnection]:
        """Lend a connection of the pool, and report why there is none.

        Args:
            name: the name of the database for error messages.
            timeout: how many seconds to wait for a free connection.
        """
        pool = self._pool
        if pool is None:
            raise psycopg.InterfaceError("there is no pool")
        connection: StoreConnection | None = None
        try:
            while connection is None:
                connection = self._take(pool, name, timeout)
                if not _works(connection):
                    broken, connection = connection, None
                    broken.close()
                    pool.putconn(broken)
            if connection.is_set_up and connection.search_path != self.search_path:
                _make_settings(connection, self.search_path)
            yield connection
            if connection.is_set_up:
                # PostgreSQL reports a promotion to primary with its next answer.
                self.is_standby = connection.info.parameter_status("in_hot_standby") == "on"
        finally:  # also if Ctrl-C interrupts what comes before the call
            if connection is not None:
                pool.putconn(connection)

    def _take(
        self, pool: ConnectionPool[StoreConnection], name: str, timeout: float
    ) -> StoreConnection:
        try:
            return pool.getconn(timeout)
        except PoolTimeout as error:
            if self._connection_failure is None:
                raise
            raise connection_failure(name, self._connection_failure) from error

    def _connection_class(self) -> type[StoreConnection]:
        """Return a class of connections that records whether the pool could connect."""
        process = self

        class RecordingConnection(StoreConnection):
            @classmethod
            def connect(cls, *args: Any, **kwargs: Any) -> Any:  # typing.Self needs Python 3.11
                try:
                    connection = super().connect(*args, **kwargs)
                except psycopg.Error as error:
                    process._connection_failure = str(error)
                    raise
                process._connection_failure = None
                return connection

        return RecordingConnection


def _prepare(connection: StoreConnection, search_path: str | None) -> None:
    adapt_texts(connection)
    adapt_vectors(connection)
    connection.is_set_up = has_own_session(connection)
    if connection.is_set_up:
        _make_settings(connection, search_path)
    else:
        # A prepared statement exists in one session only.
        connection.prepare_threshold = None
        adapt_times(connection)


def _make_settings(connection: StoreConnection, search_path: str | None) -> None:
    set_up(connection, search_path)
    connection.search_path = search_path


def _works(connection: StoreConnection) -> bool:
    """Return whether a connection works; it may have broken while it was idle.

    The pool's own check costs a round trip, and a pause after each broken connection.
    """
    try:
        if _has_input(connection):
            # Usually PostgreSQL closed it. It may also be a notice.
            connection.execute("", prepare=False)
    except psycopg.Error:
        return False
    return True


def _has_input(connection: StoreConnection) -> bool:
    """Return whether something arrived that nobody asked for, without waiting."""
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ)
        return bool(selector.select(0))
