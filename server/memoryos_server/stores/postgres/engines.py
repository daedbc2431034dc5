"""The engines that speak PostgreSQL's SQL, and where they differ: the one place that knows.

Only PostgreSQL itself has been run. The other two are written from their documentation, and the
tests look at nothing but the SQL that they would get.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["COCKROACHDB", "POSTGRESQL", "YUGABYTEDB", "Engine", "engine_of"]

_HNSW = "CREATE INDEX IF NOT EXISTS {{name}} ON memoryos.{{table}} USING {} ({})"

_SHARED = "LOCK TABLE memoryos.settings IN ACCESS SHARE MODE"
_EXCLUSIVE = (
    "LOCK TABLE memoryos.settings IN ACCESS EXCLUSIVE MODE",
    "LOCK TABLE memoryos.memories IN ACCESS EXCLUSIVE MODE",
)

_LEAST_SCANNED, _MOST_SCANNED = 100, 1000


@dataclass(frozen=True)
class Engine:
    """What one engine needs said otherwise than the others.

    Attributes:
        name: of the engine.
        sign: what its `version()` holds.
        extension: the extension that brings the type `vector`, or None where it is built in.
        text: the type of a text that is compared by its code points.
        schema_lock: makes other sessions wait that change the tables; None where there is no such
            lock: then the first process to start on a database must be alone.
        shared_lock: holds a change of the embedder back, before anything has been read; None where
            there is no such lock: then no server may run while the embedder is changed.
        exclusive_locks: wait for all who hold the shared one, and for all writers.
        index: makes the index of vectors by inner product, `{name}` on `{table}`.
        most_dimensions: the longest vectors that the index takes.
        search_settings: what to set, within a transaction, for a search by the index; `{scanned}`
            stands for the number of vectors to look at.
    """

    name: str
    sign: str
    extension: str | None
    text: str
    schema_lock: str | None
    shared_lock: str | None
    exclusive_locks: tuple[str, ...]
    index: str
    most_dimensions: int
    search_settings: tuple[str, ...]

    def settings_for(self, count: int) -> list[str]:
        """Return the statements that prepare a search by the index for `count` vectors."""
        scanned = min(max(count, _LEAST_SCANNED), _MOST_SCANNED)
        return [setting.format(scanned=scanned) for setting in self.search_settings]


POSTGRESQL = Engine(
    name="PostgreSQL",
    sign="PostgreSQL",
    extension="vector",
    text='text COLLATE "C"',
    schema_lock="SELECT pg_advisory_xact_lock(7882830951)",
    shared_lock=_SHARED,
    exclusive_locks=_EXCLUSIVE,
    index=_HNSW.format("hnsw", "vector vector_ip_ops"),
    most_dimensions=2000,
    search_settings=(
        "SET LOCAL hnsw.ef_search = {scanned}",
        # Goes on where the filters leave too few; the order is put right afterwards.
        "SET LOCAL hnsw.iterative_scan = relaxed_order",
        # Only the index gives an order without sorting, so the planner must take it.
        "SET LOCAL enable_sort = off",
    ),
)

COCKROACHDB = Engine(
    name="CockroachDB",
    sign="CockroachDB",
    extension=None,
    text="text",  # which it compares by bytes
    schema_lock=None,
    shared_lock=None,
    exclusive_locks=(),
    index=(
        "CREATE VECTOR INDEX IF NOT EXISTS {name} ON memoryos.{table} (owner, vector vector_ip_ops)"
    ),
    most_dimensions=16_000,
    search_settings=("SET LOCAL vector_search_beam_size = {scanned}",),
)

YUGABYTEDB = Engine(
    name="YugabyteDB",
    sign="-YB-",
    extension="vector",
    text='text COLLATE "C"',
    schema_lock=None,
    shared_lock=None,
    exclusive_locks=(),
    index=_HNSW.format("ybhnsw", "vector vector_ip_ops"),
    most_dimensions=2000,
    search_settings=("SET LOCAL ybhnsw.ef_search = {scanned}", "SET LOCAL enable_sort = off"),
)


def engine_of(version: str) -> Engine:
    """Return the engine whose `version()` is `version`."""
    others = (COCKROACHDB, YUGABYTEDB)
    return next((engine for engine in others if engine.sign in version), POSTGRESQL)
