"""The PostgreSQL store: databases of every kind, lost connections, rivals."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from urllib.parse import urlsplit

import pytest

from memoryos_server.model.errors import ServiceError
from memoryos_server.model.records import Access
from tests.postgres import needs_direct_connection

psycopg = pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")

from memoryos_server.service.operations import open_service
from memoryos_server.stores.database_url import Address
from memoryos_server.stores.postgres import connection_pool
from memoryos_server.stores.postgres.schema import VERSIONS
from memoryos_server.stores.postgres.store import PostgresStore

SECRET = "s3cr3t-pa55word"


def refused(call):
    with pytest.raises(ServiceError) as caught:
        call()
    return caught.value


@pytest.fixture
def user(start, user_of, new_database):
    return user_of(start(new_database()))


@pytest.fixture
def url(postgres):
    """A database in which nothing of ours ever was."""
    return postgres.make_database()


def test_a_database_gets_its_tables_by_the_first_call_and_keeps_what_is_written(
    start, user_of, postgres, url
):
    service = start(url)
    assert postgres.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'memoryos'", url) == []
    memory = user_of(service).create("Ada likes tea", tier="long", metadata={"tags": ["tea"]})
    service.close()
    again = user_of(start(url))
    assert again.list() == [memory]
    assert again.found("Ada likes tea", tags=["tea"]) == ["Ada likes tea"]
    stored = postgres.execute("SELECT value FROM memoryos.settings WHERE name = 'version'", url)
    assert stored == [(str(len(VERSIONS)),)]


def test_the_tables_lie_beside_those_of_another_program(start, user_of, postgres, url):
    for name in ("memories", "tags", "keys", "settings"):
        postgres.execute(f"CREATE TABLE public.{name} (theirs integer)", url)
    user = user_of(start(url))
    user.create("Ada", metadata={"tags": ["tea"]})
    assert user.page().meta["total"] == 1
    assert postgres.execute("SELECT * FROM public.memories", url) == []


def test_closing_twice_is_fine_and_a_call_after_it_is_refused(user):
    user.create("Ada")
    user.service.close()
    user.service.close()
    error = refused(user.list)
    assert (error.status, error.code) == (503, "UNAVAILABLE")
    assert "closed" in error.message


def test_no_thread_or_connection_is_left_after_closing(user, postgres):
    before = set(threading.enumerate())
    user.create("Ada")
    assert set(threading.enumerate()) - before
    name = user.service._store._database.name
    user.service.close()
    deadline = time.monotonic() + 30
    count = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'"
    while postgres.execute(count) != [(0,)]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert set(threading.enumerate()) - before == set()


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE memoryos.settings SET value = '99' WHERE name = 'version'", "newer Memory OS"),
        ("UPDATE memoryos.settings SET value = 'x' WHERE name = 'version'", "not made by Memory"),
        ("DELETE FROM memoryos.settings", "not made by Memory OS"),
        ("DROP TABLE memoryos.settings", "not made by Memory OS"),
        ("DROP TABLE memoryos.memories CASCADE", "lacks tables"),
        ("UPDATE memoryos.memories SET metadata = '{'", "is damaged"),
        ("UPDATE memoryos.memories SET tier = 'other'", "is damaged"),
    ],
)
def test_tables_that_are_not_ours_are_refused_and_left_alone(
    start, user_of, postgres, url, statement, sentence
):
    first = start(url)
    user_of(first).create("Ada")
    first.close()
    postgres.execute(statement, url)
    error = refused(user_of(start(url)).list)
    assert (error.status, error.code) == (500, "INTERNAL_ERROR")
    assert sentence in error.message


def test_a_database_in_another_encoding_is_refused(start, user_of, postgres):
    name = f"latin_{os.getpid()}"
    options = "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    postgres.execute(f"CREATE DATABASE {name} {options}")
    assert "UTF-8" in refused(user_of(start(postgres.url(name))).list).message


def test_a_user_without_rights_is_told_so(start, user_of, postgres, url):
    role = f"nobody_{os.getpid()}"
    postgres.execute(f"CREATE ROLE {role} LOGIN")
    try:
        error = refused(user_of(start(postgres.url(urlsplit(url).path[1:], role))).list)
    finally:
        postgres.execute(f"DROP ROLE {role}")
    assert error.status == 500
    assert "does not allow" in error.message


def test_a_server_without_the_extension_is_named_before_anything_is_stored(
    start, user_of, url, monkeypatch
):
    from memoryos_server.stores.postgres import vector_setup

    monkeypatch.setattr(vector_setup, "_EXTENSION", "not_there")
    service = start(url)
    error = refused(service.check_embedder)
    assert "extension vector (pgvector), which is not installed" in error.message
    assert user_of(start(url, embedder=None)).create("Ada")["content"] == "Ada"


@pytest.mark.parametrize(
    ("place", "status", "sentence"),
    [
        ("nowhere/db", 503, "can't be reached"),
        ("memoryos:{}@127.0.0.1:1/db", 503, "can't be reached"),
        ("memoryos:{}@/not_there?host={{sockets}}", 500, "does not exist"),
        ("not_there:{}@/postgres?host={{sockets}}", 500, "refuses this user"),
        ("memoryos:{}%zz@/postgres", 500, "can't be parsed"),
        ("memoryos:{}@host:port/db", 500, "invalid port"),
        ("memoryos:{}@127.0.0.1:99999/db", 500, "invalid port"),
        ("memoryos:{}@no-such-host.invalid/db", 503, "can't be reached: no host has the name"),
        ("memoryos:{}@127.0.0.1:1/db", 503, "nothing listens at the host and port"),
        ("memoryos:{}@/db?host=/not/there", 503, "no server has its socket in this folder"),
        (
            "memoryos:{}@/postgres?host={{sockets}}&sslmode=on",
            500,
            "value of the parameter sslmode",
        ),
        ("memoryos:{}@h/db?connect_timeout=soon", 500, "value of the parameter connect_timeout"),
        ("memoryos:{}@h/db?ssl_mode=require", 500, "parameter ssl_mode; did you mean sslmode?"),
        ("memoryos:{}@h/db?pool=5", 500, "parameter pool; did you mean pool_size?"),
        ("memoryos:{}@h/db?colour=5", 500, "parameter colour, which PostgreSQL doesn't know"),
        ("memoryos:{}@h/db?pool_size", 500, "parameter pool_size without a value"),
        (
            "memoryos:{}@h/db?options=-cfoo=1",
            500,
            "value of the parameter options; write it as %3D",
        ),
        ("memoryos:{}@h/db?sslmode", 500, "parameter sslmode without a value"),
        (
            "memoryos:{}@127.0.0.1/db?keepalives=on",
            500,
            "value of the parameter keepalives",
        ),
        ("memoryos:{}@127.0.0.1/db?port=1,2", 500, "don't fit together"),
        pytest.param(
            "memoryos:{}@/postgres?host={{sockets}}&options=-cfoo%3D1",
            500,
            "refuses a setting of the connection",
            marks=needs_direct_connection,
        ),
        ("memoryos@h/db?{}", 500, "can't be parsed"),
        ("memoryos@h/db?{}@x=1", 500, "can't be parsed"),
        ("memoryos:{}@127.0.0.1:1/db?service=none", 500, "no service file defines"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_without_the_password(
    start, user_of, postgres, caplog, place, status, sentence
):
    sockets = postgres.url("x").partition("host=")[2]
    address = f"postgresql://{place.format(SECRET).format(sockets=sockets)}"
    service = start(address)
    error = refused(user_of(service).list)
    assert error.status == status
    assert sentence in error.message
    told = "".join(traceback.format_exception(error)) + caplog.text + repr(vars(service._store))
    assert SECRET not in told


def terminate_all(postgres, url):
    """End every connection to a database, as a restart of its server does, and wait for that."""
    postgres.execute(
        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
        f"WHERE datname = '{urlsplit(url).path[1:]}' AND pid <> pg_backend_pid()"
    )


def test_after_the_server_was_restarted_the_next_call_works(start, user_of, postgres, new_database):
    url = new_database()
    user = user_of(start(url))
    user.create("Ada", tier="long")
    for _ in range(3):
        terminate_all(postgres, url)
        assert user.found("Ada") == ["Ada"]
        user.create("Bo", tier="long")
    assert user.page().meta["total"] == 4


def test_a_connection_that_breaks_in_a_call_is_a_503_and_nothing_is_half_done(
    start, user_of, postgres, new_database, monkeypatch
):
    from memoryos_server.stores.postgres import tags_and_entities

    url = new_database()
    user = user_of(start(url))
    user.create("Ada")
    with monkeypatch.context() as patch:
        patch.setattr(tags_and_entities, "attach", lambda *_: terminate_all(postgres, url))
        error = refused(lambda: user.create("Bo", key="k"))
    assert error.status == 503
    assert error.retry_after is not None
    assert user.page().meta["total"] == 1
    assert user.create("Bo", key="k")["content"] == "Bo"
    assert user.page().meta["total"] == 2


@needs_direct_connection
def test_a_database_that_refuses_connections_is_named_and_found_as_soon_as_it_takes_them(
    postgres, new_database, monkeypatch
):
    """It isn't taken for one whose connections are in use, however long it refused them."""
    monkeypatch.setattr(connection_pool, "RECONNECT_SECONDS", 0.1)
    url = new_database()
    name = urlsplit(url).path[1:]
    store = PostgresStore(Address(url), embedder=None, pool_timeout=3)
    with contextlib.closing(store):
        store.list_keys()
        postgres.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            terminate_all(postgres, url)
            for _ in range(3):  # the pause of a pool that goes on trying is longer then than a call
                error = refused(store.list_keys)
                assert error.message.startswith(f"The database {name} allows no connections")
        finally:
            postgres.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert store.list_keys() == []


def test_an_address_for_replication_is_used_as_any_other(user_of, start, new_database):
    user = user_of(start(f"{new_database()}&replication=database"))
    assert user.create("Ada") in user.list()


def test_when_all_connections_are_in_use_a_call_is_refused_in_time(user_of, new_database):
    store = PostgresStore(Address(new_database()), embedder=None)
    with contextlib.closing(store), contextlib.ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(store._database.read())
        store._database._pool_timeout = 0.05  # not before: a busy machine opens them slowly
        error = refused(store.list_keys)
    assert (error.status, error.message) == (503, "All connections to the database are in use")


def test_a_read_only_database_answers_reads_and_refuses_writes(
    start, user_of, postgres, new_database
):
    url = new_database()
    user = user_of(start(url))
    user.create("Ada", tier="long")
    database = user.service._store._database.name
    postgres.execute(f"ALTER DATABASE {database} SET default_transaction_read_only = on")
    terminate_all(postgres, url)
    try:
        assert user.found("Ada") == ["Ada"]
        delete = "DELETE FROM memoryos.memories RETURNING 1"
        error = refused(lambda: user.service._store._database.execute(delete))
        assert error.code == "READ_ONLY"
    finally:
        postgres.execute(f"ALTER DATABASE {database} RESET default_transaction_read_only")


def test_what_is_read_in_one_call_is_of_one_moment(user, clock):
    """A page and its total, though others write between the two."""
    user.create("Ada", tier="long")
    store = user.service._store
    with store._database.read() as connection:
        first = connection.execute("SELECT count(*) FROM memoryos.memories").fetchone()
        user.create("Bo", tier="long")
        assert connection.execute("SELECT count(*) FROM memoryos.memories").fetchone() == first


def test_two_transactions_that_wait_for_each_other_both_succeed(user):
    """The one that the database gives up is tried again."""
    ids = [user.create(name, tier="long")["id"] for name in ("Ada", "Bo")]
    database = user.service._store._database
    barrier = threading.Barrier(2)
    tries = []

    def change_both(order):
        def work(connection):
            tries.append(order)
            for place, one in enumerate(order):
                connection.execute(
                    "UPDATE memoryos.memories SET access_count = access_count + 1 "
                    "WHERE owner = %s AND id = %s RETURNING 1",
                    (user.caller.owner, ids[one]),
                ).fetchall()
                if place == 0 and len(tries) <= 2:
                    barrier.wait()

        database.write(work)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(change_both, [(0, 1), (1, 0)]))
    assert len(tries) > 2
    assert [memory["access_count"] for memory in user.list()] == [2, 2]


def test_accesses_wait_for_nobody_unless_they_are_to(user):
    memory = user.create("Ada", tier="long")
    store, now = user.service._store, datetime.now(timezone.utc)
    accesses = {memory["id"]: Access(2, now), "gone": Access(1, now)}

    def hold(connection):
        change = "UPDATE memoryos.memories SET content_type = 'fact' RETURNING 1"
        assert connection.execute(change).fetchall() == [(1,)]
        assert store.record_accesses(user.caller.owner, accesses, wait=False) is False

    store._database.write(hold)
    assert store.record_accesses(user.caller.owner, accesses, wait=False) is True
    assert store.record_accesses(user.caller.owner, {}, wait=True) is True
    assert user.list()[0]["access_count"] == 2


def test_threads_share_a_service(user):
    barrier = threading.Barrier(8)

    def work(name):
        barrier.wait()
        for number in range(6):
            text = f"t{name}n{number}"
            memory = user.create(text, tier="long", metadata={"tags": [f"t{name}", "all"]})
            assert text in user.found(text, threshold=0.9)
            user.update(memory["id"], tier="medium")
            user.context(text, max_tokens=50)
            if number % 3 == 0:
                user.delete(memory["id"])

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    assert user.page().meta["total"] == 32
    assert {tag["memory_count"] for tag in user.tags().data} == {4, 32}


def test_servers_that_start_at_once_on_a_new_database_prepare_it_together(url):
    """Tables and extension are made by one of them, and the others wait for it."""
    stores = [PostgresStore(Address(url), embedder="e") for _ in range(6)]
    barrier = threading.Barrier(len(stores))

    def start(store):
        with contextlib.closing(store):
            barrier.wait()
            store.check_embedder()

    with ThreadPoolExecutor(len(stores)) as threads:
        list(threads.map(start, stores))


def remember(url, name, count):
    """What a process of its own does: open the database, and store some memories."""
    from memoryos_server.embedders.hashing_embedder import HashingEmbedder
    from memoryos_server.model.caller import Caller

    with contextlib.closing(open_service(url, embedder=HashingEmbedder())) as service:
        caller = Caller("default", frozenset({"*"}))
        for number in range(count):
            body = {"content": f"{name} {number}", "tier": "long", "content_type": "text"}
            service.create_memory(caller, {}, body)


def test_processes_may_start_at_once_on_a_new_database(start, user_of, url):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=remember, args=(url, name, 5)) for name in "abc"]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    user = user_of(start(url))
    assert user.page().meta["total"] == 15
    assert user.found("c 3", threshold=0.9) == ["c 3"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_parent_and_forked_child_go_on_with_one_service(user):
    user.create("before")
    child = os.fork()
    if child == 0:
        try:
            user.create("from the child")
        finally:
            os._exit(0)
    user.create("from the parent")
    os.waitpid(child, 0)
    assert {memory["content"] for memory in user.list()} == {
        "before",
        "from the child",
        "from the parent",
    }


def test_names_of_any_length_and_with_nul_are_kept_and_found(user):
    """None of them stands in an index, whose entries are short."""
    chance = "".join(chr(0x4E00 + number * 7 % 20_000) for number in range(4096))
    for name in ("x\0y", chance):
        user.create(f"of {name[:3]}", tier="long", metadata={"tags": [name], "entities": [name]})
        entity = user.create_entity(name, aliases=[name], metadata={name: "\0"})
        assert user.found(f"of {name[:3]}", tags=[name], entities=[name]) == [f"of {name[:3]}"]
        assert user.entities(search=name[1:]).data == [entity]
        assert [tag["name"] for tag in user.tags(search=name[1:]).data] == [name]
    assert user.tags(search="\1").data == []
