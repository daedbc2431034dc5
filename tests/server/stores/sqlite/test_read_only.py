"""A file that can be read but not written: every read works, every write is refused at once."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import traceback
from contextlib import closing
from pathlib import Path

import pytest

from memoryos import MemoryOS, PermissionDeniedError
from memoryos_server.model.errors import ReadOnlyStoreError, ServiceError
from memoryos_server.stores.sqlite.backup import back_up
from memoryos_server.stores.sqlite.backup_mark import APPLICATION_ID, is_marked

from .test_restore import KILLED_WRITER

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
NOBODY = 65534
TEXTS = {"Ada likes tea", "Bo plays chess"}


def as_nobody(act):
    """Run `act` in a child process without root's rights; return whether it went well."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            act()
            status = 0
        except BaseException:  # noqa: BLE001 - the parent sees the status
            traceback.print_exc()
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1] == 0


@pytest.fixture
def folder():
    """A folder that other users can reach; pytest's own is for one user only."""
    with tempfile.TemporaryDirectory() as parent:
        Path(parent).chmod(0o755)
        path = Path(parent) / "shared"
        path.mkdir(mode=0o755)
        yield path
        for item in (path, *path.iterdir()):
            item.chmod(0o755)


def fill(path, state, start, user_of):
    if state == "log":
        command = [sys.executable, "-c", KILLED_WRITER, str(path), *sorted(TEXTS)]
        assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
        path.with_name(path.name + "-shm").unlink()  # as a copy of the file and its log
        return
    with closing(start(path)) as service:
        for text in sorted(TEXTS):
            user_of(service).create(text, tier="long", metadata={"tags": ["saved"]})
    if state == "backup":
        other = path.with_name("other.db")
        back_up(path, other)
        other.replace(path)


def lock(path, *, whole_folder):
    for item in path.parent.iterdir():
        item.chmod(0o444)
    if whole_folder:
        path.parent.chmod(0o555)


@pytest.mark.parametrize("whole_folder", [True, False])
@pytest.mark.parametrize("state", ["closed", "log", "backup"])
def test_reads_work_count_no_access_and_leave_nothing_behind(
    folder, start, user_of, state, whole_folder
):
    path = folder / "m.db"
    fill(path, state, start, user_of)
    lock(path, whole_folder=whole_folder)
    before = {item.name: item.read_bytes() for item in folder.iterdir()}

    def read():
        user = user_of(start(path, embedder=None))
        memories = user.list()
        assert {memory["content"] for memory in memories} == TEXTS
        for _ in range(3):
            assert user.get(memories[0]["id"])["access_count"] == 0
        assert user.found("tea", threshold=0.1) == ["Ada likes tea"]
        assert "Bo plays chess" in user.context("chess")["context"]
        assert user.page(min_relevance=0.01).meta["total"] == 2
        assert user.service.list_keys() == []
        for write in (
            lambda: user.create("new"),
            lambda: user.update(memories[0]["id"], tier="short"),
            lambda: user.delete(memories[0]["id"]),
            lambda: user.create_entity("Ada"),
            user.service.create_key,
        ):
            with pytest.raises(ReadOnlyStoreError, match=r"m\.db is read-only"):
                write()
        back_up(path, folder.parent / "copy.db")
        user.service.close()

    (folder.parent).chmod(0o777)
    assert as_nobody(read)
    assert {item.name: item.read_bytes() for item in folder.iterdir()} == before
    assert is_marked(path) == (state == "backup")
    folder.chmod(0o755)
    copy = folder.parent / "copy.db"
    if os.geteuid() == 0:
        os.chown(copy, 0, 0)
    assert {memory["content"] for memory in user_of(start(copy)).list()} == TEXTS


def test_search_by_meaning_works(folder, start, user_of):
    """Also with memories that were stored without an embedder, whose vectors can't be stored."""
    path = folder / "m.db"
    with closing(start(path, embedder=None)) as service:
        for text in sorted(TEXTS):
            user_of(service).create(text, tier="long")
    lock(path, whole_folder=True)

    def read():
        user = user_of(start(path))
        for text in TEXTS:
            for _ in range(2):
                assert user.found(text, threshold=0.9) == [text]

    assert as_nobody(read)


def test_the_sdk_raises_one_error_without_retries(folder):
    path = folder / "m.db"
    with MemoryOS.local(str(path), embedder="none") as memory:
        memory.memories.create("Ada likes tea", tier="long")
    lock(path, whole_folder=True)

    def read():
        with MemoryOS.local(str(path), embedder="none") as memory:
            exported = path.parent.parent / "out.jsonl"
            assert memory.memories.export(str(exported)) == 1
            with pytest.raises(PermissionDeniedError, match="read-only") as refused:
                memory.memories.create("new")
            assert (refused.value.code, refused.value.attempts) == ("READ_ONLY", 1)

    folder.parent.chmod(0o777)
    assert as_nobody(read)


@pytest.mark.parametrize("state", ["empty", "older"])
def test_a_file_that_lacks_tables_is_refused_without_retries(folder, state):
    path = folder / "m.db"
    path.touch()
    if state == "older":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE settings (name)")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute("PRAGMA user_version = 1")
    lock(path, whole_folder=True)

    def write():
        with MemoryOS.local(str(path), embedder="none") as memory:
            with pytest.raises(PermissionDeniedError, match="read-only") as refused:
                memory.memories.create("new")
            assert (refused.value.code, refused.value.attempts) == ("READ_ONLY", 1)

    folder.parent.chmod(0o777)
    assert as_nobody(write)


def test_a_program_that_writes_meanwhile_is_seen(folder, start, user_of):
    """A reader without the right to write sees the writes of another program."""
    path = folder / "m.db"
    writer = user_of(start(path))
    writer.create("one", tier="long")
    folder.chmod(0o555)
    for item in folder.iterdir():
        item.chmod(0o644)
    requests, answers = os.pipe(), os.pipe()

    def read():
        user = user_of(start(path, embedder=None))
        for _ in range(3):
            os.write(answers[1], bytes([user.page().meta["total"]]))
            os.read(requests[0], 1)

    child = os.fork()
    if child == 0:
        os._exit(0 if as_nobody(read) else 1)
    os.close(answers[1])
    assert os.read(answers[0], 1) == b"\x01"
    writer = user_of(start(path))
    writer.create("two", tier="long")
    os.write(requests[1], b".")
    assert os.read(answers[0], 1) == b"\x02"
    writer.service.close()
    os.write(requests[1], b".")
    assert os.read(answers[0], 1) == b"\x02"
    os.write(requests[1], b".")
    assert os.waitpid(child, 0)[1] == 0


def test_a_backup_beside_another_log_is_refused(folder, start, user_of):
    path = folder / "m.db"
    fill(path, "backup", start, user_of)
    path.with_name("m.db-wal").write_bytes(b"another log")
    lock(path, whole_folder=True)

    def read():
        with pytest.raises(ServiceError, match="memoryos restore"):
            user_of(start(path, embedder=None)).list()

    assert as_nobody(read)


@pytest.mark.parametrize("state", ["closed", "log"])
def test_a_read_only_mount(tmp_path, start, user_of, state):
    """Root may do everything but write to such a mount."""
    inner, mount = tmp_path / "inner", tmp_path / "mount"
    inner.mkdir()
    mount.mkdir()
    fill(inner / "m.db", state, start, user_of)
    if not sys.platform.startswith("linux") or os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root on Linux can mount a folder")
    mounting = subprocess.run(["mount", "--bind", inner, mount], check=False, capture_output=True)
    if mounting.returncode != 0:
        pytest.skip("this machine lets nobody mount")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", mount], check=True)
        with closing(start(mount / "m.db")) as service:
            user = user_of(service)
            assert {memory["content"] for memory in user.list()} == TEXTS
            assert user.found("Ada likes tea")[0] == "Ada likes tea"
            with pytest.raises(ReadOnlyStoreError):
                user.create("new")
    finally:
        subprocess.run(["umount", mount], check=True)
