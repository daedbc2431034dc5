"""Connections to one PostgreSQL database: a pool in each process, and transactions."""

from __future__ import annotations

import random
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool, PoolTimeout

from memoryos_server.model.errors import unavailable
from memoryos_server.per_process import PerProcess

from .column_types import adapt_texts
from .connection_failures import connection_failure
from .connection_parameters import connection_parameters
from .error_translation import CLOSED, CONFLICTS, read_only_error, translated
from .schema import is_current, migrate
from .session_settings import READ, STATEMENT_TIMEOUT_SECONDS, WRITE, begin
from .unusable_database import unusable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from memoryos_server.stores.database_url import Address

    Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

__all__ = ["MAX_CONNECTIONS", "POOL_TIMEOUT_SECONDS", "Database"]

T = TypeVar("T")

MAX_CONNECTIONS = 10
"""The maximum number of connections of a process: the worker threads, and two more."""

POOL_TIMEOUT_SECONDS = 10.0
"""How long a call waits by default for a free connection."""

RECONNECT_SECONDS = 5.0
"""How long the pool tries to connect again before it leaves that to the next call.

The pool waits twice as long after each failure. Without this limit, it would not notice for minutes
that the database is back after a long outage.
"""

MAX_WRITE_ATTEMPTS = 10
"""How often a transaction is tried that conflicts with others."""

_FIRST_RETRY_DELAY_SECONDS, _MAX_RETRY_DELAY_SECONDS = 0.002, 0.1


class Database:
    """A PostgreSQL database, connected by its first use.

    Args:
        address: the address of the database.
        may_create: whether to create the tables if there are none.
        pool_timeout: seconds to wait for a free connection.
    """

    def __init__(
        self,
        address: Address,
        *,
        may_create: bool = True,
        pool_timeout: float = POOL_TIMEOUT_SECONDS,
    ) -> None:
        self._address = address
        self._may_create = may_create
        self._pool_timeout = pool_timeout
        self._is_closed = False
        self._processes = PerProcess(_Process)

    @property
    def name(self) -> str:
        """The name of the database for error messages, without the host."""
        return str(self._address).rpartition("/")[2] or "of this user"

    @property
    def accepts_writes(self) -> bool:
        """Whether the database is a primary, as far as this process has seen."""
        return not self._processes.get().is_standby

    @contextmanager
    def read(
        self,
        lock: str | None = None,
        *,
        timeout_seconds: int = STATEMENT_TIMEOUT_SECONDS,
    ) -> Iterator[Connection]:
        """Lend a connection for reading. All reads in the block see the same snapshot.

        Args:
            lock: a statement that locks tables before the snapshot is taken.
            timeout_seconds: the longest time of one statement; 0 for no limit.
        """
        with translated(self.name), self._transaction(READ, timeout_seconds) as connection:
            if lock is not None:
                connection.execute(lock)
            yield connection

    def write(
        self,
        work: Callable[[Connection], T],
        *,
        timeout_seconds: int = STATEMENT_TIMEOUT_SECONDS,
    ) -> T:
        """Run `work` in a transaction, commit it, and return its result.

        If the transaction conflicts with another one, `work` runs again in a new one. It must have
        no effects besides those on the database.

        Args:
            work: does the work on a connection.
            timeout_seconds: the longest time of one statement; 0 for no limit.
        """
        with translated(self.name):
            for attempt in range(MAX_WRITE_ATTEMPTS - 1):
                try:
                    return self._write_once(work, timeout_seconds)
                except CONFLICTS:  # noqa: PERF203 - costs nothing beside a transaction
                    longest = min(_FIRST_RETRY_DELAY_SECONDS * 2**attempt, _MAX_RETRY_DELAY_SECONDS)
                    time.sleep(random.uniform(0, longest))  # noqa: S311 - jitter
            return self._write_once(work, timeout_seconds)

    def close(self) -> None:
        """Close the connections of this process; those in use are closed when they are returned."""
        self._is_closed = True
        process = self._processes.get()
        with process.opening:
            pool, process.pool = process.pool, None
        if pool is not None:
            pool.close()

    def _write_once(self, work: Callable[[Connection], T], timeout_seconds: int) -> T:
        with self._transaction(WRITE, timeout_seconds) as connection:
            return work(connection)

    @contextmanager
    def _transaction(self, mode: str, timeout_seconds: int) -> Iterator[Connection]:
        with (
            self._borrowed() as connection,
            self._begun(connection, mode, timeout_seconds),
        ):
            yield connection

    @contextmanager
    def _borrowed(self) -> Iterator[Connection]:
        """Lend a connection of the pool, and report why there is none."""
        with ExitStack() as stack:
            try:
                connection = stack.enter_context(self._pool().connection())
            except PoolTimeout as error:
                failure = self._processes.get().connection_failure
                if failure is None:
                    raise
                raise connection_failure(self.name, failure) from error
            yield connection

    @contextmanager
    def _begun(self, connection: Connection, mode: str, timeout_seconds: int) -> Iterator[None]:
        """Begin a transaction, and commit it, or roll it back after an exception."""
        process = self._processes.get()
        known_path = process.search_path
        try:
            try:
                process.search_path = begin(
                    connection, mode, search_path=known_path, timeout_seconds=timeout_seconds
                )
            except errors.FeatureNotSupported as error:
                raise read_only_error(self.name) from error
            # PostgreSQL reports a promotion to primary with its next answer.
            process.is_standby = connection.info.parameter_status("in_hot_standby") == "on"
            yield
            connection.execute("COMMIT")
        except (errors.UndefinedObject, errors.UndefinedFunction) as error:
            _roll_back(connection)
            process.search_path = begin(connection, READ, search_path=None)
            _roll_back(connection)
            if known_path in {None, process.search_path}:
                raise
            # The extension was moved to another schema.
            raise unavailable("The database has just been changed") from error
        except BaseException:
            _roll_back(connection)
            raise

    def _pool(self) -> ConnectionPool[Connection]:
        """Return the pool of this process; the first call opens it."""
        process = self._processes.get()
        pool = process.pool
        if pool is None:
            with process.opening:
                if self._is_closed:
                    raise unavailable(CLOSED)
                pool = process.pool = process.pool or self._open()
        return pool

    def _open(self) -> ConnectionPool[Connection]:
        with translated(self.name):
            parameters = connection_parameters(self._address)
            # A connection outside the pool first: the pool would retry and hide the error.
            with psycopg.connect(**parameters) as connection:
                self._prepare(connection)
            pool: ConnectionPool[Connection] = ConnectionPool(
                connection_class=_recording(self._processes.get()),
                kwargs=parameters,
                min_size=1,
                max_size=MAX_CONNECTIONS,
                configure=_configure,
                check=self._check_connection,
                timeout=self._pool_timeout,
                reconnect_timeout=RECONNECT_SECONDS,
                num_workers=1,
                name="memoryos",
                open=False,
            )
            pool.open()
            return pool

    def _check_connection(self, connection: Connection) -> None:
        """Check a connection that the pool lends, and after a failure all that are idle.

        They often fail together: when PostgreSQL restarts or its `idle_session_timeout` is over.
        The pool waits twice as long after each failure, so a call that met several of them would
        time out.

        Raises:
            psycopg.Error: the connection is broken.
        """
        try:
            ConnectionPool.check_connection(connection)
        except psycopg.Error:
            pool = self._processes.get().pool
            if pool is not None:
                pool.check()
            raise

    def _prepare(self, connection: Connection) -> None:
        with self._begun(connection, READ, STATEMENT_TIMEOUT_SECONDS):
            encoding = connection.execute("SHOW server_encoding").fetchone()
            if encoding not in {("UTF8",), ("utf8",)}:
                wanted = "is not encoded in UTF-8; create one with ENCODING 'UTF8'"
                raise unusable(self.name, wanted)
            if is_current(connection, self.name):
                return
        with self._begun(connection, WRITE, 0):
            migrate(connection, self.name, may_create=self._may_create)


class _Process:
    """The pool of one process."""

    def __init__(self) -> None:
        self.opening = threading.Lock()
        self.pool: ConnectionPool[Connection] | None = None
        self.search_path: str | None = None
        self.is_standby = False
        self.connection_failure: str | None = None
        """The message of the last attempt of the pool to connect, if that failed."""


def _recording(process: _Process) -> type[Connection]:
    """Return a class of connections that records in `process` whether the pool could connect."""

    class RecordingConnection(psycopg.Connection[tuple[Any, ...]]):
        @classmethod
        def connect(cls, *args: Any, **kwargs: Any) -> Any:  # typing.Self needs Python 3.11
            try:
                connection = super().connect(*args, **kwargs)
            except psycopg.Error as error:
                process.connection_failure = str(error)
                raise
            process.connection_failure = None
            return connection

    return RecordingConnection


def _configure(connection: Connection) -> None:
    adapt_texts(connection)


def _roll_back(connection: Connection) -> None:
    """Roll back a transaction, unless the connection is broken."""
    status = connection.info.transaction_status
    if status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}:
        connection.execute("ROLLBACK")
