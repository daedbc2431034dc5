"""The plans of the statements that a create, a get and a search send.

    python -m benchmarks.postgres.statements [--count N]

Sends one request of each operation to a database with N memories, and prints how PostgreSQL
executes each statement: EXPLAIN (ANALYZE), in a transaction that is rolled back.
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import psycopg

from memoryos_server.embedders.registry import named_embedder
from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.service.operations import open_service
from memoryos_server.stores.postgres.column_types import adapt_texts
from memoryos_server.stores.postgres.vector_parameters import adapt_vectors

from . import workload
from .phases import handle
from .servers import SETTINGS, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Statement = tuple[str, Any]

_EXPLAINED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


def main() -> None:
    """Print the plans."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=3000, help="number of memories")
    count = parser.parse_args().count
    with running(SETTINGS) as cluster:
        url = cluster.make_database()
        service = open_service(url, embedder=named_embedder("hashing"))
        dispatcher = Dispatcher(service)
        key = service.create_key()
        ids: list[str] = []
        handle(
            dispatcher,
            workload.creates(key, workload.sentences(count, 1)),
            lambda body: ids.append(json.loads(body)["data"]["id"]),
        )
        cluster.execute("ANALYZE", url)
        for name, sent in {
            "create": workload.creates(key, workload.sentences(1, 2)),
            "get": workload.gets(key, ids, 1),
            "search": workload.searches(key, workload.sentences(1, 3)),
        }.items():
            print(f"\n# {name}\n")
            for statement, plan in _plans(
                url, _recorded(lambda sent=sent: handle(dispatcher, sent))
            ):
                print(f"{statement}\n{plan}\n")
        dispatcher.close()


def _recorded(send: Callable[[], None]) -> list[Statement]:
    """Return the statements that are sent meanwhile, with their parameters."""
    statements: list[Statement] = []
    execute = psycopg.Cursor.execute

    def record(self: Any, query: Any, params: Any = None, **options: Any) -> Any:
        statements.append((str(query), params))
        return execute(self, query, params, **options)

    with patch.object(psycopg.Cursor, "execute", record):
        send()
    return statements


def _plans(url: str, statements: list[Statement]) -> Iterator[tuple[str, str]]:
    """Yield the first characters of each statement, and its plan."""
    with psycopg.connect(url) as connection:
        adapt_texts(connection)
        adapt_vectors(connection)
        for query, values in statements:
            text = " ".join(query.split())
            if not text.startswith(_EXPLAINED):
                continue
            try:
                with connection.transaction(force_rollback=True):
                    rows = connection.execute(f"EXPLAIN (ANALYZE, BUFFERS OFF) {query}", values)
                    plan = "\n".join(f"    {row[0]}" for row in rows)
            except psycopg.errors.UniqueViolation:
                plan = "    (a row is inserted, whose key exists by now)"
            yield text[:200], plan


if __name__ == "__main__":
    main()
