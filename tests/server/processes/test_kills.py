"""SIGKILL at random moments: what was acknowledged is there, and the file opens every time."""

from __future__ import annotations

import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from .inspection import assert_sound, stored
from .served import LONG, TRIED, LostError, Served, serving

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL"),
]

ROUNDS = 200 if LONG else 6
ROUNDS_AT_START = 40 if LONG else 4
WRITERS = 4
LONGEST_RUN = 0.5  # seconds of load before a kill
GONE = None


class Ledger:
    """What a writer knows of each of its memories: the last answer, and what was asked since."""

    def __init__(self):
        self.acknowledged = {}
        self.asked = {}

    def asks(self, memory_id, content):
        self.asked[memory_id] = content

    def is_answered(self, memory_id):
        self.acknowledged[memory_id] = self.asked.pop(memory_id)

    def check(self, contents):
        """Each memory is as acknowledged, or as it was last asked to be where no answer came."""
        for memory_id, content in self.acknowledged.items():
            possible = {content, self.asked.get(memory_id, content)}
            assert contents.get(memory_id, GONE) in possible
        # What was left open is settled by what is there.
        for memory_id in self.asked:
            self.acknowledged[memory_id] = contents.get(memory_id, GONE)
        self.asked = {}


class Writer:
    """Creates, changes and deletes memories until the server is gone, and keeps a ledger."""

    def __init__(self, name):
        self.name = name
        self.ledger = Ledger()
        self.answers = 0
        self._chance = random.Random(name)
        self._number = 0

    def run(self, client, started):
        try:
            while True:
                self._write(client)
                self.answers += 1
                started.set()
        except LostError:
            return
        finally:
            client.close()

    def _write(self, client):
        act = self._chance.choice([self._create, self._create, self._change, self._delete])
        act(client)

    def _create(self, client):
        self._number += 1
        key = f"{self.name}-{self._number}"
        body = {"content": f"made as {key}", "tier": "long", "metadata": {"tags": [self.name]}}
        made = client.done("POST", "/memories", body, Idempotency_Key=key)
        self.ledger.asks(made["id"], body["content"])
        self.ledger.is_answered(made["id"])

    def _living(self):
        living = [name for name, content in self.ledger.acknowledged.items() if content is not GONE]
        return self._chance.choice(living[-20:]) if living else None

    def _change(self, client):
        memory_id = self._living()
        if memory_id is None:
            return
        self._number += 1
        content = f"changed as {self.name}-{self._number}"
        self.ledger.asks(memory_id, content)
        client.done("PATCH", f"/memories/{memory_id}", {"content": content})
        self.ledger.is_answered(memory_id)

    def _delete(self, client):
        memory_id = self._living()
        if memory_id is None:
            return
        self.ledger.asks(memory_id, GONE)
        client.done("DELETE", f"/memories/{memory_id}")
        self.ledger.is_answered(memory_id)


def run_until_killed(server, writers, seconds):
    """Let the writers write for some time, kill the server in the middle, and wait for them."""
    started = threading.Event()
    with ThreadPoolExecutor(len(writers)) as threads:
        runs = [threads.submit(writer.run, server.client(), started) for writer in writers]
        started.wait(60)
        time.sleep(seconds)
        server.kill()
        for run in runs:
            run.result()


def test_no_acknowledged_write_is_lost_and_the_file_opens_every_time(tmp_path):
    """Creates, changes and deletes from four connections, round after round on one file."""
    data = tmp_path / "m.db"
    chance = random.Random(0)
    writers = [Writer(f"w{number}") for number in range(WRITERS)]
    for _ in range(ROUNDS):
        server = Served(data).wait_until_ready()
        contents = stored(data)
        for writer in writers:
            writer.ledger.check(contents)
        run_until_killed(server, writers, chance.uniform(0, LONGEST_RUN))
    with serving(data) as server:
        contents = stored(data)
        for writer in writers:
            writer.ledger.check(contents)
        assert_all_are_found(server, contents)
    assert_sound(data)
    answers = sum(writer.answers for writer in writers)
    assert answers > ROUNDS
    TRIED["kills under load survived"] += ROUNDS
    TRIED["writes acknowledged before a kill, none lost"] += answers


def assert_all_are_found(server, contents):
    """By the program's own means as well: counted, and the newest found by their text."""
    client = server.client()
    status, page = client.call("GET", "/memories?limit=100")
    assert status == 200
    assert page["meta"]["total"] == len(contents)
    for memory in page["data"][:5]:
        search = {"query": memory["content"], "threshold": 0.99, "limit": 100}
        found = client.done("POST", "/search", search)["results"]
        assert memory["id"] in [result["id"] for result in found]
    client.close()


def test_a_kill_at_any_moment_of_the_start_leaves_a_file_that_opens(tmp_path):
    """While the file is made, the tables, the first key; then it serves as if nothing had been."""
    started = time.monotonic()
    with serving(tmp_path / "measured.db"):
        longest = time.monotonic() - started
    chance = random.Random(1)
    for round_ in range(ROUNDS_AT_START):
        data = tmp_path / f"{round_}.db"
        server = Served(data)
        time.sleep(chance.uniform(longest / 4, longest))
        server.kill()
        with serving(data) as again:
            client = again.client()
            made = client.done("POST", "/memories", {"content": "Ada", "tier": "long"})
            client.close()
        assert stored(data) == {made["id"]: "Ada"}
        assert_sound(data)
    TRIED["kills during the start survived"] += ROUNDS_AT_START
