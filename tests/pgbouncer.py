"""A pgbouncer in front of a PostgreSQL server of the tests.

The program must be in the PATH, as Debian's package pgbouncer installs it. It is on no registry of
Python packages, so the tests that need it are skipped elsewhere.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.postgres import STARTUP_TIMEOUT_SECONDS, Cluster, temporary_folder, unprivileged_user

PORT = 6432


def name_of(url):
    """Return the name of a database."""
    return urlsplit(url).path[1:]


@contextlib.contextmanager
def pooled(cluster, **settings):
    """Run a pgbouncer during the block, and yield the cluster as seen through it.

    Args:
        cluster: the server, which listens on a socket in a folder.
        settings: of pgbouncer, beside those that it needs.
    """
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
    if program is None:
        pytest.skip("pgbouncer is not installed")
    with temporary_folder() as folder:
        user = unprivileged_user()
        if user:
            shutil.chown(folder, user["user"], user["group"])
        path = folder / "pgbouncer.ini"
        path.write_text(_configuration(cluster, folder, settings), encoding="utf-8")
        path.chmod(0o644)
        with (folder / "output").open("w+") as output, subprocess.Popen(
            [program, path],
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            start_new_session=True,
            **user,
        ) as process:
            try:
                seen = PooledCluster(cluster, folder)
                _wait_until_ready(process, seen, output)
                yield seen
            finally:
                process.terminate()
                process.wait(STARTUP_TIMEOUT_SECONDS)


class PooledCluster(Cluster):
    """A cluster whose databases are reached through pgbouncer, except for the tests' own work."""

    def __init__(self, cluster, folder):
        super().__init__(f"postgresql://memoryos@/?host={folder}&port={PORT}")
        self._cluster = cluster

    def make_database(self):
        """Return the URL of a new database."""
        return self.url(name_of(self._cluster.make_database()))

    def execute(self, statement, url=None):
        """Run one statement without Memory OS and without pgbouncer, and return its rows."""
        name = "postgres" if url is None else name_of(url)
        return self._cluster.execute(statement, self._cluster.url(name))


def _configuration(cluster, folder, settings):
    [sockets] = parse_qs(urlsplit(cluster.url("x")).query)["host"]
    values = {
        "unix_socket_dir": folder,
        "unix_socket_mode": "0777",
        "listen_port": PORT,
        "pool_mode": "transaction",
        "default_pool_size": 15,
        "server_round_robin": 1,
        "max_client_conn": 1000,
        "server_idle_timeout": 5,  # many databases of the tests share a server
        "server_login_retry": 1,
        "query_wait_timeout": 5,
        "auth_type": "trust",
        "auth_user": "memoryos",
        "auth_query": "SELECT usename, passwd FROM pg_shadow WHERE usename = $1",
        "admin_users": "memoryos",
        **settings,
    }
    lines = [f"{name} = {value}" for name, value in values.items()]
    return "\n".join(["[databases]", f"* = host={sockets}", "[pgbouncer]", *lines, ""])


def _wait_until_ready(process, cluster, output):
    import psycopg

    deadline = time.monotonic() + STARTUP_TIMEOUT_SECONDS
    while True:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(cluster.url("postgres")).close()
            return
        output.seek(0)
        assert process.poll() is None, output.read()
        assert time.monotonic() < deadline, output.read()
        time.sleep(0.05)
