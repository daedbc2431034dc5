"""Measure how long a database of an earlier version takes to migrate, and which statements take it.

usage: python benchmarks/postgres/migration.py [--versions 3 1] [--memories 100000] [--owners 100]

It starts the PostgreSQL of the tests (requirements/test.txt). The memories have two tags, two
fields of metadata, a reference to an entity, and a vector each, and belong to as many owners as
--owners says.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import psycopg
from psycopg import sql

from memoryos_server.search.text_analysis import analyze_memory
from memoryos_server.service.operations import open_service
from memoryos_server.stores.metadata_fields import field_ids
from memoryos_server.stores.postgres import vectors
from memoryos_server.stores.postgres.column_types import adapt_texts
from memoryos_server.stores.postgres.memory_rows import MEMORY_ROWS
from memoryos_server.stores.postgres.vector_parameters import adapt_vectors
from memoryos_server.stores.tags_and_entities import entity_key, tag_id
from memoryos_server.stores.words import words_of

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(ROOT)]

import corpus  # noqa: E402 - beside this file
import data  # noqa: E402 - beside this file

from tests.postgres import running  # noqa: E402
from tests.server.stores.postgres.old_databases import restore  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memoryos_server.model.records import Memory

    Connection = psycopg.Connection[tuple[Any, ...]]

TAGS = ("red", "user:alice")
ENTITY = "somebody"
METADATA_SINCE = 3
SHOWN = 12
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "1GB",
    "maintenance_work_mem": "768MB",
    "max_wal_size": "4GB",
}


def main() -> None:
    """Measure each version, and print the times."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--versions", nargs="+", type=int, default=[3, 1])
    parser.add_argument("--memories", type=int, default=100_000)
    parser.add_argument("--owners", type=int, default=100)
    options = parser.parse_args()
    with running(SETTINGS) as cluster:
        for version in options.versions:
            url = restore(cluster, version)
            with psycopg.connect(url) as connection:
                _load(connection, version, options.memories, options.owners)
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")
            _print(version, options.memories, _migrate(url))


def _load(connection: Connection, version: int, count: int, owners: int) -> None:
    """Replace what the restored database has, without its own program."""
    adapt_texts(connection)
    adapt_vectors(connection)
    connection.execute(
        "TRUNCATE memoryos.memories, memoryos.tags, memoryos.entities, memoryos.claims CASCADE"
    )
    connection.execute("DROP TABLE memoryos.staged")
    connection.execute("DELETE FROM memoryos.settings WHERE name = 'reembedding'")
    connection.execute("DROP INDEX memoryos.vectors_nearest")
    connection.execute(
        f"ALTER TABLE memoryos.vectors ALTER COLUMN vector TYPE vector({corpus.DIMENSION})"
    )
    made = corpus.corpus(count)
    memories = [
        _placed(number, memory, owners)
        for number, memory in enumerate(data.memories("", made.sentences))
    ]
    for owner in sorted({memory.owner for memory in memories}):
        for name in TAGS:
            connection.execute(
                "INSERT INTO memoryos.tags (id, owner, name, folded, created_at, updated_at) "
                "VALUES (%s, %s, %s, %s, now(), now())",
                (tag_id(owner, name), owner, name, name),
            )
    _copy(
        connection,
        "memories",
        ("number", *MEMORY_ROWS.names, "word_count", "embedded"),
        (
            (number, *MEMORY_ROWS.to_row(memory), len(words_of(memory.content)), True)
            for number, memory in enumerate(memories)
        ),
    )
    _copy(connection, "memory_words", ("owner", "word", "number", "positions"), _words(memories))
    _copy(
        connection,
        "memory_tags",
        ("number", "tag_id"),
        (
            (number, tag_id(memory.owner, name))
            for number, memory in enumerate(memories)
            for name in TAGS
        ),
    )
    _copy(
        connection,
        "memory_entities",
        ("number", "entity"),
        ((number, entity_key(ENTITY)) for number in range(count)),
    )
    if version >= METADATA_SINCE:
        _copy(
            connection,
            "memory_metadata",
            ("number", "field"),
            (
                (number, field)
                for number, memory in enumerate(memories)
                for field in field_ids(memory.owner, memory.metadata)
            ),
        )
    _copy(
        connection,
        "vectors",
        ("owner", "number", "expires_at", "created", "thread", "terms", "vector"),
        (
            vectors.to_row(number, memory, vector, analyze_memory(memory))[:-1]  # not `indexed`
            for number, (memory, vector) in enumerate(zip(memories, made.vectors, strict=True))
        ),
    )
    connection.execute(
        "CREATE INDEX vectors_nearest ON memoryos.vectors USING hnsw (vector vector_ip_ops)"
    )


def _placed(number: int, memory: Memory, owners: int) -> Memory:
    metadata = {"tags": list(TAGS), "number": number, "entities": [ENTITY]}
    return replace(memory, owner=f"owner-{number % owners}", metadata=metadata)


def _words(memories: list[Memory]) -> Iterator[tuple[Any, ...]]:
    for number, memory in enumerate(memories):
        places: defaultdict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(words_of(memory.content)):
            places[word].append(place)
        for word, found in places.items():
            yield memory.owner, word, number, found


def _copy(
    connection: Connection, table: str, columns: tuple[str, ...], rows: Iterator[tuple[Any, ...]]
) -> None:
    statement = sql.SQL("COPY memoryos.{} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _migrate(url: str) -> dict[str, float]:
    """Return the seconds of each statement, and of all of them with the program's own."""
    seconds: defaultdict[str, float] = defaultdict(float)
    execute = psycopg.Cursor.execute

    def timed(cursor: Any, query: Any, *args: Any, **options: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(cursor, query, *args, **options)
        finally:
            seconds[" ".join(str(query).split())[:90]] += time.perf_counter() - started

    started = time.perf_counter()
    with (
        patch.object(psycopg.Cursor, "execute", timed),
        closing(open_service(url, embedder=None)) as service,
    ):
        service.list_keys()
    seconds["all"] = time.perf_counter() - started
    return seconds


def _print(version: int, count: int, seconds: dict[str, float]) -> None:
    print(f"From version {version}, {count:,} memories: {seconds.pop('all'):.1f} s, of which")
    for statement, taken in sorted(seconds.items(), key=lambda item: -item[1])[:SHOWN]:
        print(f"  {taken:7.2f} s  {statement}")


if __name__ == "__main__":
    main()
