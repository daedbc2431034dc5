"""A database behind pgbouncer, which lends each transaction another session."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from tests.pgbouncer import name_of, pooled

psycopg = pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")
pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.model.errors import ServiceError
from memoryos_server.stores.database_url import Address
from memoryos_server.stores.postgres.database import Database
from tests.postgres import SETTINGS, running

SESSIONS = 3
"""Fewer than the threads: each transaction gets another one."""


def refused(call):
    with pytest.raises(ServiceError) as caught:
        call()
    return caught.value


@pytest.fixture(scope="module")
def server():
    with running(SETTINGS) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def pgbouncer(server):
    with pooled(server, default_pool_size=SESSIONS) as seen:
        yield seen


@pytest.fixture
def database(pgbouncer):
    with closing(Database(Address(pgbouncer.make_database()))) as opened:
        yield opened


def test_many_threads_share_few_sessions(start, user_of, pgbouncer):
    """What is prepared or set in one session would be missing in another, or be there already."""
    service = start(pgbouncer.make_database())

    def use(number):
        user = user_of(service, f"owner {number % 4}")
        for turn in range(10):
            text = f"t{number}n{turn}"
            memory = user.create(text, tier="long", metadata={"tags": ["tea"]})
            assert text in user.found(text, threshold=0.9, tags=["tea"])
            assert user.get(memory["id"])["content"] == text
            user.update(memory["id"], tier="medium")
        return user.page().meta["total"]

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(use, range(8)))
    assert [user_of(service, f"owner {number}").page().meta["total"] for number in range(4)] == [
        20,
        20,
        20,
        20,
    ]


def test_sessions_are_left_as_they_were(start, user_of, pgbouncer, server):
    """Others may get them."""
    url = pgbouncer.make_database()
    user = user_of(start(url))
    user.create("Ada likes tea", tier="long")
    assert user.found("Ada likes tea") == ["Ada likes tea"]
    names = ("datestyle", "timezone", "search_path", "statement_timeout", "lock_timeout")

    def shown(address):
        with psycopg.connect(address, autocommit=True) as connection:
            prepared = connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()
            return prepared, [connection.execute(f"SHOW {name}").fetchone() for name in names]

    untouched = shown(server.make_database())
    assert [shown(url) for _ in range(2 * SESSIONS)] == [untouched] * (2 * SESSIONS)


def test_settings_of_the_administrator_change_nothing(start, user_of, pgbouncer):
    url = pgbouncer.make_database()
    name = name_of(url)
    for setting in ("datestyle = 'German'", "timezone = 'Asia/Kolkata'", "bytea_output = 'escape'"):
        pgbouncer.execute(f"ALTER DATABASE {name} SET {setting}")
    user = user_of(start(url))
    memory = user.create("Ada likes tea", tier="long")
    assert user.list() == [memory]
    assert user.found("Ada likes tea") == ["Ada likes tea"]


def test_sessions_that_end_cost_no_request(start, user_of, pgbouncer):
    """As they do by pgbouncer's server_lifetime, and when PostgreSQL restarts."""
    url = pgbouncer.make_database()
    name = name_of(url)
    user = user_of(start(url))
    for number in range(3):
        user.create(f"memory {number}", tier="long")
        sessions = f"pg_stat_activity WHERE datname = '{name}'"
        assert pgbouncer.execute(f"SELECT pg_terminate_backend(pid, 60000) FROM {sessions}") != []
        assert user.page().meta["total"] == number + 1


def test_one_question_is_prepared_nowhere(database, monkeypatch):
    for number in range(10):
        assert database.execute("SELECT %s::integer", [number]).fetchall() == [(number,)]
    prepared = "SELECT count(*) FROM pg_prepared_statements"
    assert database.execute(prepared).fetchall() == [(0,)]


def test_statement_mode_is_refused(start, user_of, server):
    with pooled(server, pool_mode="statement") as seen:
        error = refused(user_of(start(seen.make_database())).list)
    assert (error.status, error.code) == (500, "INTERNAL_ERROR")
    assert "set it to transaction" in error.message


def test_session_mode_works(start, user_of, server):
    with pooled(server, pool_mode="session", default_pool_size=20) as seen:
        user = user_of(start(seen.make_database()))
        memory = user.create("Ada likes tea", tier="long")
        assert user.list() == [memory]
        assert user.found("Ada likes tea") == ["Ada likes tea"]


def test_a_parameter_that_pgbouncer_refuses_is_explained(start, user_of, pgbouncer):
    url = f"{pgbouncer.make_database()}&options=-cgeqo%3Doff"
    error = refused(user_of(start(url)).list)
    assert error.status == 500
    assert "ignore_startup_parameters" in error.message


def test_an_address_for_replication_is_used_as_any_other(start, user_of, pgbouncer):
    user = user_of(start(f"{pgbouncer.make_database()}&replication=database"))
    assert user.create("Ada") in user.list()
