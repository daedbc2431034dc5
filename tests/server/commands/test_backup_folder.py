"""`memoryos backup FOLDER --keep N`: which files it makes and deletes."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from memoryos._cli.main import main
from memoryos_server.commands import backup_folder
from memoryos_server.commands.backup_folder import (
    BackupFolder,
    BackupPlan,
    KeptBackup,
    NewBackup,
    last_backup,
    superseded,
    until_due,
)
from memoryos_server.commands.store_names import store_name
from memoryos_server.stores.factory import read_store_id

NOW = datetime(2026, 3, 14, 9, 26, 53, tzinfo=timezone.utc)
DAY = timedelta(days=1)


def kept(*days):
    """Return backups that are so many days old."""
    return [KeptBackup(NOW - day * DAY, Path(f"{day}.db")) for day in days]


@pytest.mark.parametrize(
    ("ages", "wait"),
    [
        ((), 0.0),
        ((3, 1), 0.0),
        ((0.75, 3), 0.25),
        ((-2,), 0.0),
        ((-2, 0.75), 0.25),
        ((1.5, -0.001), 0.0),
    ],
)
def test_a_backup_is_due_when_the_newest_one_is_as_old_as_the_interval(ages, wait):
    """Those of the future, which a wrong clock has made, are as if they weren't there."""
    assert until_due(last_backup(kept(*ages), NOW), NOW, DAY) == wait * DAY


def test_a_backup_is_due_when_the_clock_was_set_back():
    assert until_due(kept(-2)[0], NOW, DAY) == timedelta(0)


def test_the_last_backup_is_the_newest_that_is_not_of_the_future():
    assert last_backup(kept(-1, 2, 1, 3), NOW) == kept(1)[0]
    assert last_backup(kept(-1), NOW) is None


@pytest.mark.parametrize(
    ("ages", "keep", "removed"),
    [
        ((0,), 1, ()),
        ((0, 1, 2), 3, ()),
        ((0, 3, 1, 2), 2, (3, 2)),
        ((0, 1), 1, (1,)),
        ((0, -1, -2, 1, 2), 2, (2,)),
    ],
)
def test_all_but_the_newest_are_superseded(ages, keep, removed):
    """The new one counts and is never among them, nor are those of the future."""
    assert superseded(kept(*ages), kept(0)[0], keep) == kept(*removed)


class Folder:
    """A folder of backups of one database, and a clock."""

    def __init__(self, folder, data, monkeypatch):
        self.path, self.data, self.now = folder, data, NOW
        monkeypatch.setattr(backup_folder, "utc_now", lambda: self.now)

    def make(self, keep=2, **plan):
        return BackupFolder(BackupPlan(str(self.data), self.path, keep, **plan)).make(
            lock_timeout=0.0
        )

    def prefix(self):
        return store_name(str(self.data), read_store_id(str(self.data)))

    def path_at(self, time):
        return self.path / f"{self.prefix()}-{time}.db"

    def names(self):
        """Return the names of the backups, and of all other files but the lock."""
        prefix = self.prefix()
        return sorted(
            file.name.replace(f"{prefix}-", "")
            for file in self.path.iterdir()
            if file.suffix != ".lock"
        )


@pytest.fixture
def folder(start, tmp_path, monkeypatch):
    data = tmp_path / "m.db"
    service = start(data)
    service.create_key()
    service.close()
    (tmp_path / "backups").mkdir()
    return Folder(tmp_path / "backups", data, monkeypatch)


def test_the_newest_are_kept(folder):
    """Each is a new file, named after its time, that only this user can read."""
    for _ in range(3):
        made = folder.make()
        folder.now += DAY
    assert folder.names() == ["20260315T092653Z.db", "20260316T092653Z.db"]
    assert made.removed == [folder.path_at("20260314T092653Z")]
    assert made.describe().endswith("1 key, 180,224 bytes, checked; 1 older backup deleted")
    assert made.file.stat().st_mode & 0o777 == 0o600 or os.name == "nt"


def test_several_of_one_second_have_names_of_their_own(folder):
    """Also beside something else with the name, which stays."""
    folder.path_at("20260314T092654Z").symlink_to("nowhere")
    for _ in range(3):
        folder.make(keep=3)
    assert folder.names() == [f"20260314T09265{second}Z.db" for second in (3, 4, 5, 6)]
    assert folder.path_at("20260314T092654Z").is_symlink()


def test_the_last_of_many_in_one_second_is_the_newest(folder):
    """Its name is after the others, though the names before are free again."""
    files = [folder.make(keep=2).file for _ in range(6)]
    assert files == sorted(set(files))
    assert folder.names() == [file.name[-19:] for file in files[-2:]]


def test_a_clock_that_was_set_back_costs_no_backup(folder):
    """Neither the new one nor those of the future are deleted, whichever clock was wrong."""
    folder.make(keep=1)
    folder.now -= 400 * DAY
    for _ in range(3):
        folder.now += timedelta(hours=1)
        folder.make(keep=1)
    assert folder.names() == ["20250207T122653Z.db", "20260314T092653Z.db"]


def test_no_other_file_is_deleted(folder, start, tmp_path):
    """Of other stores with the same file name too, and no folder, link or similar name."""
    other = tmp_path / "other" / "m.db"
    other.parent.mkdir()
    start(other).create_key()
    foreign = Folder.__new__(Folder)
    foreign.path, foreign.data = folder.path, other
    foreign.make(keep=1)
    prefix = folder.prefix()
    for name in ("20010101T000000Z.db.bak", "20010101T000000Z", "20010231T000000Z.db", "x.db"):
        (folder.path / f"{prefix}-{name}").write_text("kept")
    (folder.path / "notes.db").write_text("kept")
    (folder.path / f".{prefix}-notes").write_text("kept")
    folder.path_at("20020101T000000Z").mkdir()
    folder.path_at("20030101T000000Z").symlink_to(folder.data)
    before = set(folder.path.iterdir())
    for _ in range(3):
        made = folder.make(keep=1)
    assert before - set(folder.path.iterdir()) == set()
    assert made.file.exists()
    assert folder.data.exists()


def test_what_a_killed_backup_has_left_is_removed(folder):
    """Before the next one, which may need the space; and it doesn't count as a backup."""
    prefix = folder.prefix()
    (folder.path / f".{prefix}-20260101T000000Z.db.k2x").write_bytes(bytes(5000))
    (folder.path / f".{prefix}-20260101T000000Z.db.k2x-journal").write_bytes(bytes(500))
    folder.path_at("20260101T000001Z").touch()
    plan = BackupPlan(str(folder.data), folder.path, 1)
    assert BackupFolder(plan).backups() == []
    folder.make()
    assert folder.names() == ["20260314T092653Z.db"]


def test_a_backup_that_fails_deletes_none(folder):
    """Such as of a database that is gone."""
    from memoryos_server.stores.sqlite.backup import BackupError

    folder.make(keep=1)
    folder.data.rename(folder.data.with_name("moved.db"))
    folder.now += DAY
    with pytest.raises(BackupError):
        folder.make(keep=1)
    folder.data.with_name("moved.db").rename(folder.data)
    assert folder.names() == ["20260314T092653Z.db"]


def test_with_an_interval_a_backup_is_made_only_if_it_is_due(folder):
    """So two servers with one folder don't make twice as many."""
    first = folder.make(every=DAY)
    folder.now += timedelta(hours=23)
    assert folder.make(every=DAY) == KeptBackup(first.time, first.file)
    folder.now += timedelta(hours=1)
    assert isinstance(folder.make(every=DAY), NewBackup)


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such modes")
def test_other_users_can_read_nothing_in_the_folder(folder):
    """Also not the lock: who can read it could hold it, and there would be no backups."""
    before = os.umask(0)
    try:
        folder.make()
    finally:
        os.umask(before)
    modes = {file.suffix: file.stat().st_mode & 0o777 for file in folder.path.iterdir()}
    assert modes == {".db": 0o600, ".lock": 0o600}


def test_one_backup_of_a_store_is_made_at_a_time(folder, tmp_path, capsys, monkeypatch):
    """The second waits, and then says why it can't be made."""
    from memoryos_server.commands import backup

    monkeypatch.setattr(backup, "_LOCK_TIMEOUT_SECONDS", 0.0)
    lock = folder.path / f".{folder.prefix()}.lock"
    with closing(sqlite3.connect(lock, isolation_level=None)) as held:
        held.execute("BEGIN EXCLUSIVE")
        command = ["backup", str(folder.path), "--data", str(folder.data), "--keep", "2"]
        assert main(command) == 1
    message = "another backup of the same store is being written there"
    assert capsys.readouterr().err == f"memoryos backup: {folder.path}: {message}\n"
    assert main(command) == 0
    assert folder.names() == ["20260314T092653Z.db"]


def test_another_database_at_the_same_path_deletes_no_backup(folder, start):
    """As on another machine with the same folder, or because the disk with the data is away."""
    for _ in range(2):
        folder.make()
        folder.now += DAY
    before = set(folder.path.glob("*.db"))
    folder.data.rename(folder.data.with_name("away.db"))
    other = start(folder.data)
    other.create_key()
    other.close()
    for _ in range(3):
        assert isinstance(folder.make(keep=1, every=DAY), NewBackup)
        folder.now += DAY
    assert before < set(folder.path.glob("*.db"))
    folder.data.with_name("away.db").replace(folder.data)
    assert set(BackupFolder(BackupPlan(str(folder.data), folder.path, 1)).backups()) == {
        KeptBackup(NOW + age * DAY, file) for age, file in enumerate(sorted(before))
    }


@pytest.mark.parametrize("put", ["restored", "copied"])
def test_a_restored_copy_deletes_no_backup_of_the_original(folder, put):
    """Neither on another machine, nor in its place, where an older one may be wanted yet."""
    files = [folder.make().file for _ in range(2)]
    if put == "restored":
        command = ["restore", str(files[0]), "--data", str(folder.data), "--yes"]
        assert main(command) == 0
    else:
        shutil.copy(files[0], folder.data)
    for _ in range(3):
        folder.now += DAY
        folder.make(keep=1)
    assert all(file.exists() for file in files)


def test_a_backup_that_was_cut_does_not_count(folder):
    """It isn't deleted either, since something of it can perhaps be saved."""
    files = []
    for _ in range(3):
        files.append(folder.make().file)
        folder.now += DAY
    kept = files[1:]
    for size, file in zip((4096, 50), reversed(kept)):
        os.truncate(file, size)
    assert isinstance(folder.make(every=10 * DAY), NewBackup)
    assert folder.names() == [file.name[-19:] for file in kept] + ["20260317T092653Z.db"]


def test_a_file_that_can_not_be_written_is_backed_up_without_an_id(folder, monkeypatch):
    from memoryos_server.stores.sqlite import store_id

    monkeypatch.setattr(store_id, "can_write", lambda path: False)
    folder.make()
    assert read_store_id(str(folder.data)) == ""
    assert folder.names() == ["20260314T092653Z.db"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none", "--keep", "2"], "there is no folder {cwd}/none for backups; create it first"),
        (["m.db", "--every", "1d"], "{cwd}/m.db is not a folder; name one for backups"),
        (["m.db/x", "--keep", "1"], "there is no folder {cwd}/m.db/x for backups; create it first"),
        (
            ["backups", "--keep", "2", "--force"],
            "--force is for one file; --keep and --every replace none",
        ),
    ],
)
def test_a_folder_that_can_not_be_used_is_named(
    folder, tmp_path, monkeypatch, capsys, arguments, message
):
    """And with what to do."""
    monkeypatch.chdir(tmp_path)
    assert main(["backup", "--data", "m.db", *arguments]) == 1
    expected = message.format(cwd=tmp_path).replace("/", os.sep)
    assert capsys.readouterr().err == f"memoryos backup: {expected}\n"


@pytest.mark.parametrize("arguments", [["--keep", "0"], ["--every", "soon"], ["--keep", "many"]])
def test_a_number_or_a_time_that_is_none_is_a_usage_error(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["backup", "backups", *arguments])
    assert ended.value.code == 2
    assert f"argument {arguments[0]}: must be" in capsys.readouterr().err


def test_names_of_stores_differ_by_their_places_and_not_by_their_passwords(monkeypatch):
    """And they never contain a password."""
    for variable in ("PGHOST", "PGPORT", "PGDATABASE", "PGSERVICE", "PGHOSTADDR"):
        monkeypatch.delenv(variable, raising=False)
    places = [
        "/srv/a/memories.db",
        "/srv/b/memories.db",
        "postgresql://db.internal/memories",
        "postgresql://db.internal:5433/memories",
        "postgresql://other.internal/memories",
        "postgresql:///memories?host=/run/one",
        "postgresql:///memories?host=/run/two",
        "postgresql://?service=one",
        "postgresql://?service=two",
        "postgresql://db.internal/Erinnerungen und mehr, viel mehr als vierzig Zeichen",
    ]
    names = [store_name(place, "1") for place in places]
    assert len(set(names)) == len(places)
    assert [name[:9] for name in names[:3]] == ["memories-"] * 3
    assert all(name.isascii() and "/" not in name and len(name) < 60 for name in names)
    same = "postgresql://ada:s3cret@db.internal/memories?pool_size=3&sslmode=require"
    assert store_name(same, "1") == names[2]
    assert store_name(same, "2") != names[2]
    monkeypatch.setenv("PGHOST", "db.internal")
    assert store_name("postgresql:///memories", "1") != names[2]
    assert store_name("postgresql://ada@x@y/p?a@b", "1").startswith("postgresql-")
