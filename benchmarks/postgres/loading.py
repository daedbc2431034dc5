"""Fast loading of a database: by COPY, with the vector index built at the end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from memoryos_server.model.metadata import entity_ids, tag_names
from memoryos_server.search.text_analysis import analyze_memory
from memoryos_server.stores.postgres import vector_index, vector_setup, vectors
from memoryos_server.stores.postgres.column_types import adapt_texts
from memoryos_server.stores.postgres.memory_rows import MEMORY_ROWS
from memoryos_server.stores.postgres.tags_and_entities import create_tags
from memoryos_server.stores.postgres.vector_parameters import adapt_vectors
from memoryos_server.stores.tags_and_entities import entity_key, tag_id
from memoryos_server.stores.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    import numpy as np
    import psycopg
    from numpy.typing import NDArray

    from memoryos_server.model.records import Memory

    Connection = psycopg.Connection[tuple[Any, ...]]

EMBEDDER = "made-up"


def prepare(connection: Connection, dimension: int) -> None:
    """Create the table of vectors without its index."""
    adapt_texts(connection)
    adapt_vectors(connection)
    vector_setup.prepare(connection, embedder=EMBEDDER, dimension=dimension, name="benchmark")
    connection.execute("DROP INDEX memoryos.vectors_nearest")


def load(
    connection: Connection,
    memories: Sequence[Memory],
    embedded: NDArray[np.float32],
    *,
    is_large: bool = False,
) -> None:
    """Store memories of one owner, their words, tags, references to entities, and vectors.

    Args:
        connection: To the database.
        memories: The memories.
        embedded: Their vectors.
        is_large: Whether these are some of many of their owner, which the index has.
    """
    first = _number_after(connection)
    numbered = list(enumerate(memories, first))
    words = [words_of(memory.content) for memory in memories]
    columns = f"memories (number, {MEMORY_ROWS.column_list}, word_count, embedded, analyzed)"
    _copy(
        connection,
        columns,
        (
            (number, *MEMORY_ROWS.to_row(memory), len(words[number - first]), True, True)
            for number, memory in numbered
        ),
    )
    _copy(
        connection,
        "memory_words (owner, word, number, positions)",
        (
            (memory.owner, word, number, places)
            for number, memory in numbered
            for word, places in _places(words[number - first]).items()
        ),
    )
    _load_tags_and_entities(connection, numbered)
    _copy(
        connection,
        f"vectors ({vectors.COLUMNS})",
        (
            vectors.to_row(
                number,
                memory,
                embedded[number - first],
                analyze_memory(memory),
                is_indexed=is_large,
            )
            for number, memory in numbered
        ),
    )
    connection.execute(
        "SELECT setval(pg_get_serial_sequence('memoryos.memories', 'number'), %s)",
        (first + len(memories),),
    )


def build_index(connection: Connection) -> float:
    """Build the vector index, and return the seconds it took."""
    started = time.perf_counter()
    vector_index.mark_all(connection)
    connection.execute(vector_setup.HNSW_INDEX.format(table="vectors"))
    seconds = time.perf_counter() - started
    connection.execute("VACUUM ANALYZE")
    return seconds


def _load_tags_and_entities(connection: Connection, numbered: Sequence[tuple[int, Memory]]) -> None:
    tagged: list[tuple[str, int, UUID]] = []
    tags: dict[UUID, str] = {}
    for number, memory in numbered:
        for name in tag_names(memory.metadata):
            tag = tag_id(memory.owner, name)
            tags[tag] = name
            tagged.append((memory.owner, number, tag))
    _, last = numbered[-1]
    create_tags(connection, last.owner, tags, last.created_at)
    _copy(connection, "memory_tags (owner, number, tag_id)", tagged)
    _copy(
        connection,
        "memory_entities (owner, number, entity)",
        (
            (memory.owner, number, entity_key(entity))
            for number, memory in numbered
            for entity in entity_ids(memory.metadata)
        ),
    )


def _copy(connection: Connection, table: str, rows: Iterable[Sequence[Any]]) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY memoryos.{table} FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _number_after(connection: Connection) -> int:
    row = connection.execute("SELECT coalesce(max(number), 0) + 1 FROM memoryos.memories")
    (number,) = row.fetchone() or (1,)
    return int(number)


def _places(words: list[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        places.setdefault(word, []).append(place)
    return places
