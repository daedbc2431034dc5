"""Databases of a Citus cluster for the tests; MEMORY_OS_TEST_CITUS has the URL of one of its own.

The user may create databases and extensions on every node, whose addresses the coordinator knows.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from .postgres import WAITING, Cluster

NODES = "SELECT nodename, nodeport, groupid = 0 FROM pg_dist_node WHERE isactive ORDER BY groupid"


class CitusCluster(Cluster):
    """The coordinator of a running cluster."""

    def __init__(self, url):
        super().__init__(url)
        self._given = url
        self._made = []

    def make_database(self, workers=None, shards=4):
        """Create a database on every node, or on a number of workers; return its URL.

        Args:
            workers: how many workers have it, or None for all.
            shards: the parts of each table; few are emptied sooner.
        """
        url = super().make_database()
        nodes = self.execute(NODES, self._given)[: None if workers is None else workers + 1]
        name = urlsplit(url).path[1:]
        self._made.append(name)
        self.execute(f"ALTER DATABASE {name} SET citus.shard_count = {shards}", self._given)
        for host, port, is_coordinator in nodes:
            if not is_coordinator:
                self.execute(f"CREATE DATABASE {name}", self.on_node(self._given, host, port))
            self.execute("CREATE EXTENSION citus", self.on_node(url, host, port))
        for host, port, is_coordinator in nodes:
            add = "citus_set_coordinator_host" if is_coordinator else "citus_add_node"
            self.execute(f"SELECT {add}('{host}', {port})", url)
        return url

    def count_waiting(self, url):
        """Return how many transactions wait for a lock, on all nodes."""
        counted = self.execute(f"SELECT result FROM run_command_on_all_nodes('{WAITING}')", url)
        return sum(int(count) for (count,) in counted)

    def drop_databases(self):
        """Drop what was created: a cluster has few places for the workers of its databases."""
        for host, port, _ in self.execute(NODES, self._given):
            node = self.on_node(self._given, host, port)
            for name in self._made:
                self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", node)

    def on_node(self, url, host, port):
        """Return the URL of a database on another node."""
        user = urlsplit(url).netloc.rpartition("@")[0]
        return urlsplit(url)._replace(netloc=f"{user}@{host}:{port}").geturl()
