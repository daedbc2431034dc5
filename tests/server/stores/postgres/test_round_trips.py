"""How often the store waits for PostgreSQL: once for what is one question.

libpq records its messages: those sent, and those received. PostgreSQL sends nothing before it is
asked for an answer, so each change from received to sent ones begins a round trip.
"""

from __future__ import annotations

import sys
import uuid
from contextlib import closing

import pytest

psycopg = pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")
if not sys.platform.startswith("linux"):
    pytest.skip("libpq records its messages on Linux only", allow_module_level=True)

from psycopg.pq import Trace

from memoryos_server.stores.database_url import Address
from memoryos_server.stores.postgres.connection_pool import ProcessConnections
from memoryos_server.stores.postgres.database import Database
from memoryos_server.stores.postgres.locks import SHARED_LOCK
from tests.postgres import needs_direct_connection

ONE = "SELECT %s::integer"
PREPARED_AFTER = 6
"""psycopg prepares a statement when it runs for the sixth time on a connection; there is one."""


@pytest.fixture
def trips(monkeypatch, tmp_path):
    """Return a function that runs a function and returns how many round trips that took."""
    path = tmp_path / "messages"
    set_up = ProcessConnections.set_up

    def recorded(process, connection):
        set_up(process, connection)
        connection.pgconn.trace(recording.fileno())
        connection.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)

    def count(run):
        start = path.stat().st_size
        run()
        lines = path.read_bytes()[start:].decode().splitlines()
        # What was received last may be missing: libpq writes it together with what is sent next.
        is_sent = [False, *(line.startswith("F\t") for line in lines)]
        return sum(pair == (False, True) for pair in zip(is_sent, is_sent[1:]))

    monkeypatch.setattr(ProcessConnections, "set_up", recorded)
    with path.open("wb") as recording:
        yield count


@pytest.fixture
def database(postgres, new_database, trips):
    """A database where the place of the extension is known, as after the first search."""
    url = new_database()
    postgres.execute("CREATE EXTENSION IF NOT EXISTS vector", url)
    with closing(Database(Address(f"{url}&pool_size=1"))) as opened:
        opened.execute("SELECT 1")
        yield opened


def ask(connection, count):
    """Ask questions of which each needs the answer to the one before."""
    return [connection.execute(ONE, [number]).fetchall() for number in range(count)]


def test_one_question_is_one_trip(database, trips):
    for _ in range(PREPARED_AFTER):
        database.execute(ONE, [1])
    assert trips(lambda: database.execute(ONE, [1]).fetchall()) == 1


@pytest.mark.parametrize("lock", [None, SHARED_LOCK])
@pytest.mark.parametrize("questions", [1, 3])
def test_a_snapshot_costs_a_trip_for_each_answer_and_one_for_its_end(
    database, trips, questions, lock
):
    run = lambda: database.query(lambda connection: ask(connection, questions), lock=lock)  # noqa: E731
    for _ in range(PREPARED_AFTER):
        run()
    assert trips(run) == questions + 1


def test_questions_that_are_asked_together_are_one_trip(database, trips):
    def run():
        cursors = database.query(lambda c: [c.execute(ONE, [number]) for number in range(5)])
        assert [cursor.fetchall() for cursor in cursors] == [[(number,)] for number in range(5)]

    for _ in range(PREPARED_AFTER):
        run()
    assert trips(run) == 1


@pytest.mark.parametrize("questions", [0, 1, 2])
def test_what_is_written_goes_with_the_commit(database, trips, questions):
    def work(connection):
        ask(connection, questions)
        for name in "abc":
            put = "INSERT INTO memoryos.settings VALUES (%s, %s) ON CONFLICT DO NOTHING"
            connection.execute(put, [f"test {name}", "x"])

    for _ in range(PREPARED_AFTER):
        database.write(work)
    assert trips(lambda: database.write(work)) == questions + 1
    delete = "DELETE FROM memoryos.settings WHERE name LIKE 'test %' RETURNING name"
    assert len(database.write(lambda c: c.execute(delete).fetchall())) == 3


# No more than this, with the statements of today. Asked for the seventh time: all is prepared.
MOST = {"create": 3, "create with key": 3, "get": 1, "list": 1, "search": 5, "update": 4, "tags": 2}


@needs_direct_connection  # pgbouncer sends messages of its own between
@pytest.mark.parametrize("operation", MOST)
def test_operations_take_few_trips(start, user_of, new_database, trips, operation):
    user = user_of(start(f"{new_database()}&pool_size=1"))
    memory = user.create("Ada likes tea", tier="long", metadata={"tags": ["tea", "ada"]})
    calls = {
        "create": lambda: user.create("Bo likes coffee", metadata={"tags": ["tea", "ada"]}),
        "create with key": lambda: user.create("Cy likes milk", key=uuid.uuid4().hex),
        "get": lambda: user.get(memory["id"]),
        "list": user.list,
        "search": lambda: user.search("tea", threshold=0),
        "update": lambda: user.update(memory["id"], tier="medium"),
        "tags": user.tags,
    }
    for _ in range(PREPARED_AFTER):
        calls[operation]()
    assert trips(calls[operation]) <= MOST[operation]
