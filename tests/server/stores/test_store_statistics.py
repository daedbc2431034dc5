"""The numbers of the stores for monitoring."""

from __future__ import annotations

import re
import threading

import pytest

from memoryos_server.http import metrics
from memoryos_server.stores.factory import open_store

pytestmark = pytest.mark.local_server


def names(service):
    return set(service.statistics())


@pytest.mark.both_stores
def test_each_number_is_one_that_the_metrics_know(start, user_of, place, store):
    service = start(place)
    user_of(service).create("Ada")
    assert names(service)
    assert {f"store_{name}" for name in names(service)} <= metrics._SAMPLED.keys()


@pytest.mark.both_stores
def test_they_are_there_before_the_first_use_and_after_the_end(place, store):
    """And they don't open the store."""
    opened = open_store(place, embedder=None)
    before = opened.statistics()
    assert not any(before.values())
    opened.close()
    assert opened.statistics() == before


def test_a_file_has_its_size_and_that_of_its_log(start, user_of, tmp_path):
    path = tmp_path / "m.db"
    service = start(path)
    user_of(service).create("Ada")
    log = path.with_name("m.db-wal")
    assert service.statistics() == {
        "file_bytes": path.stat().st_size,
        "write_ahead_log_bytes": log.stat().st_size,
    }
    assert log.stat().st_size > 0


def test_a_store_in_memory_has_none(service, user):
    user.create("Ada")
    assert service.statistics() == {}


def test_a_pool_counts_its_connections(new_database):
    store = open_store(new_database(), embedder=None)
    store.list_keys()
    first = store.statistics()
    assert first["pool_connections"] >= first["pool_idle_connections"] >= 1
    assert first["pool_max_connections"] >= first["pool_connections"]
    for _ in range(3):
        store.list_keys()
    second = store.statistics()
    assert second["pool_requests_total"] == first["pool_requests_total"] + 3
    assert second["pool_usage_seconds_total"] >= first["pool_usage_seconds_total"]
    assert second["pool_errors_total"] == second["pool_connections_lost_total"] == 0
    store.close()


def test_a_pool_whose_connections_are_all_in_use_counts_who_waits(new_database):
    store = open_store(f"{new_database()}", embedder=None)
    store.list_keys()
    pool = store._database._processes.get()
    size = int(store.statistics()["pool_max_connections"])
    held = [pool.lend("db", 30) for _ in range(size)]
    for each in held:
        each.__enter__()
    waiting = threading.Thread(target=store.list_keys)
    waiting.start()
    while not store.statistics()["pool_waiting"]:
        assert waiting.is_alive()
    assert store.statistics()["pool_idle_connections"] == 0
    for each in held:
        each.__exit__(None, None, None)
    waiting.join()
    after = store.statistics()
    assert (after["pool_waiting"], after["pool_queued_total"] > 0) == (0, True)
    store.close()


def test_the_names_end_in_total_where_they_count():
    """By this the metrics tell counters from gauges."""
    for name in metrics._SAMPLED:
        assert re.fullmatch(r"[a-z_]+", name)
    counters = {name for name in metrics._SAMPLED if name.endswith("_total")}
    assert "store_pool_requests_total" in counters
    assert "store_file_bytes" not in counters
