"""The engines that speak PostgreSQL's SQL; of two of them, only what they would be told."""

from __future__ import annotations

import pytest

engines = pytest.importorskip(
    "memoryos_server.stores.postgres.engines", reason="the extra [postgres] is not installed"
)


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("PostgreSQL 18.4 on x86_64-pc-linux-gnu, compiled by gcc", "PostgreSQL"),
        ("CockroachDB CCL v25.4.1 (x86_64-pc-linux-gnu, built 2025)", "CockroachDB"),
        ("PostgreSQL 15.12-YB-2025.2.0.0-b0 on x86_64-pc-linux-gnu", "YugabyteDB"),
        ("something that calls itself nothing of the kind", "PostgreSQL"),
    ],
)
def test_an_engine_is_known_by_its_version(version, name):
    assert engines.engine_of(version).name == name


def test_each_engine_makes_its_own_index_of_vectors():
    assert "USING hnsw (vector vector_ip_ops)" in engines.POSTGRESQL.index
    assert "USING ybhnsw (vector vector_ip_ops)" in engines.YUGABYTEDB.index
    assert "CREATE VECTOR INDEX" in engines.COCKROACHDB.index
    assert engines.COCKROACHDB.extension is None
    for engine in (engines.POSTGRESQL, engines.YUGABYTEDB, engines.COCKROACHDB):
        statement = engine.index.format(name="the_index", table="the_table")
        assert "IF NOT EXISTS the_index ON memoryos.the_table" in statement


@pytest.mark.parametrize(("count", "scanned"), [(1, 100), (256, 256), (5000, 1000)])
def test_a_search_by_the_index_looks_at_as_many_vectors_as_it_is_to_find(count, scanned):
    for engine in (engines.POSTGRESQL, engines.COCKROACHDB, engines.YUGABYTEDB):
        settings = engine.settings_for(count)
        assert any(setting.endswith(f"= {scanned}") for setting in settings)
        assert all(setting.startswith("SET LOCAL ") for setting in settings)
