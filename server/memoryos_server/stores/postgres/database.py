"""Connections to one PostgreSQL database: a pool for each process, and transactions."""

from __future__ import annotations

import random
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool

from memoryos_server.model.errors import unavailable
from memoryos_server.per_process import PerProcess

from .columns import adapt_texts
from .engines import engine_of
from .error_translation import CLOSED, CONFLICTS, translated, unusable
from .schema import migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from memoryos_server.stores.database_url import Address

    from .engines import Engine

    Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

__all__ = ["Database"]

T = TypeVar("T")

MAX_CONNECTIONS = 10
"""How many connections a process holds at most: one for each request that is worked on, and two."""

_CONNECT_SECONDS = 10
_ATTEMPTS = 10
_FIRST_PAUSE, _LONGEST_PAUSE = 0.002, 0.1  # seconds

_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"


class _Opened(NamedTuple):
    pool: ConnectionPool[Connection]
    engine: Engine


class Database:
    """A PostgreSQL database, connected to when it is first used.

    Args:
        address: where it is.
        patience: seconds to wait for a free connection.
    """

    def __init__(self, address: Address, *, patience: float = 10.0) -> None:
        self._address = address
        self._patience = patience
        self._is_closed = False
        self._processes = PerProcess(_Process)

    @property
    def name(self) -> str:
        """What to call the database in an error: its name, without the host."""
        return str(self._address).rpartition("/")[2] or "of this user"

    @property
    def engine(self) -> Engine:
        """The engine that runs the database."""
        return self._opened().engine

    @contextmanager
    def read(self, lock: str | None = None) -> Iterator[Connection]:
        """Lend a connection for reading.

        Everything that is read before the end of the block is of one moment.

        Args:
            lock: a statement that locks tables before that moment.
        """
        with translated(self.name), self._transaction(_READ) as connection:
            if lock is not None:
                connection.execute(lock)
            yield connection

    def write(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` returns, within a transaction that is committed after it.

        It is called again where another transaction got in its way, so that it must do nothing but
        read and write the database.
        """
        with translated(self.name):
            for attempt in range(_ATTEMPTS - 1):
                try:
                    return self._written(work)
                except CONFLICTS:  # noqa: PERF203 - costs nothing beside a transaction
                    longest = min(_FIRST_PAUSE * 2**attempt, _LONGEST_PAUSE)
                    time.sleep(random.uniform(0, longest))  # noqa: S311 - to part two rivals
            return self._written(work)

    def close(self) -> None:
        """Close this process's connections; those in use are closed when they come back."""
        self._is_closed = True
        process = self._processes.get()
        with process.opening:
            opened, process.opened = process.opened, None
        if opened is not None:
            opened.pool.close()

    def _written(self, work: Callable[[Connection], T]) -> T:
        with self._transaction(_WRITE) as connection:
            return work(connection)

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        with self._opened().pool.connection() as connection:
            connection.execute(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                _roll_back(connection)
                raise

    def _opened(self) -> _Opened:
        """Return this process's pool; the first one to ask opens it."""
        process = self._processes.get()
        opened = process.opened
        if opened is None:
            with process.opening:
                if self._is_closed:
                    raise unavailable(CLOSED)
                opened = process.opened = process.opened or self._open()
        return opened

    def _open(self) -> _Opened:
        with translated(self.name):
            parameters = _parameters(self._address)
            # By itself first: the pool would try again and again, and never say what is wrong.
            with psycopg.connect(**parameters) as connection:
                engine = self._prepare(connection)
            pool: ConnectionPool[Connection] = ConnectionPool(
                kwargs=parameters,
                min_size=1,
                max_size=MAX_CONNECTIONS,
                configure=_configure,
                check=ConnectionPool.check_connection,
                timeout=self._patience,
                num_workers=1,
                name="memoryos",
                open=False,
            )
            pool.open()
            return _Opened(pool, engine)

    def _prepare(self, connection: Connection) -> Engine:
        encoding = connection.execute("SHOW server_encoding").fetchone()
        if encoding not in {("UTF8",), ("utf8",)}:
            raise unusable(self.name, "is not in UTF-8; make one with ENCODING 'UTF8'")
        row = connection.execute("SELECT version()").fetchone() or ("",)
        engine = engine_of(row[0])
        migrate(connection, engine, self.name)
        return engine


class _Process:
    """What one process has of a database."""

    def __init__(self) -> None:
        self.opening = threading.Lock()
        self.opened: _Opened | None = None


def _parameters(address: Address) -> dict[str, Any]:
    """Return what to connect with.

    Raises:
        ServiceError: the URL can't be read. What libpq says of it may hold the password.
    """
    try:
        given = conninfo_to_dict(address.url)
    except psycopg.ProgrammingError:
        message = "is named by a URL that can't be read: escape special characters as %xx"
        raise unusable(str(address), message) from None
    ours = {"connect_timeout": _CONNECT_SECONDS, "application_name": "memoryos"}
    return {**ours, **given, "client_encoding": "UTF8", "autocommit": True}


def _configure(connection: Connection) -> None:
    adapt_texts(connection)


def _roll_back(connection: Connection) -> None:
    """Give up a transaction; of a broken connection there is nothing left to roll back."""
    status = connection.info.transaction_status
    if status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}:
        connection.execute("ROLLBACK")
