"""Fast loading of a database: by COPY, with the vector index built at the end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from memoryos_server.search.text_analysis import analyze_memory
from memoryos_server.stores.postgres import vector_index, vector_setup, vectors
from memoryos_server.stores.postgres.column_types import adapt_texts
from memoryos_server.stores.postgres.memory_rows import MEMORY_ROWS
from memoryos_server.stores.postgres.vector_parameters import adapt_vectors
from memoryos_server.stores.words import words_of

if TYPE_CHECKING:
    import psycopg
    from data import Data

    Connection = psycopg.Connection[tuple[Any, ...]]

EMBEDDER = "made-up"


def prepare(connection: Connection, dimension: int) -> None:
    """Create the table of vectors without its index."""
    adapt_texts(connection)
    adapt_vectors(connection)
    vector_setup.prepare(connection, embedder=EMBEDDER, dimension=dimension, name="benchmark")
    connection.execute("DROP INDEX memoryos.vectors_nearest")


def load(connection: Connection, data: Data) -> None:
    """Store memories, their words and their vectors."""
    first = _number_after(connection)
    is_large = len(data.memories) > vector_index.MAX_MEMORIES_COMPARED_IN_FULL
    words = [words_of(memory.content) for memory in data.memories]
    columns = ("number", *MEMORY_ROWS.names, "word_count", "embedded")
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY memoryos.memories ({', '.join(columns)}) FROM STDIN") as copy:
            for number, memory in enumerate(data.memories):
                copy.write_row(
                    (first + number, *MEMORY_ROWS.to_row(memory), len(words[number]), True)
                )
        with cursor.copy("COPY memoryos.memory_words FROM STDIN") as copy:
            for number, memory in enumerate(data.memories):
                for word, places in _places(words[number]).items():
                    copy.write_row((memory.owner, word, first + number, places))
        with cursor.copy(f"COPY memoryos.vectors ({vectors.COLUMNS}) FROM STDIN") as copy:
            for number, memory in enumerate(data.memories):
                row = vectors.to_row(
                    first + number,
                    memory,
                    data.vectors[number],
                    analyze_memory(memory),
                    is_indexed=is_large,
                )
                copy.write_row(row)
    connection.execute(
        "SELECT setval(pg_get_serial_sequence('memoryos.memories', 'number'), %s)",
        (first + len(data.memories),),
    )


def build_index(connection: Connection) -> float:
    """Build the vector index, and return the seconds it took."""
    started = time.perf_counter()
    vector_index.mark_all(connection)
    connection.execute(vector_setup.HNSW_INDEX.format(table="vectors"))
    seconds = time.perf_counter() - started
    connection.execute("VACUUM ANALYZE")
    return seconds


def _number_after(connection: Connection) -> int:
    row = connection.execute("SELECT coalesce(max(number), 0) + 1 FROM memoryos.memories")
    (number,) = row.fetchone() or (1,)
    return int(number)


def _places(words: list[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        places.setdefault(word, []).append(place)
    return places
