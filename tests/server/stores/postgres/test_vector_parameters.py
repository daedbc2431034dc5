"""Vectors reach PostgreSQL with the exact value of every number."""

from __future__ import annotations

import pytest

psycopg = pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")
np = pytest.importorskip("numpy", reason="the extra [local] is not installed")

from memoryos_server.stores.postgres.vector_parameters import adapt_vectors

FLOAT = np.finfo(np.float32)
VECTORS = [
    [0.1],
    [FLOAT.max, FLOAT.min, FLOAT.tiny, FLOAT.smallest_subnormal, -0.0, 1 / 3],
    np.random.default_rng(1).standard_normal(2000),
    np.random.default_rng(1).standard_normal((10, 2))[:, 1],  # not contiguous
]


@pytest.fixture
def connection(postgres):
    with psycopg.connect(postgres.make_database()) as connection:
        adapt_vectors(connection)
        connection.execute("CREATE EXTENSION vector; CREATE TABLE stored (vector vector)")
        yield connection


@pytest.mark.parametrize("values", VECTORS, ids=["one", "extreme", "long", "strided"])
def test_every_number_is_kept(connection, values):
    """A statement and COPY store the same vector."""
    vector = np.asarray(values, np.float32)
    connection.execute("INSERT INTO stored VALUES (%s::vector)", (vector,))
    with connection.cursor().copy("COPY stored FROM STDIN") as copy:
        copy.write_row((vector,))
    rows = connection.execute("SELECT vector::real[] FROM stored").fetchall()
    assert [np.float32(row[0]).tobytes() for row in rows] == [vector.tobytes()] * 2
