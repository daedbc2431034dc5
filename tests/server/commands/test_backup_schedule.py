"""Backups at regular times: when one is tried, what is reported, and how it stops."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from datetime import timedelta

import pytest

from memoryos_server.commands import backup_schedule
from memoryos_server.commands.backup_folder import BackupFolder, BackupPlan, KeptBackup, NewBackup
from memoryos_server.commands.backup_schedule import BackupSchedule, retry_delay
from memoryos_server.commands.errors import UsageError
from memoryos_server.commands.serve_options import ServeOptions
from memoryos_server.commands.server_backups import server_backups

DAY = timedelta(days=1)
PATIENCE_SECONDS = 60


def test_a_failed_backup_is_tried_again_sooner_and_then_less_often():
    """After a minute, two, four and so on; at least hourly, and no later than the interval."""
    delays = [retry_delay(failures, DAY) for failures in (1, 2, 3, 7, 1000)]
    assert delays == [60, 120, 240, 3600, 3600]
    assert retry_delay(5, timedelta(minutes=1)) == 60


class Scheduled:
    """A schedule of a database, and what it reported."""

    def __init__(self, place, folder, keep=2):
        self.reports, self._reported = [], threading.Semaphore(0)
        self.folder = folder
        self.schedule = BackupSchedule(
            BackupPlan(str(place), folder, keep, DAY),
            on_success=self._report,
            on_failure=self._report,
        )

    def _report(self, what):
        self.reports.append(what)
        self._reported.release()

    def next_report(self):
        assert self._reported.acquire(timeout=PATIENCE_SECONDS)
        return self.reports[-1]


@pytest.fixture
def scheduled(start, tmp_path):
    """A schedule of a new database."""
    start(tmp_path / "m.db").create_key()
    (tmp_path / "backups").mkdir()
    return Scheduled(tmp_path / "m.db", tmp_path / "backups")


@pytest.fixture
def fast(monkeypatch):
    """Retry at once, and look at the clock often."""
    monkeypatch.setattr(backup_schedule, "FIRST_RETRY_SECONDS", 0.01)
    monkeypatch.setattr(backup_schedule, "MAX_RETRY_SECONDS", 0.01)
    monkeypatch.setattr(backup_schedule, "MAX_SLEEP_SECONDS", 0.01)


def test_the_first_backup_is_made_at_once_and_the_next_when_it_is_due(scheduled, fast):
    """In a process of its own, which ends."""
    with scheduled.schedule.running():
        made = scheduled.next_report()
        assert made.contents.keys == 1
        made.file.rename(scheduled.folder / "moved")
        assert scheduled.next_report().file.exists()
    assert multiprocessing.active_children() == []


def test_a_recent_backup_is_not_made_again_after_a_restart(scheduled, tmp_path):
    """The names of the files tell when the last one was made."""
    with scheduled.schedule.running():
        made = scheduled.next_report()
    restarted = Scheduled(tmp_path / "m.db", scheduled.folder)
    with restarted.schedule.running():
        assert restarted.next_report() == KeptBackup(made.time, made.file)
    assert restarted.schedule._seconds_to_wait(failures=0) == backup_schedule.MAX_SLEEP_SECONDS
    assert restarted.schedule._until_due() > timedelta(hours=23)


def test_no_process_is_started_before_a_backup_is_due(scheduled, fast, monkeypatch):
    """However often the clock is looked at."""
    scheduled.schedule._make_backup()
    looked, until_due = threading.Semaphore(0), scheduled.schedule._until_due

    def look():
        looked.release()
        return until_due()

    monkeypatch.setattr(scheduled.schedule, "_until_due", look)
    monkeypatch.setattr(scheduled.schedule, "_outcome", lambda: "a process was started")
    with scheduled.schedule.running():
        for _ in range(10):
            assert looked.acquire(timeout=PATIENCE_SECONDS)
    assert all(isinstance(report, NewBackup | KeptBackup) for report in scheduled.reports)


def test_the_process_of_a_backup_leaves_ctrl_c_to_the_one_that_started_it(scheduled):
    """A terminal sends it to both."""
    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    receiving, sending = multiprocessing.Pipe(duplex=False)
    try:
        backup_schedule._work(scheduled.schedule._plan, sending)
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
        assert receiving.recv().contents.keys == 1
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        receiving.close()
        sending.close()


def test_a_failure_is_reported_and_tried_again(scheduled, fast, tmp_path):
    """Until it succeeds."""
    (tmp_path / "m.db").rename(tmp_path / "moved.db")
    with scheduled.schedule.running():
        reason = f"there is no file {tmp_path / 'm.db'}"
        assert scheduled.next_report() == (
            f"no backup in {scheduled.folder}: {reason}; the last good one isn't known"
        )
        assert scheduled.next_report() == scheduled.reports[0]
        (tmp_path / "moved.db").rename(tmp_path / "m.db")
        while isinstance(made := scheduled.next_report(), str):
            pass
    assert made.file.exists()


def test_a_failure_names_the_last_good_backup(scheduled, fast, tmp_path):
    """So that the operator knows how much could be lost."""
    made = BackupFolder(scheduled.schedule._plan).make(lock_timeout=0.0).file
    old = made.with_name(f"{made.stem.rpartition('-')[0]}-20010101T000000Z.db")
    made.rename(old)
    lock = scheduled.folder / f".{made.stem.rpartition('-')[0]}.lock"
    lock.unlink()
    lock.mkdir()
    with scheduled.schedule.running():
        assert scheduled.next_report().file == old
        assert scheduled.next_report().endswith(f"; the last good one is {old.name}")


def test_a_failure_names_the_last_good_backup_of_a_database_that_is_gone(scheduled, fast, tmp_path):
    """It is known from before."""
    made = BackupFolder(scheduled.schedule._plan).make(lock_timeout=0.0).file
    old = made.with_name(f"{made.stem.rpartition('-')[0]}-20010101T000000Z.db")
    made.rename(old)
    assert scheduled.schedule._find_last()
    (tmp_path / "m.db").rename(tmp_path / "moved.db")
    with scheduled.schedule.running():
        scheduled.next_report()
        assert scheduled.next_report().endswith(f"; the last good one is {old.name}")


def test_a_folder_that_is_gone_is_reported_and_found_again(scheduled, fast):
    """Such as a disk that isn't mounted; at the start, it is an error."""
    gone = scheduled.folder.with_name("gone")
    with scheduled.schedule.running():
        scheduled.next_report()
        scheduled.folder.rename(gone)
        message = scheduled.next_report()
        assert f"there is no folder {scheduled.folder} for backups; create it first" in message
        gone.rename(scheduled.folder)
    scheduled.folder.rename(gone)
    with pytest.raises(UsageError, match="there is no folder"), scheduled.schedule.running():
        pass


@pytest.mark.skipif(os.name != "posix", reason="this system has no SIGKILL")
def test_a_killed_process_is_a_failure(scheduled, fast, monkeypatch):
    """And what it leaves is removed by the next one."""
    monkeypatch.setattr(backup_schedule, "_work", kill_oneself)
    with scheduled.schedule.running():
        assert "its process ended with status -9" in scheduled.next_report()


def kill_oneself(plan, sending):
    os.kill(os.getpid(), 9)


def test_a_stop_does_not_wait_for_the_backup(scheduled, monkeypatch):
    """The process is ended, and nothing is reported."""
    monkeypatch.setattr(backup_schedule, "_work", wait)
    with scheduled.schedule.running():
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not multiprocessing.active_children():
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert multiprocessing.active_children() == []
    assert scheduled.reports == []


def wait(plan, sending):
    time.sleep(PATIENCE_SECONDS * 10)


def test_a_database_is_backed_up(start, tmp_path, new_database):
    """By the same process, and named after the database."""
    url = new_database()
    start(url).create_key()
    scheduled = Scheduled(url, tmp_path)
    with scheduled.schedule.running():
        made = scheduled.next_report()
    assert made.contents.keys == 1
    assert made.file.name.startswith("memoryos_test_")


def test_the_password_of_a_database_is_in_no_message(tmp_path, fast):
    """Nor in the arguments of the process."""
    pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")
    url = "postgresql://ada:s3cret-word@127.0.0.1:1/memories?connect_timeout=2"
    scheduled = Scheduled(url, tmp_path)
    with scheduled.schedule.running():
        message = scheduled.next_report()
    assert "127.0.0.1:1" in message
    assert "s3cret" not in message


def test_a_server_logs_each_backup_and_reports_its_time(scheduled, tmp_path, caplog):
    """The time of the last one at the start, too."""
    data, times = str(tmp_path / "m.db"), []
    options = ServeOptions(data=data, backup_dir=str(scheduled.folder))
    made = threading.Event()

    def report(when):
        times.append(when)
        made.set()

    caplog.set_level("INFO", "memoryos_server.backups")
    with server_backups(options, data, report):
        assert made.wait(PATIENCE_SECONDS)
    (backup,) = scheduled.folder.glob("m-*.db")
    assert caplog.messages == [f"backup {backup}: 0 memories, 1 key, 180,224 bytes, checked"]
    made.clear()
    with server_backups(options, data, report):
        assert made.wait(PATIENCE_SECONDS)
    (kept,) = BackupFolder(scheduled.schedule._plan).backups()
    assert times == [kept.time] * 2
