"""Restoring a backup: the old state or the new one, never a mix of both."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from memoryos_server.model.errors import ServiceError
from memoryos_server.stores.sqlite import exclusive_use
from memoryos_server.stores.sqlite import restore as restore_module
from memoryos_server.stores.sqlite.backup import BackupError, back_up
from memoryos_server.stores.sqlite.backup_mark import is_marked
from memoryos_server.stores.sqlite.restore import restore

posix_only = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")

# A process that stores a memory and is killed, so that its log stays.
KILLED_WRITER = """
import os, signal, sys
from memoryos_server.model.caller import Caller
from memoryos_server.service.operations import open_service
service = open_service(sys.argv[1], embedder=None)
for text in sys.argv[2:]:
    body = {"content": text, "tier": "long", "content_type": "text"}
    service.create_memory(Caller("default", frozenset({"*"})), {}, body)
os.kill(os.getpid(), signal.SIGKILL)
"""

# A process that restores and is killed at one of its steps.
KILLED_RESTORE = """
import os, signal, sys
from pathlib import Path
from memoryos_server.stores.sqlite import exclusive_use, restore
backup, target, step, after = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
module = restore if hasattr(restore, step) else exclusive_use
act = getattr(module, step)
def killed(*arguments, **options):
    if after == "after":
        act(*arguments, **options)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(module, step, killed)
restore.restore(backup, target, lambda _: True)
"""


@pytest.fixture
def data(tmp_path):
    return tmp_path / "live" / "memories.db"


@pytest.fixture
def backup(tmp_path, start, user_of):
    """A backup of two memories and a key."""
    source = tmp_path / "source.db"
    user = user_of(start(source))
    for text in ("Ada likes tea", "Bo plays chess"):
        user.create(text, tier="long", metadata={"tags": ["saved"]})
    user.service.create_key(owner="ada")
    path = tmp_path / "backup.db"
    back_up(source, path)
    return path


SAVED = {"Ada likes tea", "Bo plays chess"}


def write_and_be_killed(path, *texts):
    command = [sys.executable, "-c", KILLED_WRITER, str(path), *texts]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def contents(start, user_of, path):
    with closing(start(path)) as service:
        return {memory["content"] for memory in user_of(service).list(limit=100)}


def beside(path):
    return sorted(item.name for item in path.parent.iterdir())


@pytest.mark.parametrize("old", ["none", "closed", "log", "empty", "garbage", "cut off"])
def test_a_backup_takes_the_place_of_whatever_is_there(start, user_of, data, backup, old):
    data.parent.mkdir()
    if old == "log":
        write_and_be_killed(data, "old one", "old two")
        assert data.with_name("memories.db-wal").stat().st_size > 0
    elif old in ("closed", "cut off"):
        with closing(start(data)) as service:
            user_of(service).create("old", tier="long")
    if old == "cut off":
        os.truncate(data, 5000)
    elif old == "empty":
        data.touch()
    elif old == "garbage":
        data.write_bytes(b"no database " * 1000)
    done = restore(backup, data, lambda _: True)
    assert beside(data) == ["memories.db"]
    assert (done.backup.memories, done.backup.keys) == (2, 1)
    replaced = {"closed": 1, "log": 2}.get(old)
    assert (done.replaced and done.replaced.memories) == replaced
    assert contents(start, user_of, data) == SAVED
    assert contents(start, user_of, backup) == SAVED  # the backup itself is unchanged


def test_a_copy_beside_an_old_log_is_refused_and_can_be_restored(start, user_of, data, backup):
    write_and_be_killed(data, "old")
    shutil.copyfile(backup, data)
    log = data.with_name("memories.db-wal").read_bytes()
    for _ in range(2):
        with pytest.raises(ServiceError, match=r"memories.db-wal .* `memoryos restore") as refused:
            user_of(start(data)).list()
        assert refused.value.status == 500
    assert data.with_name("memories.db-wal").read_bytes() == log
    restore(data, data, lambda _: True)
    assert contents(start, user_of, data) == SAVED


def test_a_copy_beside_a_rollback_journal_is_refused(start, user_of, data, backup):
    data.parent.mkdir()
    shutil.copyfile(backup, data)
    data.with_name("memories.db-journal").write_bytes(b"\xd9\xd5\x05\xf9 \xa1c\xd7" + bytes(504))
    with pytest.raises(ServiceError, match=r"memories\.db-journal"):
        user_of(start(data)).list()
    restore(backup, data, lambda _: True)
    assert contents(start, user_of, data) == SAVED


def test_a_copy_without_a_log_is_opened_and_then_is_a_database_like_others(
    start, user_of, data, backup
):
    data.parent.mkdir()
    shutil.copyfile(backup, data)
    assert is_marked(data)
    user = user_of(start(data))
    user.create("new", tier="long")
    assert not is_marked(data)
    assert contents(start, user_of, data) == {*SAVED, "new"}  # while the first one is open


def test_several_processes_open_a_copy_at_once(start, user_of, data, backup):
    data.parent.mkdir()
    for _ in range(2):
        for path in data.parent.iterdir():
            path.unlink()
        shutil.copyfile(backup, data)
        program = KILLED_WRITER.replace("os.kill(os.getpid(), signal.SIGKILL)", "service.close()")
        command = [sys.executable, "-c", program, str(data)]
        writers = [
            subprocess.Popen([*command, f"text {number}"], stderr=subprocess.PIPE, text=True)
            for number in range(3)
        ]
        errors = [writer.communicate()[1] for writer in writers]
        assert errors == [""] * 3
        assert len(contents(start, user_of, data)) == 5


@pytest.mark.parametrize("where", ["this process", "another process"])
def test_a_database_in_use_is_not_replaced(start, user_of, data, backup, where):
    """Also while the program that has it open is idle."""
    if where == "this process":
        program = start(data)
        user_of(program).create("in use", tier="long")
        stop = program.close
    else:
        code = KILLED_WRITER.replace(
            "os.kill(os.getpid(), signal.SIGKILL)", "print(1, flush=True); input(); service.close()"
        )
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", code, str(data), "in use"]
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        assert process.stdout.readline() == "1\n"
        stop = lambda: process.communicate("\n")  # noqa: E731
    before = beside(data)
    with pytest.raises(BackupError, match=r"a program has .*memories.db open; stop the server"):
        restore(backup, data, lambda _: True)
    with pytest.raises(BackupError, match=r"log|open"):
        back_up(backup, data, force=True)
    assert beside(data) == before
    stop()
    assert contents(start, user_of, data) == {"in use"}
    restore(backup, data, lambda _: True)
    assert contents(start, user_of, data) == SAVED


@posix_only
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["_empty_log", "replace_file", "_remove_logs", "sync"])
def test_a_killed_restoration_leaves_the_old_database_or_the_new_one(
    start, user_of, data, backup, step, when
):
    write_and_be_killed(data, "old one", "old two")
    module = restore_module if hasattr(restore_module, step) else exclusive_use
    assert hasattr(module, step)
    command = [sys.executable, "-c", KILLED_RESTORE, str(backup), str(data), step, when]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    is_new = (step, when) not in {
        ("_empty_log", "before"),
        ("_empty_log", "after"),
        ("replace_file", "before"),
    }
    assert contents(start, user_of, data) == (SAVED if is_new else {"old one", "old two"})
    restore(backup, data, lambda _: True)
    assert contents(start, user_of, data) == SAVED


def test_what_is_no_sound_backup_is_refused_and_costs_nothing(start, user_of, data, backup):
    with closing(start(data)) as service:
        user_of(service).create("kept", tier="long")
    before = data.read_bytes()
    damaged, other, newer = (backup.with_name(name) for name in ("bad", "other", "newer"))
    pages = bytearray(backup.read_bytes())
    pages[8 * 4096 :] = bytes(len(pages) - 8 * 4096)
    damaged.write_bytes(pages)
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE memories (x)")
    shutil.copyfile(backup, newer)
    with closing(sqlite3.connect(newer)) as connection:
        connection.execute("PRAGMA user_version = 99")
    for path, message in (
        (damaged, "damaged|malformed"),
        (other, "not made by Memory OS"),
        (newer, "newer Memory OS"),
        (backup.with_name("missing"), "there is no file"),
        (backup.parent, "is a folder"),
        (data, "is the database itself"),
    ):
        with pytest.raises(BackupError, match=message):
            restore(path, data, lambda _: pytest.fail("asked"))
    assert data.read_bytes() == before
    assert beside(data) == ["memories.db"]


def test_a_database_of_another_program_is_not_replaced(data, backup):
    data.parent.mkdir()
    with closing(sqlite3.connect(data)) as connection:
        connection.execute("CREATE TABLE bookmarks (url)")
    before = data.read_bytes()
    with pytest.raises(BackupError, match="is the database of another program"):
        restore(backup, data, lambda _: pytest.fail("asked"))
    assert data.read_bytes() == before
    assert beside(data) == ["memories.db"]


def test_nothing_happens_without_confirmation(start, user_of, data, backup):
    with closing(start(data)) as service:
        user_of(service).create("kept", tier="long")
    before = data.read_bytes()
    assert restore(backup, data, lambda _: False) is None
    assert data.read_bytes() == before
    assert beside(data) == ["memories.db"]


@posix_only
def test_permissions_and_links_stay(start, user_of, data, backup):
    with closing(start(data)) as service:
        user_of(service).create("old", tier="long")
    data.chmod(0o640)
    link = data.with_name("link.db")
    link.symlink_to(data.name)
    restore(backup, link, lambda _: True)
    assert link.is_symlink()
    assert stat.S_IMODE(data.stat().st_mode) == 0o640
    assert contents(start, user_of, link) == SAVED
    new = data.with_name("new.db")
    restore(backup, new, lambda _: True)
    assert stat.S_IMODE(new.stat().st_mode) == 0o600


@pytest.mark.parametrize("suffix", ["-wal", "-shm", "-journal"])
@pytest.mark.parametrize("name", ["memories.db", "link.db"])
def test_a_backup_never_touches_a_database_with_a_log(
    start, user_of, data, backup, tmp_path, name, suffix
):
    with closing(start(data)) as service:
        user_of(service).create("kept", tier="long")
    Path(f"{data}{suffix}").write_bytes(b"log")
    if name == "link.db":
        data.with_name(name).symlink_to(data.name)
    before = data.read_bytes()
    with pytest.raises(BackupError, match=f"memories.db{suffix}"):
        back_up(tmp_path / "source.db", data.with_name(name), force=True)
    assert data.read_bytes() == before
    data.unlink()
    with pytest.raises(BackupError, match=f"memories.db{suffix}"):
        back_up(tmp_path / "source.db", data)
    assert not data.exists()


def test_a_backup_of_a_backup_is_one(start, user_of, backup, tmp_path):
    second = tmp_path / "second.db"
    back_up(backup, second)
    assert is_marked(second)
    assert is_marked(backup)
    assert contents(start, user_of, second) == SAVED


def test_a_backup_without_the_mark_is_restored(start, user_of, data, tmp_path, backup):
    """As earlier versions and other tools make them."""
    plain = tmp_path / "plain.db"
    with closing(sqlite3.connect(tmp_path / "source.db")) as source:
        source.execute("VACUUM INTO ?", (str(plain),))
    assert not is_marked(plain)
    restore(plain, data.parent.parent / "new.db", lambda _: True)
    assert contents(start, user_of, data.parent.parent / "new.db") == SAVED
