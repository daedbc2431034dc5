"""Disks that are full or can't be written, files that are locked or damaged.

A disk is full here because it is small: a file system of two megabytes in memory, where the tests
run as root and may mount one, and a limit on the size of files (RLIMIT_FSIZE) everywhere.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest

from memoryos_server.embedders import named_embedder
from memoryos_server.model.caller import Caller
from memoryos_server.model.errors import ServiceError
from memoryos_server.service.operations import open_service
from memoryos_server.stores.sqlite.store import SQLiteStore

from .inspection import assert_sound, stored
from .served import LONG, TRIED, refusal, serving

DISK_BYTES = 2_000_000
DAMAGED_FILES = 300 if LONG else 40

# `memoryos serve` whose files may not grow beyond the size of the disk.
LIMITED_SERVE = f"""
import resource, sys
from memoryos._cli.main import main
resource.setrlimit(resource.RLIMIT_FSIZE, ({DISK_BYTES}, {DISK_BYTES}))
sys.exit(main(["serve", *sys.argv[1:]]))
"""


@contextlib.contextmanager
def mounted(folder):
    """Mount a small file system in memory; skip where that is not allowed."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a small disk")
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "memoryos-test", str(folder)]
    mounting = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounting.returncode != 0:
        pytest.skip(f"this machine lets nobody mount: {mounting.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(client):
    """Create memories until one is refused; return those that were not, and the refusal."""
    created = {}
    for number in range(10_000):
        content = f"memory {number} " + "of some length " * 200
        status, envelope = client.call("POST", "/memories", {"content": content, "tier": "long"})
        if status != 200:
            return created, status, envelope
        created[envelope["data"]["id"]] = content
    pytest.fail("the disk never was full")


def test_a_full_disk_is_said_to_be_full_and_nothing_acknowledged_is_lost(tmp_path):
    """A clear 503; what is stored can be read; when there is room again, writing goes on."""
    with mounted(tmp_path / "disk") as disk:
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(400_000))
        data = disk / "m.db"
        with serving(data) as server, closing(server.client()) as client:
            created, status, envelope = fill(client)
            assert (status, envelope["error"]["code"]) == (503, "UNAVAILABLE")
            assert "full" in envelope["error"]["message"]
            assert str(disk) not in str(envelope)
            assert len(created) > 10
            assert client.call("GET", "/memories")[1]["meta"]["total"] == len(created)
            some = next(iter(created))
            assert client.done("GET", f"/memories/{some}")["content"] == created[some]
            ballast.unlink()
            more = client.done("POST", "/memories", {"content": "room again", "tier": "long"})
        created[more["id"]] = "room again"
        assert stored(data) == created
        assert_sound(data)


def test_a_start_on_a_full_disk_is_refused_in_one_line(tmp_path):
    """And a start after there is room again finds all that was there."""
    with mounted(tmp_path / "disk") as disk:
        data = disk / "m.db"
        with serving(data) as server, closing(server.client()) as client:
            made = client.done("POST", "/memories", {"content": "kept", "tier": "long"})
        room = shutil.disk_usage(disk).free
        (disk / "ballast").write_bytes(bytes(room))
        line = refusal(data)
        assert "m.db" in line
        (disk / "ballast").unlink()
        with serving(data):
            assert stored(data) == {made["id"]: "kept"}


@pytest.mark.skipif(os.name != "posix", reason="this system has no RLIMIT_FSIZE")
def test_a_file_that_may_not_grow_is_a_clear_error_and_loses_nothing(tmp_path):
    """The limit strikes in the middle of a write, wherever the log happens to end."""
    data = tmp_path / "m.db"
    with serving(data, program=("-c", LIMITED_SERVE)) as server, closing(server.client()) as client:
        created, status, envelope = fill(client)
        assert (status, envelope["error"]["code"]) == (503, "UNAVAILABLE")
        assert "disk" in envelope["error"]["message"].lower()
        assert client.call("GET", "/memories")[1]["meta"]["total"] == len(created)
    with serving(data) as server, closing(server.client()) as client:
        more = client.done("POST", "/memories", {"content": "no limit", "tier": "long"})
    created[more["id"]] = "no limit"
    assert stored(data) == created
    assert_sound(data)


def test_a_disk_that_turns_read_only_refuses_writes_and_answers_reads(tmp_path):
    """As a failing disk does; when it can be written again, nothing is missing."""
    with mounted(tmp_path / "disk") as disk:
        data = disk / "m.db"
        with serving(data) as server, closing(server.client()) as client:
            made = client.done("POST", "/memories", {"content": "kept", "tier": "long"})
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with serving(data, api_key=server.api_key) as reader, closing(reader.client()) as client:
            assert client.done("GET", f"/memories/{made['id']}")["content"] == "kept"
            status, envelope = client.call("POST", "/memories", {"content": "not kept"})
            assert (status, envelope["error"]["code"]) == (403, "READ_ONLY")
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        with serving(data) as server, closing(server.client()) as client:
            assert client.done("GET", f"/memories/{made['id']}")["content"] == "kept"


def test_a_file_without_the_right_to_write_is_served_for_reading(tmp_path):
    """Reads are answered, and a write says that the file is read-only."""
    data = tmp_path / "m.db"
    with serving(data) as server:
        pass
    data.chmod(0o400)
    if os.access(data, os.W_OK):
        pytest.skip("this user may write everything")
    with serving(data, api_key=server.api_key) as reader, closing(reader.client()) as client:
        status, envelope = client.call("POST", "/memories", {"content": "not kept"})
        assert (status, "is read-only" in envelope["error"]["message"]) == (403, True)


def test_a_file_that_another_program_holds_is_waited_for(tmp_path):
    """A create waits until it is free, and is then done; a read waits for nobody."""
    data = tmp_path / "m.db"
    with serving(data) as server, closing(server.client()) as client:
        made = client.done("POST", "/memories", {"content": "before", "tier": "long"})
        with closing(sqlite3.connect(data, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            waiting = threading.Thread(
                target=lambda: answers.append(
                    second.done("POST", "/memories", {"content": "after", "tier": "long"})
                )
            )
            answers = []
            with closing(server.client()) as second:
                waiting.start()
                for _ in range(20):
                    client.done("GET", f"/memories/{made['id']}")
                    time.sleep(0.01)
                assert answers == []
                other.execute("ROLLBACK")
                waiting.join()
        assert stored(data) == {made["id"]: "before", answers[0]["id"]: "after"}


def test_a_file_that_stays_locked_is_refused_with_when_to_come_back(tmp_path):
    """At the first call too, where even opening it fails."""
    data = tmp_path / "m.db"
    with closing(open_service(data, embedder=None)) as service:
        service.create_key()
    with closing(sqlite3.connect(data, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        store = SQLiteStore(data, embedder=None, busy_timeout=0.05)
        with closing(store), pytest.raises(ServiceError) as refused:
            store.list_keys()
        assert (refused.value.status, refused.value.code) == (503, "UNAVAILABLE")
        assert "Another program" in refused.value.message
        assert refused.value.retry_after is not None
        other.execute("ROLLBACK")


@pytest.fixture(scope="module")
def sound_file(tmp_path_factory):
    """A file of some size, with everything in it that a file can have."""
    path = tmp_path_factory.mktemp("sound") / "m.db"
    with serving(path) as server, closing(server.client()) as client:
        for number in range(150):
            body = {"content": f"memory {number} of tea " * 20, "tier": "long"}
            client.done("POST", "/memories", {**body, "metadata": {"tags": [f"t{number % 9}"]}})
        client.done("POST", "/entities", {"name": "Ada", "type": "person"})
    return path


def calls(service):
    """Some of everything that a caller can ask."""
    caller = Caller("default", frozenset({"*"}))
    page = {"limit": 50, "offset": 0}
    search = {"query": "tea", "threshold": 0.0, "limit": 20}
    yield lambda: service.list_memories(caller, page)
    yield lambda: service.list_tags(caller, {**page, "sort": "name", "order": "asc"})
    yield lambda: service.list_entities(caller, page)
    yield lambda: service.search_memories(caller, {}, search)
    yield lambda: service.get_context(
        caller, {}, {"query": "tea", "max_tokens": 9, "format": "json"}
    )
    new = {"content": "new", "tier": "long", "content_type": "text"}
    yield lambda: service.create_memory(caller, {}, dict(new))


@contextlib.contextmanager
def catching(errors):
    try:
        yield
    except ServiceError as error:
        errors.append(error)


@pytest.mark.long
@pytest.mark.parametrize("embedder", ["hashing", "none"])
def test_a_damaged_file_answers_or_says_that_it_is_damaged(tmp_path, sound_file, embedder):
    """Bytes changed anywhere: an answer, or an error that says so; never another exception."""
    whole, chance = sound_file.read_bytes(), random.Random(5)
    refusals = []
    for number in range(DAMAGED_FILES):
        data = tmp_path / f"{number}d.db"
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 10, 100])):
            place = chance.randrange(len(damaged))
            damaged[place : place + 64] = chance.randbytes(64)
        data.write_bytes(damaged[: len(whole)])
        with closing(open_service(data, embedder=named_embedder(embedder))) as service:
            for call in calls(service):
                with catching(refusals):
                    call()
    assert {(error.status, error.code) for error in refusals} <= {
        (500, "INTERNAL_ERROR"),
        (503, "UNAVAILABLE"),
    }
    assert all("d.db" in error.message for error in refusals if error.status == 500)
    assert not any(str(tmp_path) in error.message for error in refusals)
    assert len(refusals) > DAMAGED_FILES / 4
    TRIED["damaged files opened"] += DAMAGED_FILES


def test_a_damaged_log_costs_what_was_not_yet_in_the_file_and_no_more(tmp_path, sound_file):
    """SQLite reads the log up to the first frame that is not whole."""
    data = tmp_path / "m.db"
    data.write_bytes(sound_file.read_bytes())
    before = stored(data)
    (tmp_path / "m.db-wal").write_bytes(random.Random(6).randbytes(100_000))
    with serving(data) as server, closing(server.client()) as client:
        client.done("POST", "/memories", {"content": "after it", "tier": "long"})
    assert before.items() <= stored(data).items()
    assert_sound(data)
