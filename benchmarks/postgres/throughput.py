"""Requests per second of SQLite and PostgreSQL, before and after a change, side by side."""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psycopg

from . import workload
from .load import apply
from .servers import ROOT, cpu_seconds_of_postgres, postmaster, serving, source_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .load import Load
    from .servers import Servers

__all__ = ["CONNECTIONS", "Setup", "Throughput", "measure", "send_one_by_one"]

CONNECTIONS = 64
_WARM_UP = 200
_CREATE_MANY = Path(__file__).with_name("create_many.py")


class Setup(NamedTuple):
    """What is measured: a store, the number of server processes, and the embedder."""

    store: str
    processes: int
    embedder: str


@dataclass(frozen=True)
class Throughput:
    """One round of one operation.

    Attributes:
        per_second: Requests per second.
        p50_ms: Median time of a request in milliseconds.
        p95_ms: 95th percentile of it.
        server_ms: CPU time of the server processes per request, in milliseconds.
        postgres_ms: CPU time of PostgreSQL per request.
        generator_ms: CPU time of the load generator per request.
    """

    per_second: float
    p50_ms: float
    p95_ms: float
    server_ms: float
    postgres_ms: float
    generator_ms: float


@dataclass
class _Running:
    """One version's servers, and what they contain."""

    servers: Servers
    place: str
    source: Path
    postmaster: int | None
    ids: list[str] = field(default_factory=list)

    def run(self, requests: list[bytes], receive: Callable[[bytes], None] = len) -> Throughput:
        servers, postgres = self.servers.cpu_seconds(), self.postgres_cpu_seconds()
        load = apply(self.servers.ports, requests, connections=CONNECTIONS, receive=receive)
        return self._throughput(
            load, self.servers.cpu_seconds() - servers, self.postgres_cpu_seconds() - postgres
        )

    def postgres_cpu_seconds(self) -> float:
        """Return the CPU time of PostgreSQL so far; 0 for SQLite."""
        return 0.0 if self.postmaster is None else cpu_seconds_of_postgres(self.postmaster)

    def _throughput(self, load: Load, servers: float, postgres: float) -> Throughput:
        each = 1000 / load.requests
        return Throughput(
            load.per_second,
            load.p50_ms,
            load.p95_ms,
            servers * each,
            postgres * each,
            load.cpu_seconds * each,
        )


def measure(
    setup: Setup,
    sources: dict[str, Path],
    new_place: Callable[[], str],
    *,
    count: int,
    rounds: int,
) -> dict[tuple[str, str], Throughput]:
    """Return the median round of each operation and version.

    Args:
        setup: What is measured.
        sources: Folders of checkouts, by the name of the version.
        new_place: Returns a new file, or the URL of a new database.
        count: Number of requests per round; of searches a quarter.
        rounds: Number of rounds. The versions take turns in each.
    """
    measured: dict[tuple[str, str], list[Throughput]] = {}
    with _all_running(setup, sources, new_place) as running:
        for operation in (_create, _get, _search):
            for number in range(rounds):
                for version, one in running.items():
                    measured.setdefault((operation.__name__[1:], version), []).append(
                        operation(one, count, number)
                    )
        if setup.embedder == "hashing":
            for _ in range(rounds):
                for version, one in running.items():
                    measured.setdefault(("create_many", version), []).append(
                        _create_many(one, count)
                    )
    return {key: _median(found) for key, found in measured.items()}


def send_one_by_one(servers: Servers, count: int) -> dict[str, Callable[[], object]]:
    """Return functions that send `count` requests of each operation, on one connection."""
    ids: list[str] = []

    def send(requests: list[bytes], receive: Callable[[bytes], None] = len) -> Load:
        return apply(servers.ports, requests, connections=1, receive=receive)

    def created(body: bytes) -> None:
        ids.append(json.loads(body)["data"]["id"])

    key = servers.key
    # Everything is imported, connected and prepared before.
    send(workload.creates(key, workload.sentences(_WARM_UP, 1)), created)
    send(workload.gets(key, ids, _WARM_UP))
    send(workload.searches(key, workload.sentences(_WARM_UP, 2)))
    return {
        "create": lambda: send(workload.creates(key, workload.sentences(count, 3))),
        "get": lambda: send(workload.gets(key, ids, count)),
        "search": lambda: send(workload.searches(key, workload.sentences(count, 4))),
    }


@contextlib.contextmanager
def _all_running(
    setup: Setup, sources: dict[str, Path], new_place: Callable[[], str]
) -> Iterator[dict[str, _Running]]:
    with contextlib.ExitStack() as stack:
        running = {}
        for version, source in sources.items():
            place = new_place()
            servers = stack.enter_context(
                serving(source, place, processes=setup.processes, embedder=setup.embedder)
            )
            pid = postmaster(place) if setup.store == "PostgreSQL" else None
            running[version] = _Running(servers, place, source, pid)
            # Everything is imported, connected and prepared before the first round.
            _create(running[version], _WARM_UP, -1)
            _get(running[version], _WARM_UP, -1)
            _search(running[version], _WARM_UP, -1)
            if pid is not None:
                _analyze(place)
        yield running


def _analyze(url: str) -> None:
    """Collect the planner's statistics, as autovacuum does within a minute."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")


def _create(one: _Running, count: int, number: int) -> Throughput:
    def receive(body: bytes) -> None:
        one.ids.append(json.loads(body)["data"]["id"])

    return one.run(
        workload.creates(one.servers.key, workload.sentences(count, 10 + number)), receive
    )


def _get(one: _Running, count: int, number: int) -> Throughput:  # noqa: ARG001 - like the others
    return one.run(workload.gets(one.servers.key, one.ids, count))


def _search(one: _Running, count: int, number: int) -> Throughput:
    queries = workload.sentences(count // 4, 1000 + number)
    return one.run(workload.searches(one.servers.key, queries))


def _create_many(one: _Running, count: int) -> Throughput:
    """Store by the SDK: in the process of the SDK for SQLite, over HTTP for PostgreSQL."""
    servers, postgres = one.servers.cpu_seconds(), one.postgres_cpu_seconds()
    arguments = [f"{one.place}.many"]
    if one.postmaster is not None:
        arguments = [f"http://127.0.0.1:{one.servers.ports[0]}/v1", one.servers.key]
    printed = subprocess.run(
        [sys.executable, _CREATE_MANY, str(count), *arguments],
        env={"PYTHONPATH": source_path(one.source)},
        stdout=subprocess.PIPE,
        check=True,
        cwd=ROOT,
    ).stdout
    result = json.loads(printed)
    return Throughput(
        count / result["seconds"],
        0,
        0,
        1000 * (one.servers.cpu_seconds() - servers) / count,
        1000 * (one.postgres_cpu_seconds() - postgres) / count,
        1000 * result["cpu_seconds"] / count,
    )


def _median(found: list[Throughput]) -> Throughput:
    middle = statistics.median_low(one.per_second for one in found)
    return next(one for one in found if one.per_second == middle)
