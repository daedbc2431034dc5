"""Databases whose administrators chose other settings, schemas and rights than the defaults."""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from urllib.parse import urlsplit

import pytest

from tests.postgres import SETTINGS, needs_direct_connection, standby

psycopg = pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")
pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.model.errors import ServiceError
from memoryos_server.stores.database_url import Address
from memoryos_server.stores.postgres.connection_failures import connection_failure
from memoryos_server.stores.postgres.connection_parameters import (
    DEFAULT_POOL_SIZE as MAX_CONNECTIONS,
)
from memoryos_server.stores.postgres.database import Database
from memoryos_server.stores.postgres.session_settings import READ, begin

from .old_databases import path_of

NUMBERS = itertools.count()
MAIN = "import sys; from memoryos._cli.main import main; sys.exit(main(sys.argv[1:]))"


def refused(call):
    with pytest.raises(ServiceError) as caught:
        call()
    return caught.value


def database_of(url):
    return urlsplit(url).path[1:]


@pytest.fixture
def url(postgres):
    """A database that the store never used."""
    return postgres.make_database()


@pytest.fixture
def role(postgres, url):
    """A user without rights; its objects are deleted with it."""
    name = f"app_{os.getpid()}_{next(NUMBERS)}"
    postgres.execute(f"CREATE ROLE {name} LOGIN")
    yield name
    postgres.execute(f"DROP OWNED BY {name} CASCADE", url)
    postgres.execute(f"DROP ROLE {name}")


def use_everything(user):
    """Call what reads and writes times, numbers, arrays, vectors, tags and entities."""
    ada = user.create_entity("Ada", aliases=["Countess"])
    memory = user.create(
        "The Countess likes tea", tier="long", importance_score=0.1, metadata={"tags": ["tea"]}
    )
    assert user.get(memory["id"]) == {**memory, "access_count": 1} | {
        "last_accessed_at": user.get(memory["id"])["last_accessed_at"]
    }
    assert user.list() != []
    assert user.found("likes tea", threshold=0.1, tags=["tea"]) == ["The Countess likes tea"]
    assert user.found("likes tea", threshold=0.1, entities=[ada["id"]]) != []
    assert "likes tea" in user.context("tea")["context"]
    changed = user.update(memory["id"], content="The Countess likes coffee")
    assert datetime.fromisoformat(changed["created_at"].replace("Z", "+00:00")).tzinfo is not None
    assert user.delete(memory["id"])


SETTINGS_OF_ADMINISTRATORS = [
    "datestyle = 'German'",
    "datestyle = 'SQL, DMY'",
    "datestyle = 'Postgres, MDY'",
    "timezone = 'Asia/Kolkata'",
    "timezone = '<+0530>-05:30'",
    "intervalstyle = 'sql_standard'",
    "extra_float_digits = -15",
    "bytea_output = 'escape'",
    "search_path = 'nowhere'",
    "search_path = ''",
    "idle_in_transaction_session_timeout = '1ms'",
    # Through pgbouncer, it may be over before the setting arrives.
    pytest.param("transaction_timeout = '1ms'", marks=needs_direct_connection),
    "lock_timeout = '1ms'",
    "statement_timeout = '20ms'",
    "default_transaction_isolation = 'serializable'",
    "default_transaction_read_only = on",
    "default_transaction_deferrable = on",
    "idle_session_timeout = '50ms'",
]


@pytest.mark.parametrize("setting", SETTINGS_OF_ADMINISTRATORS)
def test_a_database_works_whatever_its_settings(start, user_of, postgres, url, setting):
    postgres.execute(f"ALTER DATABASE {database_of(url)} SET {setting}")
    use_everything(user_of(start(url)))


def test_scores_do_not_depend_on_the_settings(start, user_of, postgres, new_database):
    scores = []
    for setting in ("extra_float_digits = 1", "extra_float_digits = -15"):
        url = new_database()
        postgres.execute(f"ALTER DATABASE {database_of(url)} SET {setting}")
        user = user_of(start(url))
        user.create("Ada likes tea", tier="long", importance_score=0.123456789012345)
        scores.append(
            [item["combined_score"] for item in user.search("tea", threshold=0)["results"]]
        )
        postgres.execute(f"ALTER DATABASE {database_of(url)} RESET ALL")
    assert scores[0] == scores[1]


@pytest.mark.parametrize("path", ["public", "memoryos", '"$user"', "nowhere"])
@pytest.mark.parametrize("schema", ["extensions", "Mixed Case", 'quo"te'])
def test_the_extension_may_be_in_any_schema(start, user_of, postgres, url, schema, path):
    quoted = '"' + schema.replace('"', '""') + '"'
    postgres.execute(f"CREATE SCHEMA {quoted}; CREATE EXTENSION vector SCHEMA {quoted}", url)
    postgres.execute(f"ALTER DATABASE {database_of(url)} SET search_path = {path}")
    use_everything(user_of(start(url)))


def test_an_extension_that_is_installed_while_a_server_runs_is_found(start, user_of, postgres, url):
    user = user_of(start(url))
    assert user.list() == []
    postgres.execute("CREATE SCHEMA late; CREATE EXTENSION vector SCHEMA late", url)
    use_everything(user)


def test_an_extension_that_is_moved_while_a_server_runs_is_found_again(
    start, user_of, postgres, url
):
    """The first call that needs it gets a 503, whichever it is; the next one works."""
    user = user_of(start(url))
    use_everything(user)
    for schema in ("first", "second"):
        postgres.execute(f"CREATE SCHEMA {schema}", url)
        postgres.execute(f"ALTER EXTENSION vector SET SCHEMA {schema}", url)
        assert refused(lambda: use_everything(user)).status == 503
        use_everything(user)


def test_reembedding_works_with_short_timeouts(start, user_of, postgres, url):
    user = user_of(start(url))
    for number in range(3):
        user.create(f"memory {number}", tier="long")
    user.service.close()
    for setting in ("statement_timeout = '20ms'", "lock_timeout = '1ms'"):
        postgres.execute(f"ALTER DATABASE {database_of(url)} SET {setting}")
    done = run("reembed", "--store", url, "--embedder", "hashing")
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr


def test_a_statement_is_ended_by_its_timeout_and_answered_by_503(user_of, start, url):
    user = user_of(start(url))
    user.create("Ada")
    database = user.service._store._database
    sleep = "SELECT pg_sleep(60)"
    with pytest.raises(ServiceError) as caught:
        database.query(lambda connection: connection.execute(sleep), timeout_seconds=1)
    assert (caught.value.status, caught.value.message) == (503, "The database took too long")
    assert user.list() != []


def test_the_settings_end_with_the_transaction(url):
    """A pooler lends the session to somebody else afterwards."""
    with psycopg.connect(url, autocommit=True) as connection:
        names = ("datestyle", "timezone", "search_path", "statement_timeout", "lock_timeout")
        shown = lambda: [connection.execute(f"SHOW {name}").fetchone() for name in names]  # noqa: E731
        before = shown()
        for _ in range(8):  # psycopg prepares what is repeated more than 5 times
            begin(connection, READ, is_set_up=False, search_path=None)
            assert shown() != before
            connection.execute("COMMIT")
        assert shown() == before


def test_a_schema_of_an_administrator_is_used(start, user_of, postgres, url, role):
    """The user may not create schemas in the database."""
    postgres.execute("CREATE EXTENSION vector", url)
    postgres.execute(f"CREATE SCHEMA memoryos AUTHORIZATION {role}", url)
    use_everything(user_of(start(postgres.url(database_of(url), role))))


def test_tables_of_an_administrator_are_used(start, user_of, postgres, url, role):
    """The administrator ran Memory OS once; the application's user can't change any table."""
    user_of(start(url)).create("first", tier="long")
    postgres.execute(f"GRANT USAGE ON SCHEMA memoryos TO {role}", url)
    rights = "SELECT, INSERT, UPDATE, DELETE"
    postgres.execute(f"GRANT {rights} ON ALL TABLES IN SCHEMA memoryos TO {role}", url)
    use_everything(user_of(start(postgres.url(database_of(url), role))))


def test_old_tables_of_an_administrator_are_brought_up_to_date_by_the_administrator(
    start, user_of, postgres, url, role
):
    """The application's user is told so, and goes on afterwards, with the rights it had."""
    postgres.execute(path_of(3).read_text(encoding="utf-8"), url)
    postgres.execute(f"GRANT USAGE ON SCHEMA memoryos TO {role}", url)
    rights = "SELECT, INSERT, UPDATE, DELETE"
    postgres.execute(f"GRANT {rights} ON ALL TABLES IN SCHEMA memoryos TO {role}", url)
    users_url = postgres.url(database_of(url), role)
    error = refused(user_of(start(users_url)).list)
    assert (error.status, error.code) == (500, "INTERNAL_ERROR")
    assert "`memoryos stats --store` once, with the URL of the user who owns them" in error.message
    user_of(start(url)).list()
    user_of(start(users_url)).list()


@pytest.mark.parametrize(
    ("prepare", "advice"),
    [
        ("SELECT 1", "run CREATE SCHEMA memoryos AUTHORIZATION"),
        ("CREATE SCHEMA memoryos", "run ALTER SCHEMA memoryos OWNER TO"),
        ("CREATE SCHEMA memoryos; GRANT USAGE ON SCHEMA memoryos TO {role}", "run ALTER SCHEMA"),
    ],
)
def test_missing_rights_are_named_with_what_grants_them(
    start, user_of, postgres, url, role, prepare, advice
):
    postgres.execute(prepare.format(role=role), url)
    error = refused(user_of(start(postgres.url(database_of(url), role))).list)
    assert (error.status, error.code) == (500, "INTERNAL_ERROR")
    assert "does not allow this user" in error.message
    assert advice in error.message


def test_tables_without_rights_on_them_are_not_taken_for_missing(
    start, user_of, postgres, url, role
):
    user_of(start(url)).create("first")
    for rights in ("", f"GRANT USAGE ON SCHEMA memoryos TO {role}"):
        postgres.execute(rights or "SELECT 1", url)
        error = refused(user_of(start(postgres.url(database_of(url), role))).list)
        assert "make this user the owner of the schema memoryos and its tables" in error.message


def test_an_extension_in_a_closed_schema_is_named(start, user_of, postgres, url, role):
    postgres.execute("CREATE SCHEMA closed; CREATE EXTENSION vector SCHEMA closed", url)
    postgres.execute(f"CREATE SCHEMA memoryos AUTHORIZATION {role}", url)
    user = user_of(start(postgres.url(database_of(url), role)))
    error = refused(lambda: user.create("Ada"))
    assert (error.status, error.code) == (500, "INTERNAL_ERROR")
    assert "extension vector" in error.message


@pytest.mark.parametrize(
    "limit", ["ALTER ROLE {role} CONNECTION LIMIT 0", "ALTER DATABASE {name} CONNECTION LIMIT 0"]
)
def test_too_many_connections_are_a_503(start, user_of, postgres, url, role, limit):
    postgres.execute(f"CREATE SCHEMA memoryos AUTHORIZATION {role}", url)
    postgres.execute(limit.format(role=role, name=database_of(url)))
    error = refused(user_of(start(postgres.url(database_of(url), role))).list)
    assert (error.status, error.retry_after) == (503, 1.0)
    assert "no more connections" in error.message


@pytest.mark.parametrize(
    ("message", "status", "sentence"),
    [
        ('FATAL:  database "password" does not exist', 500, "does not exist"),
        ('FATAL:  role "too many clients" does not exist', 500, "refuses this user"),
        ("FATAL:  sorry, too many clients already", 503, "no more connections"),
        ("FATAL:  remaining connection slots are reserved for roles", 503, "no more connections"),
        ("FATAL:  the database system is starting up", 503, "stopped or started"),
        ("FATAL:  the database system is not yet accepting connections", 503, "stopped or started"),
        (
            'FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "a", no encryption',
            500,
            "add sslmode=require",
        ),
        (
            'FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "a", SSL encryption',
            500,
            "from this machine (pg_hba.conf)",
        ),
        ("SSL error: certificate verify failed", 500, "check of TLS certificates"),
        (
            'root certificate file "/root/.postgresql/root.crt" does not exist',
            500,
            "name its file by sslrootcert",
        ),
        ("connection timeout expired", 503, "did not answer in time"),
        ("FATAL:  no such user", 500, "refuses this user"),
        ("FATAL:  no such database: memories", 500, "does not exist"),
        ("FATAL:  no more connections allowed (max_client_conn)", 503, "no more connections"),
        ("FATAL:  unsupported startup parameter: geqo", 500, "ignore_startup_parameters"),
        ("server is in hot standby mode", 503, "no server that target_session_attrs accepts"),
        ("session is read-only", 503, "no server that target_session_attrs accepts"),
        ("FATAL:  das kann niemand lesen", 503, "can't be reached"),
        ("GSSAPI encryption required but no credential cache", 500, "gssencmode of its URL"),
        ('could not parse network address "abc": Name not known', 500, "an invalid hostaddr"),
        ("channel binding required, but SSL not in use", 500, "no channel binding"),
        ("fe_sendauth: no password supplied", 500, "needs a password"),
    ],
)
def test_messages_of_failed_connections_are_understood(message, status, sentence):
    error = connection_failure("db", message)
    assert (error.status, sentence in error.message) == (status, True), error.message
    assert "10.0.0.1" not in error.message


def test_a_server_without_tls_is_named(start, user_of):
    def answer(listener):
        connection, _ = listener.accept()
        with connection:
            connection.recv(8)
            connection.sendall(b"N")  # the answer to a request for TLS

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer, args=(listener,))
        thread.start()
        port = listener.getsockname()[1]
        url = f"postgresql://memoryos@127.0.0.1:{port}/db?sslmode=require"
        error = refused(user_of(start(url)).list)
        thread.join()
    assert (error.status, "offers no TLS" in error.message) == (500, True)


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", MAIN, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def clusters():
    with standby(SETTINGS) as both:
        yield both


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_standby_answers_reads_and_says_what_it_is(start, user_of, clusters):
    primary, copy = clusters
    url = primary.make_database()
    name = database_of(url)
    writer = user_of(start(url))
    memory = writer.create("Ada likes tea", tier="long")
    writer.service.close()
    wait_for(
        lambda: (
            copy.execute(f"SELECT 1 FROM pg_database WHERE datname = '{name}'")
            and copy.execute("SELECT to_regclass('memoryos.vectors') IS NOT NULL", copy.url(name))
            == [(True,)]
        )
    )
    reader = user_of(start(copy.url(name)))
    wait_for(lambda: reader.list() == [memory])
    assert reader.found("Ada likes tea") == ["Ada likes tea"]
    assert "tea" in reader.context("tea")["context"]
    error = refused(lambda: reader.create("more"))
    assert (error.status, error.code) == (403, "READ_ONLY")
    assert "as a standby is: connect to its primary" in error.message
    assert reader.get(memory["id"])["access_count"] == 0


def test_a_standby_is_searched_though_a_memory_has_no_vector_yet(start, user_of, clusters):
    primary, copy = clusters
    url = primary.make_database()
    name = database_of(url)
    with_vector = user_of(start(url)).create("Ada likes tea", tier="long")
    without = user_of(start(url, embedder=None)).create("Bo likes coffee", tier="long")
    wait_for(lambda: copy.execute(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))
    reader = user_of(start(copy.url(name)))
    wait_for(lambda: {item["id"] for item in reader.list()} == {with_vector["id"], without["id"]})
    assert reader.found("Ada likes tea") == ["Ada likes tea"]


def test_a_promoted_standby_is_written_to(start, user_of):
    with standby(SETTINGS) as (primary, copy):
        url = primary.make_database()
        name = database_of(url)
        user_of(start(url)).create("Ada likes tea", tier="long")
        wait_for(
            lambda: (
                copy.execute(f"SELECT 1 FROM pg_database WHERE datname = '{name}'")
                and copy.execute(
                    "SELECT to_regclass('memoryos.vectors') IS NOT NULL", copy.url(name)
                )
                == [(True,)]
            )
        )
        user = user_of(start(copy.url(name)))
        wait_for(lambda: user.page().meta["total"] == 1)
        assert refused(lambda: user.create("Bo")).code == "READ_ONLY"
        copy.execute("SELECT pg_promote()")
        assert user.create("Bo")["content"] == "Bo"
        [ada] = [item for item in user.list() if item["content"] == "Ada likes tea"]
        user.get(ada["id"])
        assert user.get(ada["id"])["access_count"] >= 1


@pytest.mark.parametrize(
    "command",
    [("keys", "create"), ("serve", "--port", "0", "--embedder", "none")],
    ids=lambda command: command[0],
)
@pytest.mark.parametrize("is_prepared", [True, False])
def test_commands_refuse_a_standby_in_one_line(start, user_of, clusters, command, is_prepared):
    primary, copy = clusters
    url = primary.make_database()
    name = database_of(url)
    if is_prepared:
        writer = user_of(start(url))
        writer.create("Ada")
        writer.service.close()
    wait_for(lambda: copy.execute(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))
    done = run(*command, "--store", copy.url(name))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "as a standby is: connect to its primary" in done.stderr


def test_connections_that_were_closed_while_idle_cost_no_waiting(postgres, url):
    database = Database(Address(url))

    def read(_number):
        database.execute("SELECT pg_sleep(0.2)")

    def fill_pool():
        with ThreadPoolExecutor(MAX_CONNECTIONS) as pool:
            list(pool.map(read, range(MAX_CONNECTIONS)))

    postgres.execute(f"ALTER DATABASE {database_of(url)} SET idle_session_timeout = '500ms'")
    with closing(database):
        fill_pool()
        for _ in range(2):
            time.sleep(1)
            started = time.monotonic()
            read(0)
            assert time.monotonic() - started < 5
        fill_pool()
        others = f"pg_stat_activity WHERE datname = '{database_of(url)}'"
        postgres.execute(f"SELECT pg_terminate_backend(pid) FROM {others}")
        started = time.monotonic()
        fill_pool()
        assert time.monotonic() - started < 5
