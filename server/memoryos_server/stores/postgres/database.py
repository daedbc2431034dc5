"""Transactions on one PostgreSQL database, in as few round trips as possible."""

from __future__ import annotations

import random
import time
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

from memoryos_server.model.errors import unavailable
from memoryos_server.per_process import PerProcess

from .connection_parameters import connection_parameters, pool_size
from .connection_pool import ProcessConnections, StoreConnection, connect
from .error_translation import (
    CLOSED,
    LostConnectionError,
    is_conflict,
    read_only_error,
    translated,
)
from .schema import is_current, migrate
from .session_settings import NO_TIMEOUT, READ, STATEMENT_TIMEOUT_SECONDS, WRITE, begin
from .unusable_database import unusable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from memoryos_server.stores.database_url import Address

    Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

__all__ = ["POOL_TIMEOUT_SECONDS", "Database"]

T = TypeVar("T")

POOL_TIMEOUT_SECONDS = 10.0
"""How long a call waits by default for a free connection."""

PROBE_TIMEOUT_SECONDS = 1.0
"""How long a look at the state of the database waits for a free connection."""

MAX_ATTEMPTS = 10
"""How often a transaction is tried that conflicts with others, or whose connection breaks."""

RETRY_SECONDS = 10.0
"""For how long it is tried again that connections break."""

_SEVERITIES_OF_THE_END = {"FATAL", "PANIC"}

_FIRST_RETRY_DELAY_SECONDS, _MAX_RETRY_DELAY_SECONDS = 0.002, 0.1


class Database:
    """A PostgreSQL database, connected by its first use.

    Args:
        address: the address of the database.
        may_create: whether to create the tables if there are none.
        pool_timeout: seconds to wait for a free connection.
        on_open: called with a connection once a process has connected.
    """

    def __init__(
        self,
        address: Address,
        *,
        may_create: bool = True,
        pool_timeout: float = POOL_TIMEOUT_SECONDS,
        on_open: Callable[[Connection], None] = lambda _: None,
    ) -> None:
        self._address = address
        self._may_create = may_create
        self._pool_timeout = pool_timeout
        self._on_open = on_open
        self._is_closed = False
        self._processes = PerProcess(ProcessConnections)

    @property
    def name(self) -> str:
        """The name of the database for error messages, without the host."""
        return str(self._address).rpartition("/")[2] or "of this user"

    @property
    def accepts_writes(self) -> bool:
        """Whether the database is a primary, as far as this process has seen."""
        return not self._processes.get().is_standby

    def statistics(self) -> dict[str, float]:
        """Return numbers of this process's connection pool."""
        return self._processes.get().statistics()

    def open(self) -> None:
        """Connect, unless this process has done so before."""
        self._opened()

    def execute(
        self,
        query: str,
        params: Sequence[Any] | Mapping[str, Any] | None = None,
        *,
        binary: bool = False,
    ) -> psycopg.Cursor[tuple[Any, ...]]:
        """Run one statement that reads, as a transaction of its own, in one round trip.

        Args:
            query: the statement.
            params: its parameters.
            binary: whether its results are to be in the binary format.

        Returns:
            All rows of the result.
        """

        def run() -> psycopg.Cursor[tuple[Any, ...]]:
            with self._borrowed() as connection:
                is_known = self._processes.get().search_path is not None
                if not (connection.is_set_up and is_known):
                    with self._transaction(connection, READ):
                        return connection.execute(query, params, binary=binary)
                try:
                    return connection.execute(query, params, binary=binary)
                except psycopg.Error as error:
                    if _is_broken(connection, error):
                        raise LostConnectionError(error) from error
                    raise

        with translated(self.name):
            return _retried(run)

    def settings(self) -> dict[str, str]:
        """Return what the database says of itself, or raise an error within seconds if it doesn't.

        Unlike the other methods, it waits only `PROBE_TIMEOUT_SECONDS` for a free connection, and
        tries once.
        """
        process = self._opened()
        with (
            translated(self.name),
            process.lend(self.name, PROBE_TIMEOUT_SECONDS) as connection,
        ):
            rows = connection.execute("SELECT name, value FROM memoryos.settings", prepare=False)
            return dict(rows.fetchall())

    def query(
        self,
        work: Callable[[Connection], T],
        *,
        lock: str | None = None,
        timeout_seconds: int = STATEMENT_TIMEOUT_SECONDS,
    ) -> T:
        """Run `work`, which only reads and sees one snapshot, and return its result.

        Statements are sent together, up to the first result that is fetched. If the connection
        breaks, `work` runs again.

        Args:
            work: does the work on a connection.
            lock: a statement that locks tables before the snapshot is taken.
            timeout_seconds: the longest time of one statement; 0 for no limit.
        """

        def run() -> T:
            with (
                self._borrowed() as connection,
                self._transaction(connection, READ, lock, timeout_seconds),
            ):
                return work(connection)

        with translated(self.name):
            return _retried(run)

    @contextmanager
    def read(
        self,
        lock: str | None = None,
        *,
        timeout_seconds: int = STATEMENT_TIMEOUT_SECONDS,
    ) -> Iterator[Connection]:
        """Lend a connection for reading, as `query` does, but don't run anything again.

        What is fetched after the block comes with its end, in the same round trip.
        """
        with (
            translated(self.name),
            self._borrowed() as connection,
            self._transaction(connection, READ, lock, timeout_seconds),
        ):
            yield connection

    def write(
        self,
        work: Callable[[Connection], T],
        *,
        timeout_seconds: int = STATEMENT_TIMEOUT_SECONDS,
        is_pipelined: bool = True,
    ) -> T:
        """Run `work` in a transaction, commit it, and return its result.

        If the transaction conflicts with another one, or its connection breaks before the commit,
        `work` runs again in a new one. It must have no effects besides those on the database.

        Statements are sent together, up to the first result that is fetched, and the last ones with
        the commit. So an error is raised where a later result is fetched, or by this method.

        Args:
            work: does the work on a connection.
            timeout_seconds: the longest time of one statement; 0 for no limit.
            is_pipelined: false sends each statement by itself, for work that handles errors.
        """

        def run() -> T:
            with (
                self._borrowed() as connection,
                self._transaction(
                    connection, WRITE, None, timeout_seconds, is_pipelined=is_pipelined
                ),
            ):
                return work(connection)

        with translated(self.name):
            return _retried(run)

    def close(self) -> None:
        """Close the connections of this process; those in use are closed when they are returned."""
        self._is_closed = True
        process = self._processes.get()
        with process.opening:
            process.close()

    @contextmanager
    def _borrowed(self) -> Iterator[StoreConnection]:
        """Lend a connection of the pool; the first call opens it."""
        process = self._opened()
        with process.lend(self.name, self._pool_timeout) as connection:
            known_path = process.search_path
            try:
                yield connection
            except (errors.UndefinedObject, errors.UndefinedFunction) as error:
                process.search_path = None
                with self._transaction(connection, READ):
                    pass
                if known_path in {None, process.search_path}:
                    raise
                # The extension was moved to another schema.
                raise unavailable("The database has just been changed") from error

    @contextmanager
    def _transaction(
        self,
        connection: StoreConnection,
        mode: str,
        lock: str | None = None,
        timeout_seconds: int = STATEMENT_TIMEOUT_SECONDS,
        *,
        is_pipelined: bool = True,
    ) -> Iterator[None]:
        """Begin a transaction, and commit it, or roll it back after an exception."""
        process = self._processes.get()
        failure: BaseException | None = None
        found, may_be_committed = None, False
        try:
            with connection.pipeline() if is_pipelined else nullcontext():
                try:
                    with nullcontext() if is_pipelined else connection.pipeline():
                        found = begin(
                            connection,
                            mode,
                            is_set_up=connection.is_set_up,
                            search_path=process.search_path,
                            lock=lock,
                            timeout_seconds=timeout_seconds,
                        )
                    yield
                    may_be_committed = mode == WRITE
                    connection.execute("COMMIT")
                except BaseException as error:  # noqa: BLE001 - it is raised again below
                    failure = error  # the pipeline would log a warning about what follows from it
        except psycopg.Error as error:
            failure = failure or error
        except (IndexError, AssertionError) as error:  # psycopg got an answer without a question
            failure = failure or psycopg.InternalError(str(error)).with_traceback(
                error.__traceback__
            )
        if failure is not None:
            if connection.pgconn.pipeline_status:  # it couldn't be ended; why was said before
                failure = failure.__context__ or failure
                connection.close()
            is_broken = _is_broken(connection, failure)
            _roll_back(connection)
            if isinstance(failure, errors.FeatureNotSupported) and _is_standby(connection):
                raise read_only_error(self.name) from failure
            if is_broken and isinstance(failure, psycopg.Error) and not may_be_committed:
                raise LostConnectionError(failure) from failure
            raise failure
        if found is not None:
            process.is_standby, path, is_installed = (found.fetchone() or ())[:3]
            process.search_path = path if is_installed else None

    def _opened(self) -> ProcessConnections:
        process = self._processes.get()
        if not process.is_open:
            with process.opening:
                if self._is_closed:
                    raise unavailable(CLOSED)
                if not process.is_open:
                    self._open(process)
        return process

    def _open(self, process: ProcessConnections) -> None:
        with translated(self.name):
            size = pool_size(self._address)
            # A connection outside the pool first: the pool would retry and hide the error.
            with connect(self._address) as connection:
                self._prepare(connection)
                self._on_open(connection)
            process.open(connection_parameters(self._address), size=size)

    def _prepare(self, connection: StoreConnection) -> None:
        with self._transaction(connection, READ, is_pipelined=False):
            encoding = connection.execute("SHOW server_encoding").fetchone()
            if encoding not in {("UTF8",), ("utf8",)}:
                wanted = "is not encoded in UTF-8; create one with ENCODING 'UTF8'"
                raise unusable(self.name, wanted)
            if is_current(connection, self.name):
                return
        with self._transaction(connection, WRITE, None, NO_TIMEOUT, is_pipelined=False):
            migrate(connection, self.name, may_create=self._may_create)


def _retried(run: Callable[[], T]) -> T:
    """Run a transaction, again if it conflicts with another one or its connection breaks."""
    deadline = time.monotonic() + RETRY_SECONDS
    for attempt in range(MAX_ATTEMPTS - 1):
        try:
            return run()
        except LostConnectionError:  # noqa: PERF203 - costs nothing beside a transaction
            if time.monotonic() > deadline:
                raise
        except psycopg.Error as error:
            if not is_conflict(error):
                raise
            longest = min(_FIRST_RETRY_DELAY_SECONDS * 2**attempt, _MAX_RETRY_DELAY_SECONDS)
            time.sleep(random.uniform(0, longest))  # noqa: S311 - jitter
    return run()


def _is_broken(connection: Connection, error: BaseException) -> bool:
    """Return whether a connection is of no more use after an error; then it is closed.

    A fatal error ends the session, also before the connection is closed. PostgreSQL's errors have
    an SQLSTATE; what libpq and psycopg find has none: a connection that broke, or answers that
    don't fit, such as those of a pooler that ends it in the midst of others.
    """
    if isinstance(error, (psycopg.OperationalError, psycopg.InternalError)):
        severity = error.diag.severity_nonlocalized or error.diag.severity  # pgbouncer has only one
        if error.sqlstate is None or severity in _SEVERITIES_OF_THE_END:
            connection.close()
    return connection.closed


def _roll_back(connection: Connection) -> None:
    """Roll back a transaction; close a connection that can't.

    Nothing was prepared behind the statement of a pipeline that failed, and psycopg takes it for
    prepared. It forgets that with `rollback`, in a transaction.
    """
    if connection.closed:
        return
    try:
        if connection.info.transaction_status is TransactionStatus.IDLE:
            connection.execute("BEGIN", prepare=False)
        connection.rollback()
    except psycopg.Error:  # the connection broke; PostgreSQL has rolled back
        connection.close()


def _is_standby(connection: Connection) -> bool:
    return connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
