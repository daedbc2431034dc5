"""Transfer from and to a PostgreSQL database."""

from __future__ import annotations

from contextlib import closing, contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
from psycopg.pq import TransactionStatus

from memoryos_server.model.metadata import entity_ids, tag_names
from memoryos_server.model.records import Memory
from memoryos_server.stores.analyses import Analyses
from memoryos_server.stores.metadata_fields import field_ids
from memoryos_server.stores.tags_and_entities import entity_key, tag_id
from memoryos_server.stores.transfer import RenumberedError, TransferError
from memoryos_server.stores.transfer_tables import (
    KEYS,
    MEMORIES,
    OWNED_TABLES,
    Dialect,
    Row,
    TableStatements,
)

from . import owners, tags_and_entities, text_search, vector_index, vector_setup, vectors
from .column_types import CODECS
from .connection_parameters import connection_parameters
from .connection_pool import ProcessConnections, StoreConnection
from .database import Database
from .error_translation import is_duplicate, translated
from .locks import EXCLUSIVE_LOCKS, SCHEMA_LOCK, SHARED_LOCK
from .memory_rows import MEMORY_ROWS
from .schema import VERSIONS
from .session_settings import NO_TIMEOUT, READ, WRITE, begin
from .unfinished_copy import UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from uuid import UUID

    import numpy as np
    from numpy.typing import NDArray
    from psycopg import Connection

    from memoryos_server.stores.database_url import Address
    from memoryos_server.stores.transfer_tables import Key, Statement, Table

__all__ = ["PostgresSource", "PostgresTarget"]

_DIALECT = Dialect(
    "%s",
    "memoryos.",
    CODECS,
    read_as={("tags", "id"): "id::text"},
    numbering="OVERRIDING SYSTEM VALUE",
    derived={"entities": {"key": lambda entity: entity_key(entity.id)}},
)
_STATEMENTS = {table: TableStatements(table, _DIALECT) for table in (*OWNED_TABLES, KEYS)}

_DELETE_MEMORIES = "DELETE FROM memoryos.memories WHERE owner = %s AND number = ANY(%s::bigint[])"
# The tables that belong to memories, in an order that foreign keys allow, and their columns.
_COPIED = {
    "memories": f"number, {MEMORY_ROWS.column_list}, word_count, embedded, analyzed",
    "memory_tags": "owner, number, tag_id",
    "memory_entities": "owner, number, entity",
    "memory_metadata": "owner, number, field",
    "vectors": vectors.COLUMNS,
}
_VECTORS = """
  SELECT number, vector_send(vector) FROM memoryos.vectors
  WHERE owner = %s AND number >= %s AND number <= %s
"""
# Two numbers of 16 bits before the elements: the dimension, and an unused one.
_VECTOR_HEADER_BYTES = 4
_DROP_VECTOR_INDEX = "DROP INDEX IF EXISTS memoryos.vectors_nearest"
_RUN = "transfer_run"
_LOCK_RUN = f"SELECT FROM memoryos.settings WHERE name = '{_RUN}' AND value = %s FOR SHARE"
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SET_NUMBER = "SELECT setval(pg_get_serial_sequence('memoryos.{table}', 'number'), %s)"
# The transaction that reads the source waits for the target, for a long time at its end.
_NO_IDLE_TIMEOUT = "SET LOCAL idle_in_transaction_session_timeout = 0"


class PostgresSource:
    """The `TransferSource` of a database, at the time when it is opened.

    Args:
        address: the address of the database.
        now: the current time.
    """

    def __init__(self, address: Address, now: datetime) -> None:
        self._address = address
        self._valid_at: datetime | None = now
        self._connection = _connect(address)
        try:
            self._begin_snapshot()
        except BaseException:
            self._connection.close()
            raise

    @property
    def name(self) -> str:
        """Implement `TransferSource.name`."""
        return str(self._address)

    def embedder(self) -> str | None:
        """Implement `TransferSource.embedder`."""
        with self._reading() as connection:
            return _settings(connection).get("embedder")

    def owners(self) -> dict[str, int]:
        """Implement `TransferSource.owners`."""
        with self._reading() as connection:
            return owners.count_by_owner(connection)

    def batch(self, table: Table, owner: str | None, after: Key | None) -> list[Row]:
        """Implement `TransferSource.batch`."""
        statement = _STATEMENTS[table].select(owner, after, valid_at=self._valid_at)
        return self._rows(table, owner, statement)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _begin_snapshot(self) -> None:
        with translated(self.name):
            _begin(self._connection, READ)
            settings = _settings(self._connection)
            _check_version(settings, self.name)
            if settings["application"] == UNFINISHED:
                raise TransferError(f"{self.name} is an unfinished copy; finish it first")
            self._connection.execute("COMMIT")
            # The lock delays a replacement of the embedder until the vectors are copied.
            _begin(self._connection, READ, SHARED_LOCK)
            self._connection.execute(_NO_IDLE_TIMEOUT)

    @contextmanager
    def _reading(self) -> Iterator[Connection[tuple[Any, ...]]]:
        """Lend the connection, in the transaction that began with the snapshot."""
        with translated(self.name):
            yield self._connection

    def _rows(self, table: Table, owner: str | None, statement: Statement) -> list[Row]:
        statements = _STATEMENTS[table]
        with self._reading() as connection:
            selected = connection.execute(*statement).fetchall()
            rows = [statements.row(values) for values in selected]
            if table is MEMORIES and rows and "embedder" in _settings(connection):
                return _with_vectors(connection, str(owner), rows)
            return rows


class PostgresTarget(PostgresSource):
    """The `TransferTarget` of a database.

    Until the transfer is complete, the tables have a mark with which no program opens them.

    Args:
        address: the address of the database; its tables are created if there are none.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._valid_at = None
        self._run = uuid4().hex
        self._connection = _connect(address)
        try:
            self._create()
        except BaseException:
            self._connection.close()
            raise

    def begin(self, source: str, embedder: str | None) -> None:
        """Implement `TransferTarget.begin`."""
        self._embedder = embedder
        with self._transaction(WRITE) as connection:
            # Waits for the writes of programs that have opened the empty database; later ones of
            # theirs read that it is a copy.
            connection.execute(EXCLUSIVE_LOCKS[0])
            settings = _settings(connection)
            if settings["application"] == UNFINISHED:
                self._check_unfinished(settings, source)
            else:
                _check_is_empty(connection, self.name)
                _forget_embedder(connection, settings)
                _set(connection, "application", UNFINISHED)
                _set(connection, "transfer", source)
            _set(connection, _RUN, self._run)

    def _check_unfinished(self, settings: Mapping[str, str], source: str) -> None:
        if settings["transfer"] != source:
            raise TransferError(
                f"{self.name} is an unfinished copy of {settings['transfer']}; finish that, or "
                "empty the database with DROP SCHEMA memoryos CASCADE"
            )
        if settings.get("embedder", self._embedder) != self._embedder:
            raise TransferError(
                f"{source} has been embedded anew since the copy began; empty the database with "
                "DROP SCHEMA memoryos CASCADE, and run the same command again"
            )

    def between(self, table: Table, owner: str | None, after: Key | None, last: Key) -> list[Row]:
        """Implement `TransferTarget.between`."""
        return self._rows(table, owner, _STATEMENTS[table].select(owner, after, up_to=last))

    def replace(
        self, table: Table, owner: str | None, deleted: Sequence[Row], stored: Sequence[Row]
    ) -> None:
        """Implement `TransferTarget.replace`."""
        statements = _STATEMENTS[table]
        self._prepare_vectors(stored)
        try:
            with self._writing() as connection:
                if table is MEMORIES:
                    numbers = [row.key[0] for row in (*deleted, *stored)]
                    connection.execute(_DELETE_MEMORIES, (owner, numbers))
                    _insert_memories(connection, str(owner), stored)
                    return
                cursor = connection.cursor()
                cursor.executemany(statements.delete(), statements.delete_values(owner, deleted))
                cursor.executemany(statements.upsert(), statements.upsert_values(stored))
        except psycopg.Error as error:
            if not is_duplicate(error):
                raise
            advice = "empty the database with DROP SCHEMA memoryos CASCADE"
            raise RenumberedError(self.name, advice) from error

    def finish(self, highest: dict[str, int]) -> None:
        """Implement `TransferTarget.finish`."""
        with self._writing() as connection:
            for table, number in highest.items():
                connection.execute(_SET_NUMBER.format(table=table), (number,))
            settings = _settings(connection)
            if int(settings.get("dimension", "0")) in range(1, vectors.MAX_INDEXED_DIMENSION + 1):
                vector_index.mark_all(connection)
                connection.execute(vector_setup.HNSW_INDEX.format(table="vectors"))
            connection.execute("DELETE FROM memoryos.settings WHERE name LIKE 'transfer%'")
            _set(connection, "application", "Memory OS")

    def _create(self) -> None:
        with self._reading() as connection:
            settings = _settings(connection)
        if settings:
            _check_version(settings, self.name)
        else:
            with closing(Database(self._address)) as database, database.read():
                pass

    def _prepare_vectors(self, rows: Sequence[Row]) -> None:
        """Create the table of vectors before the first one, without the index for now."""
        found = next((row.vector for row in rows if row.vector is not None), None)
        if found is None or self._embedder is None:
            return
        with self._writing() as connection:
            if "embedder" not in _settings(connection):
                vector_setup.prepare(
                    connection,
                    embedder=self._embedder,
                    dimension=len(found) // _FLOAT_BYTES,
                    name=self.name,
                )
                connection.execute(_DROP_VECTOR_INDEX)

    @contextmanager
    def _reading(self) -> Iterator[Connection[tuple[Any, ...]]]:
        """Lend the connection in a new transaction."""
        with self._transaction(READ) as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection[tuple[Any, ...]]]:
        """Lend the connection in a transaction that makes the beginning of a later run wait.

        Raises:
            TransferError: a later run has begun. It may even have completed the copy.
        """
        with self._transaction(WRITE) as connection:
            if connection.execute(_LOCK_RUN, (self._run,)).fetchone() is None:
                raise TransferError(
                    f"another `memoryos migrate` to {self.name} has begun since; this one has "
                    "stopped"
                )
            yield connection

    @contextmanager
    def _transaction(self, mode: str) -> Iterator[Connection[tuple[Any, ...]]]:
        connection = self._connection
        with translated(self.name):
            try:
                _begin(connection, mode)
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.info.transaction_status is not TransactionStatus.UNKNOWN:
                    connection.execute("ROLLBACK")
                raise


_FLOAT_BYTES = 4


def _connect(address: Address) -> StoreConnection:
    with translated(str(address)):
        connection = StoreConnection.connect(**connection_parameters(address))
        ProcessConnections().set_up(connection)
        return connection


def _begin(connection: StoreConnection, mode: str, lock: str | None = None) -> None:
    begin(
        connection,
        mode,
        is_set_up=connection.is_set_up,
        search_path=None,
        lock=lock,
        timeout_seconds=NO_TIMEOUT,
    )


def _insert_memories(
    connection: Connection[tuple[Any, ...]], owner: str, rows: Sequence[Row]
) -> None:
    """Store memories with all that belongs to them, each table at once."""
    analyses = Analyses()
    copied: dict[str, list[tuple[Any, ...]]] = {table: [] for table in _COPIED}
    tags: dict[UUID, str] = {}
    words: dict[int, list[str]] = {}
    is_large = vector_index.is_large(connection, owner)
    for row in rows:
        number, memory = row.record[0], Memory(*row.record[1:])
        names = {tag_id(owner, name): name for name in tag_names(memory.metadata)}
        tags |= names
        words[number] = analyses.words(memory)
        derived = (len(words[number]), row.vector is not None, True)
        copied["memories"].append((number, *MEMORY_ROWS.to_row(memory), *derived))
        copied["memory_tags"] += [(owner, number, tag) for tag in names]
        entities = map(entity_key, entity_ids(memory.metadata))
        copied["memory_entities"] += [(owner, number, entity) for entity in entities]
        fields = field_ids(owner, memory.metadata)
        copied["memory_metadata"] += [(owner, number, field) for field in fields]
        if row.vector is not None:
            vector, terms = _array(row.vector), analyses.terms(memory)
            stored = vectors.to_row(number, memory, vector, terms, is_indexed=is_large)
            copied["vectors"].append(stored)
    if tags:  # they get their own times with the table of tags
        tags_and_entities.create_tags(connection, owner, tags, _EPOCH)
    for table, columns in _COPIED.items():
        _copy_in(connection, table, columns, copied[table])
    text_search.store_all(connection, owner, words)


def _array(vector: bytes) -> NDArray[np.float32]:
    import numpy as np  # installed only with an embedder

    return np.frombuffer(vector, "<f4")


def _copy_in(
    connection: Connection[tuple[Any, ...]], table: str, names: str, rows: Sequence[tuple[Any, ...]]
) -> None:
    if rows:
        with connection.cursor().copy(f"COPY memoryos.{table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _with_vectors(
    connection: Connection[tuple[Any, ...]], owner: str, rows: Sequence[Row]
) -> list[Row]:
    import numpy as np

    found = connection.execute(_VECTORS, (owner, *rows[0].key, *rows[-1].key)).fetchall()
    of_number = {
        number: np.frombuffer(sent[_VECTOR_HEADER_BYTES:], ">f4").astype("<f4").tobytes()
        for number, sent in found
    }
    return [row._replace(vector=of_number.get(*row.key)) for row in rows]


def _settings(connection: Connection[tuple[Any, ...]]) -> dict[str, str]:
    """Return the settings; none if there are no tables."""
    if connection.execute("SELECT to_regclass('memoryos.settings')").fetchone() == (None,):
        return {}
    rows = connection.execute("SELECT name, value FROM memoryos.settings").fetchall()
    return dict(rows)


def _forget_embedder(connection: Connection[tuple[Any, ...]], settings: Mapping[str, str]) -> None:
    """Drop the tables of vectors of an empty database, whose embedder may be another one."""
    if not {"embedder", "reembedding"}.isdisjoint(settings):
        connection.execute(SCHEMA_LOCK)
        connection.execute("DROP TABLE IF EXISTS memoryos.staged")
        connection.execute("DROP TABLE IF EXISTS memoryos.vectors")
        connection.execute(
            "DELETE FROM memoryos.settings WHERE name IN ('embedder', 'dimension', 'reembedding')"
        )


def _set(connection: Connection[tuple[Any, ...]], name: str, value: str) -> None:
    connection.execute(
        "INSERT INTO memoryos.settings (name, value) VALUES (%s, %s) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def _check_version(settings: Mapping[str, str], name: str) -> None:
    if settings.get("application") not in {"Memory OS", UNFINISHED}:
        raise TransferError(f"{name} contains no Memory OS; correct the URL")
    version = int(settings["version"])
    if version > len(VERSIONS):
        raise TransferError(f"{name} was written by a newer Memory OS; update this program")
    if version < len(VERSIONS):
        raise TransferError(
            f"{name} was written by an older Memory OS; bring it up to date first: "
            "memoryos keys list --store URL"
        )


def _check_is_empty(connection: Connection[tuple[Any, ...]], name: str) -> None:
    counts = owners.count_by_owner(connection)
    if counts:
        raise TransferError(
            f"{name} already has data: {sum(counts.values())} memories of {len(counts)} owners; "
            "name an empty database"
        )
