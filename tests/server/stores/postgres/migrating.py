"""A process that migrates a database. With a text, it stops before the statement that contains it.

    python migrating.py URL [TEXT]

It prints `stopped` and goes on after a line on standard input. At the end it prints `migrated`; an
error it prints, and then tries again, as a server does with the next request.
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import psycopg

from memoryos_server.model.errors import ServiceError
from memoryos_server.service.operations import open_service

sys.path.insert(0, str(Path(__file__).parents[4]))

from tests.server.stores.renewing import wait_until_renewed

LOCK = "pg_advisory_xact_lock"
"""In the first statement of a migration."""


def tell(text):
    print(text, flush=True)


def stop_before(text):
    execute = psycopg.Connection.execute
    awaited = [LOCK, text]

    def stopping(connection, query, *args, **options):
        if awaited and awaited[0] in query:
            awaited.pop(0)
            if not awaited:
                tell("stopped")
                sys.stdin.readline()
        return execute(connection, query, *args, **options)

    psycopg.Connection.execute = stopping


def migrate(url):
    with closing(open_service(url, embedder=None)) as service:
        try:
            service.list_keys()
        except ServiceError as error:
            tell(f"{error.status} {error.message}")
        wait_until_renewed(service)
    tell("migrated")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        stop_before(sys.argv[2])
    migrate(sys.argv[1])
