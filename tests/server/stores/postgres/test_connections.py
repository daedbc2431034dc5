"""Connections that break: what is read or written again, and what is not."""

from __future__ import annotations

import select
from contextlib import ExitStack, closing
from functools import partial
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

psycopg = pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")
psycopg_pool = pytest.importorskip("psycopg_pool", reason="the extra [postgres] is not installed")

from memoryos_server.model.errors import ServiceError
from memoryos_server.stores.database_url import Address
from memoryos_server.stores.postgres import connection_parameters, connection_pool
from memoryos_server.stores.postgres import database as database_module
from memoryos_server.stores.postgres.connection_parameters import pool_size
from memoryos_server.stores.postgres.database import Database
from tests.postgres import needs_direct_connection

ONE = "SELECT 1"
END_MINE = "SELECT pg_terminate_backend(pg_backend_pid())"


@pytest.fixture
def url(postgres):
    """A database that the store never used."""
    return postgres.make_database()


@pytest.fixture
def database(url):
    with closing(Database(Address(url))) as opened:
        opened.execute(ONE)
        yield opened


@pytest.fixture
def no_pause(monkeypatch):
    """Fail where the pool, or a transaction that is tried again, pauses."""

    def pause(_seconds):
        raise AssertionError("a request paused")

    monkeypatch.setattr(psycopg_pool.pool, "sleep", pause)
    monkeypatch.setattr(database_module.time, "sleep", pause)


def end_all(postgres, url):
    """End every session of a database, and wait for that."""
    sessions = f"pg_stat_activity WHERE datname = '{urlsplit(url).path[1:]}'"
    ended = postgres.execute(f"SELECT pg_terminate_backend(pid, 60000) FROM {sessions}")
    assert ended != []


@pytest.mark.parametrize(
    "call",
    [
        lambda database: database.execute(ONE).fetchall(),
        lambda database: database.query(lambda c: c.execute(ONE).fetchall()),
        lambda database: database.write(lambda c: c.execute(ONE).fetchall()),
    ],
    ids=["execute", "query", "write"],
)
def test_a_session_that_ended_while_idle_costs_the_next_call_nothing(
    database, postgres, url, no_pause, call
):
    for _ in range(3):
        end_all(postgres, url)
        assert call(database) == [(1,)]


def test_one_statement_only_reads(database):
    with pytest.raises(ServiceError) as caught:
        database.execute("DELETE FROM memoryos.settings")
    assert caught.value.code == "READ_ONLY"
    assert database.execute("SELECT count(*) > 0 FROM memoryos.settings").fetchall() == [(True,)]


@needs_direct_connection
def test_a_connection_with_a_message_that_nobody_asked_for_is_used(postgres, url):
    def listen(connection):
        connection.execute("LISTEN news")
        return connection

    with closing(Database(Address(f"{url}&pool_size=1"))) as database:
        connection = database.write(listen)
        postgres.execute("NOTIFY news", url)
        assert select.select([connection], [], [], 60)[0] == [connection]
        assert database.write(lambda again: again is connection)


def test_what_was_not_to_be_committed_yet_runs_again(database):
    runs = []

    def work(connection):
        runs.append(connection.info.backend_pid)
        put = "INSERT INTO memoryos.settings VALUES ('test', 'x') RETURNING value"
        value = connection.execute(put).fetchall()
        if len(runs) == 1:
            connection.execute(END_MINE).fetchall()
        return value

    assert database.write(work) == [("x",)]
    assert len(set(runs)) == 2


def test_what_failed_is_not_taken_for_prepared(url):
    """psycopg prepares what runs often; behind an error, PostgreSQL doesn't even read it."""

    def work(connection, dividend=1, divisor=1):
        connection.execute(f"SELECT {dividend} / {divisor}")
        return connection.execute("SELECT %s::integer", [1])

    with closing(Database(Address(f"{url}&pool_size=1"))) as database:
        for number in range(3):
            with pytest.raises(psycopg.errors.DivisionByZero):
                database.write(partial(work, dividend=number, divisor=0))
        for _ in range(5):
            database.write(work)
        with pytest.raises(psycopg.errors.DivisionByZero):
            database.write(partial(work, divisor=0))
        assert database.write(work).fetchall() == [(1,)]


def test_what_may_be_committed_does_not_run_again(database, postgres, url):
    """Whether the commit took place is known to nobody."""
    postgres.execute(
        "CREATE FUNCTION end_mine() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(60); END';"
        "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON memoryos.settings "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION end_mine()",
        url,
    )
    runs = []

    def work(connection):
        runs.append(connection)
        connection.execute("INSERT INTO memoryos.settings VALUES ('test', 'x')")

    with pytest.raises(ServiceError) as caught:
        database.write(work)
    assert caught.value.status == 503
    assert len(runs) == 1


def test_a_connection_that_breaks_each_time_is_a_503(database):
    with pytest.raises(ServiceError) as caught:
        database.execute(END_MINE)
    assert caught.value.status == 503


def test_a_transaction_runs_again_if_its_connection_breaks_while_it_is_rolled_back(
    database, postgres, url
):
    runs = []

    def work(connection):
        runs.append(connection)
        if len(runs) == 1:
            end_all(postgres, url)
            raise psycopg.errors.DeadlockDetected
        return connection.execute(ONE).fetchall()

    assert database.write(work, is_pipelined=False) == [(1,)]
    assert runs[0] is not runs[1]


class FatalError(psycopg.errors.ProtocolViolation):
    """An error that ends the session, of which the end has not arrived yet."""

    diag = SimpleNamespace(severity="FATAL", severity_nonlocalized=None)


def test_after_a_fatal_error_another_connection_is_used(database):
    runs = []

    def work(connection):
        runs.append(connection)
        if len(runs) == 1:
            raise FatalError
        return connection.execute(ONE).fetchall()

    assert database.query(work) == [(1,)]
    assert runs[0] is not runs[1]


@pytest.fixture
def wrong_answer(monkeypatch):
    """Let psycopg be confused by an answer to nothing, as of a pooler that ends a connection."""
    leave, confused = psycopg.Pipeline.__exit__, []

    def leave_confused(pipeline, *failure):
        leave(pipeline, *failure)
        if not confused:
            confused.append(pipeline)
            raise IndexError("pop from an empty deque")

    monkeypatch.setattr(psycopg.Pipeline, "__exit__", leave_confused)
    return confused


def test_what_is_read_is_read_again_after_a_wrong_answer(database, wrong_answer):
    used = []

    def select(connection):
        used.append(connection)
        return connection.execute(ONE)

    assert database.query(select).fetchall() == [(1,)]
    assert wrong_answer
    assert used[0] is not used[1]


def test_a_wrong_answer_to_a_commit_is_a_503(database, wrong_answer):
    with pytest.raises(ServiceError) as caught:
        database.write(lambda connection: connection.execute(ONE))
    assert wrong_answer
    assert caught.value.status == 503


@pytest.mark.parametrize(
    "error",
    [
        psycopg.errors.ForeignKeyViolation(),
        psycopg.errors.InternalError_('a row violates foreign key constraint "x"'),  # of Citus
    ],
)
def test_conflicts_without_end_are_a_503(database, error):
    def conflict(_connection):
        raise error

    with pytest.raises(ServiceError) as caught:
        database.write(conflict)
    assert (caught.value.status, caught.value.message) == (
        503,
        "Others are writing to the same memories",
    )


def test_ctrl_c_before_a_call_loses_no_connection(url, monkeypatch):
    def interrupt(_connection):
        raise KeyboardInterrupt

    with closing(Database(Address(f"{url}&pool_size=1"))) as database:
        database.execute(ONE)
        with monkeypatch.context() as patch:
            patch.setattr(connection_pool, "_has_input", interrupt)
            with pytest.raises(KeyboardInterrupt):
                database.execute(ONE)
        database._pool_timeout = 5
        assert database.execute(ONE).fetchall() == [(1,)]


def test_the_environment_and_services_choose_what_the_url_leaves_open(url, monkeypatch, tmp_path):
    def name(address):
        with closing(Database(Address(address))) as database:
            return database.execute("SELECT current_setting('application_name')").fetchall()

    assert name(url) == [("memoryos",)]
    service = tmp_path / "services"
    service.write_text("[ours]\napplication_name=service\n", encoding="utf-8")
    monkeypatch.setenv("PGSERVICEFILE", str(service))
    assert name(f"{url}&service=ours") == [("service",)]
    monkeypatch.setenv("PGAPPNAME", "environment")
    assert name(url) == [("environment",)]
    assert name(f"{url}&application_name=url") == [("url",)]


def test_a_server_that_vanished_is_noticed_soon_unless_chosen_otherwise(monkeypatch):
    def parameters(text):
        return connection_parameters.connection_parameters(Address(f"postgresql://h/db{text}"))

    for name in ("PGSERVICE", "PGCONNECT_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
    ours = parameters("")
    assert (ours["connect_timeout"], ours["tcp_user_timeout"]) == (10, 30_000)
    silent_seconds = ours["keepalives_idle"] + (
        ours["keepalives_interval"] * ours["keepalives_count"]
    )
    assert silent_seconds == 30
    assert parameters("?tcp_user_timeout=5&connect_timeout=4").items() >= {
        ("tcp_user_timeout", "5"),
        ("connect_timeout", "4"),
    }
    assert "tcp_user_timeout" not in parameters("?service=ours")
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "3")
    assert "connect_timeout" not in parameters("")
    monkeypatch.setenv("PGSERVICE", "ours")
    assert "tcp_user_timeout" not in parameters("")


@pytest.mark.parametrize(
    ("parameters", "variable", "size"),
    [
        ("", None, connection_parameters.DEFAULT_POOL_SIZE),
        ("?pool_size=3", None, 3),
        ("?pool_size=3", "4", 3),
        ("?connect_timeout=5&pool_size=3&sslmode=prefer", "4", 3),
        ("?sslmode=prefer", "4", 4),
        ("?pool_size=1&pool_size=2", None, 2),
        ("", "", connection_parameters.DEFAULT_POOL_SIZE),
    ],
)
def test_the_size_of_the_pool_is_chosen(monkeypatch, parameters, variable, size):
    monkeypatch.delenv("MEMORY_OS_POOL_SIZE", raising=False)
    if variable is not None:
        monkeypatch.setenv("MEMORY_OS_POOL_SIZE", variable)
    address = Address(f"postgresql://u@h/db{parameters}")
    assert pool_size(address) == size
    assert "pool_size" not in address.libpq_url
    assert psycopg.conninfo.conninfo_to_dict(address.libpq_url)["dbname"] == "db"


@pytest.mark.parametrize("text", ["0", "-1", "1001", "many", "1.5", "99999", "٣"])
@pytest.mark.parametrize("is_in_url", [True, False])
def test_a_wrong_size_of_the_pool_is_refused(monkeypatch, postgres, url, text, is_in_url):
    monkeypatch.setenv("MEMORY_OS_POOL_SIZE", "" if is_in_url else text)
    address = Address(f"{url}&pool_size={text}" if is_in_url else url)
    with closing(Database(address)) as database, pytest.raises(ServiceError) as caught:
        database.execute(ONE)
    assert "must be from 1 to 1000 connections" in caught.value.message
    name = "parameter pool_size" if is_in_url else "MEMORY_OS_POOL_SIZE"
    assert name in caught.value.message


def test_no_more_connections_are_opened_than_the_size_of_the_pool(url):
    with closing(Database(Address(f"{url}&pool_size=2"))) as database, ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(database.read())
        database._pool_timeout = 0.05  # not before: a busy machine opens them slowly
        with pytest.raises(ServiceError) as caught:
            database.execute(ONE)
    assert caught.value.message == "All connections to the database are in use"


@pytest.mark.parametrize(("is_ours", "records"), [(True, 0), (False, 1)])
def test_what_follows_from_an_error_is_not_logged(url, caplog, is_ours, records):
    """Where nothing sets up logging, Python would print it. Others' connections are not touched."""
    with closing(
        connection_pool.connect(Address(url)) if is_ours else psycopg.connect(url)
    ) as used:

        def fail_in_pipeline():
            with used.pipeline():
                used.execute("SELECT 1/0")
                raise KeyError

        with pytest.raises(KeyError):
            fail_in_pipeline()
    assert len([record for record in caplog.records if record.name == "psycopg"]) == records
