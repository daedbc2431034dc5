"""Backups of a running server, kills in the middle of one, and disks that are full."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing

import pytest

from .inspection import assert_sound, stored
from .served import LONG, PATIENCE_SECONDS, Served, refusal, serving
from .test_disks import mounted

KILLS = 40 if LONG else 6
COMMAND = (sys.executable, "-W", "error", "-m", "memoryos", "backup")


def wait_for_backups(folder, count=1):
    """Return the backups in a folder as soon as there are so many."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(found := sorted(folder.glob("m-*.db"))) < count or not found[-1].stat().st_size:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def filled(data, memories=20):
    """Store some memories in a new file, and return them and a key."""
    with serving(data) as server, closing(server.client()) as client:
        for number in range(memories):
            content = f"memory {number} " + "of some length " * 200
            client.done("POST", "/memories", {"content": content, "tier": "long"})
        return stored(data), server.api_key


def test_a_server_makes_backups_and_none_too_many(tmp_path):
    """One at the first start; not one more at the next, which is within the interval."""
    data, folder = tmp_path / "m.db", tmp_path / "backups"
    folder.mkdir()
    options = ("--backup-dir", str(folder), "--backup-every", "1d")
    with serving(data, *options) as server:
        (backup,) = wait_for_backups(folder)
        key = server.api_key
    with serving(data, *options, api_key=key) as server, closing(server.client()) as client:
        client.done("GET", "/memories")
    assert wait_for_backups(folder) == [backup]
    assert_sound(backup)
    with serving(backup, api_key=key) as server, closing(server.client()) as client:
        client.done("GET", "/memories")


def test_a_backup_that_fails_is_logged_and_stops_no_server(tmp_path):
    """Here the lock can't be taken, since a folder has its name."""
    data, folder = tmp_path / "m.db", tmp_path / "backups"
    folder.mkdir()
    with serving(data) as server:
        key = server.api_key
    with serving(data, "--backup-dir", str(folder), api_key=key) as server:
        (backup,) = wait_for_backups(folder)
        server.stop()
    lock = next(folder.glob(".m-*.lock"))
    lock.unlink()
    lock.mkdir()
    backup.rename(folder / "m-moved.db.old")
    with serving(data, "--backup-dir", str(folder), api_key=key) as server:
        error = f"no backup in {folder}: {lock} can't be written: unable to open database file"
        assert f"ERROR {error}; there is none yet\n" in server.process.stderr.readline()
        with closing(server.client()) as client:
            client.done("POST", "/memories", {"content": "as always", "tier": "long"})


def test_two_servers_with_one_folder_make_one_backup(tmp_path):
    """Whichever is first: the other one finds it, and says nothing."""
    data, folder = tmp_path / "m.db", tmp_path / "backups"
    folder.mkdir()
    filled(data, memories=1)
    options = ("--backup-dir", str(folder))
    servers = [Served(data, *options, api_key="unused") for _ in range(2)]
    for server in servers:
        server.wait_until_ready()
    (backup,) = wait_for_backups(folder)
    for server in servers:
        # The second one can have waited for the lock only if it is asked to stop after the first.
        assert server.stop() == ""
    assert [file for file in folder.glob("m-*.db") if file.stat().st_size] == [backup]


def test_a_folder_that_can_not_be_used_stops_the_start(tmp_path):
    """Before a key is made, so that nobody believes in backups that aren't made."""
    line = refusal(tmp_path / "m.db", "--backup-dir", str(tmp_path / "none"))
    assert line == (
        f"memoryos serve: there is no folder {tmp_path / 'none'} for backups; create it first\n"
    )
    assert list(tmp_path.iterdir()) == []
    assert "--backup-dir: :memory: can't be backed up" in refusal(
        ":memory:", "--backup-dir", str(tmp_path)
    )


@pytest.mark.skipif(os.name != "posix", reason="this system has no SIGKILL")
def test_kills_leave_whole_backups_and_nothing_for_long(tmp_path):
    """Whenever the process is killed. The next backup removes what was left."""
    data, folder = tmp_path / "m.db", tmp_path / "backups"
    folder.mkdir()
    memories, _ = filled(data)
    command = [*COMMAND, str(folder), "--data", str(data), "--keep", "2"]
    begun = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    seconds, chance = time.monotonic() - begun, random.Random(8)
    for _ in range(KILLS):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(chance.uniform(0.5, 1.1) * seconds)
            process.kill()
        kept = [file for file in folder.glob("m-*.db") if file.stat().st_size]
        assert kept
        for file in kept:
            assert_sound(file)
            assert stored(file) == memories
    subprocess.run(command, check=True, capture_output=True)
    names = sorted(file.name for file in folder.iterdir())
    assert len(names) == 3, names
    assert names[0].endswith(".lock")


@pytest.mark.skipif(os.name != "posix", reason="Windows ends a process without a signal")
def test_a_killed_server_leaves_no_process_behind(tmp_path):
    """The process of a backup ends by itself; a stopped server ends it."""
    data, folder = tmp_path / "m.db", tmp_path / "backups"
    folder.mkdir()
    with serving(data, "--backup-dir", str(folder)) as server:
        server.kill()
    with serving(data, "--backup-dir", str(folder), "--backup-keep", "1") as server:
        backups = wait_for_backups(folder)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE_SECONDS) == 0
    for file in backups:
        assert_sound(file)


def test_a_full_disk_keeps_the_backups_that_are_there(tmp_path):
    """The error says so; with room again, the next backup is made and nothing else is left."""
    data = tmp_path / "m.db"
    memories, _ = filled(data)
    with mounted(tmp_path / "disk") as disk:
        command = [*COMMAND, str(disk), "--data", str(data), "--keep", "1"]
        subprocess.run(command, check=True, capture_output=True)
        (first,) = disk.glob("m-*.db")
        (disk / "ballast").write_bytes(bytes(shutil.disk_usage(disk).free - 100_000))
        failed = subprocess.run(command, check=False, capture_output=True, text=True)
        assert failed.returncode == 1
        assert "full" in failed.stderr
        assert failed.stderr.count("\n") == 1
        assert stored(first) == memories
        assert len(list(disk.iterdir())) == 3
        (disk / "ballast").unlink()
        subprocess.run(command, check=True, capture_output=True)
        (second,) = disk.glob("m-*.db")
        assert second != first
        assert stored(second) == memories


def test_the_command_makes_backups_at_intervals_until_it_is_stopped(tmp_path):
    """With status 0, after one line for each."""
    data, folder = tmp_path / "m.db", tmp_path / "backups"
    folder.mkdir()
    filled(data, memories=1)
    command = [*COMMAND, str(folder), "--data", str(data), "--every", "6h"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        line = process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
        assert process.stderr.read() == ""
    (backup,) = folder.glob("m-*.db")
    assert line == f"{backup}: 1 memory, 1 key, {backup.stat().st_size:,} bytes, checked\n"
    assert_sound(backup)
