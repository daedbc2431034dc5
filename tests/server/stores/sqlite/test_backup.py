"""`memoryos backup`: whole, of one moment, private, and never in the place of something else."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest

from memoryos_server.stores.sqlite import backup as backup_module
from memoryos_server.stores.sqlite.backup import BackupError, back_up


@pytest.fixture
def source(tmp_path):
    return tmp_path / "m.db"


@pytest.fixture
def target(tmp_path):
    return tmp_path / "copies" / "m.bak"


@pytest.fixture(autouse=True)
def _folder(target):
    target.parent.mkdir()


def contents(user):
    return {memory["content"] for memory in user.list(limit=100)}


def left_beside(target):
    return sorted(path.name for path in target.parent.iterdir())


def test_a_copy_is_one_file_that_serves_as_the_database(start, user_of, source, target):
    """Memories, tags, keys and the text index; no log beside it."""
    user = user_of(start(source))
    user.create("Ada likes tea", tier="long", metadata={"tags": ["tea"]})
    key = user.service.create_key(owner="ada")
    made = back_up(source, target)
    assert (made.memories, made.keys, made.size) == (1, 1, target.stat().st_size)
    assert left_beside(target) == ["m.bak"]
    copy = start(target)
    assert user_of(copy).found("Ada likes tea") == ["Ada likes tea"]
    assert [tag["name"] for tag in user_of(copy).tags().data] == ["tea"]
    assert copy.authenticate(key).owner == "ada"
    with closing(start(target, embedder=None)) as by_words:
        assert user_of(by_words).found("tea", threshold=0.1) == ["Ada likes tea"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_only_this_user_can_read_a_copy(start, user_of, source, target):
    """It holds everything that the database holds."""
    user_of(start(source)).create("private")
    back_up(source, target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_copy_is_of_one_moment_while_others_write(start, user_of, source, target):
    """Each memory comes with its tag in one transaction: no copy has the one without the other."""
    user, stop = user_of(start(source)), threading.Event()
    acknowledged = []

    def write():
        name = f"n{len(acknowledged)}"
        user.create(name, tier="long", metadata={"tags": [name]})
        acknowledged.append(name)

    def write_on():
        while not stop.is_set():
            write()

    write()
    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        for _ in range(5):
            before = len(acknowledged)
            made = back_up(source, target, force=True)
            after = len(acknowledged)
            assert before <= made.memories <= after + 1
            with closing(start(target)) as copy:
                names = [tag["name"] for tag in user_of(copy).tags(limit=10**6).data]
                assert len(names) == made.memories
                assert set(acknowledged[:before]) <= set(names)
    finally:
        stop.set()
        writer.join()


def test_an_existing_file_is_replaced_only_on_purpose(start, user_of, source, target):
    """And then in one step."""
    user_of(start(source)).create("new", tier="long")
    target.write_text("precious")
    with pytest.raises(BackupError, match="--force"):
        back_up(source, target)
    assert target.read_text() == "precious"
    back_up(source, target, force=True)
    with closing(start(target)) as copy:
        assert contents(user_of(copy)) == {"new"}


def test_a_file_that_appears_meanwhile_is_not_replaced(start, user_of, source, target, monkeypatch):
    """The last look is the one that counts."""
    user_of(start(source)).create("new")
    copy = backup_module._copy

    def slow_copy(*arguments):
        copy(*arguments)
        target.write_text("precious")

    monkeypatch.setattr(backup_module, "_copy", slow_copy)
    with pytest.raises(BackupError, match="--force"):
        back_up(source, target)
    assert target.read_text() == "precious"
    assert left_beside(target) == ["m.bak"]


def test_the_database_is_never_copied_over_itself(start, user_of, source, tmp_path):
    """By whatever name."""
    user = user_of(start(source))
    user.create("Ada", tier="long")
    (tmp_path / "link.db").symlink_to(source)
    for same in (source, tmp_path / "copies" / ".." / "m.db", tmp_path / "link.db"):
        with pytest.raises(BackupError, match="itself"):
            back_up(source, same, force=True)
    assert contents(user) == {"Ada"}


def test_a_damaged_database_makes_no_copy(start, user_of, source, target):
    """Better none than one that fails on the day it is needed; the earlier copy stays."""
    first = user_of(start(source))
    for number in range(200):
        first.create(f"memory {number} " * 50, tier="long")
    first.service.close()
    target.write_text("the copy of yesterday")
    data = bytearray(source.read_bytes())
    for page in range(40, len(data) // 4096):
        data[page * 4096 : page * 4096 + 200] = bytes(200)
    source.write_bytes(data)
    with pytest.raises(BackupError):
        back_up(source, target, force=True)
    assert target.read_text() == "the copy of yesterday"
    assert left_beside(target) == ["m.bak"]


def test_what_is_no_database_of_ours_is_refused(source, target):
    """By its name, and nothing is made."""
    with pytest.raises(BackupError, match="no file"):
        back_up(source, target)
    source.write_text("Dear Ada, " * 1000)
    with pytest.raises(BackupError, match="not a database"):
        back_up(source, target)
    source.unlink()
    with closing(sqlite3.connect(source)) as other:
        other.execute("CREATE TABLE memories (x)")
    with pytest.raises(BackupError, match="not made by Memory OS"):
        back_up(source, target)
    assert left_beside(target) == []


def test_a_folder_that_is_not_there_is_named(start, user_of, source, target):
    """Nothing is made in its place."""
    user_of(start(source)).create("Ada")
    with pytest.raises(BackupError, match="elsewhere"):
        back_up(source, target.parent / "elsewhere" / "m.bak")


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_and_leads_to_the_copy(start, user_of, source, target, exists):
    """Also one to a file that does not exist yet."""
    user_of(start(source)).create("Ada likes tea")
    link = target.with_name("link")
    link.symlink_to(target.name)
    if exists:
        target.write_bytes(b"old")
        with pytest.raises(BackupError, match="exists; to replace it, add --force"):
            back_up(source, link)
    back_up(source, link, force=exists)
    assert link.is_symlink()
    assert left_beside(target) == ["link", "m.bak"]
    assert target.read_bytes().startswith(b"SQLite format 3")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize("kind", ["named pipe", "device", "link to a device"])
def test_what_is_not_a_regular_file_is_not_replaced(start, user_of, source, target, kind):
    """As root, a rename would have made a file of /dev/null."""
    user_of(start(source)).create("Ada likes tea")
    path = target
    if kind == "named pipe":
        os.mkfifo(target)
    elif kind == "device":
        path = Path(os.devnull)
    else:
        target.symlink_to(os.devnull)
    before = path.stat().st_mode
    with pytest.raises(BackupError, match=f"{path} is not a regular file"):
        back_up(source, path, force=True)
    assert path.stat().st_mode == before


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_into_a_folder_that_is_not_there_names_the_folder(start, user_of, source, target):
    user_of(start(source)).create("Ada likes tea")
    target.symlink_to("missing/m.bak")
    with pytest.raises(BackupError, match=r"there is no folder .*/missing; create it first"):
        back_up(source, target)
    assert target.is_symlink()
