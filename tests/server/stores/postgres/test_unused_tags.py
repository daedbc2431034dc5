"""A tag is deleted with its last memory, also when two transactions delete the last two at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")

from memoryos_server.model.records import Selection
from memoryos_server.stores.postgres import memories


def test_the_later_of_two_deletions_deletes_the_tag(start, user_of, clock, postgres):
    url = postgres.make_database()
    service = start(url)
    user = user_of(service)
    ids = [user.create(text, tier="long", tags=["shared"])["id"] for text in ("one", "two")]
    within = Selection("default", clock())
    is_deleted, may_commit = threading.Event(), threading.Event()

    def delete_first(connection):
        memories.delete(connection, within, ids[0])
        is_deleted.set()
        assert may_commit.wait(60)

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(service._store._database.write, delete_first)
        assert is_deleted.wait(60)
        second = threads.submit(user.delete, ids[1])
        while not (second.done() or postgres.count_waiting(url)):
            pass
        may_commit.set()
        first.result()
        second.result()
    assert user.tags().data == []
