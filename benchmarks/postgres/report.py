"""The tables of the throughput in docs/postgres.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.marked import table

from .phases import PARTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .throughput import Setup, Throughput

    Phases = Mapping[str, Mapping[str, Mapping[str, float]]]

__all__ = ["report"]

GOALS = {
    (1, "create_many"): 1500,
    (4, "create"): 600,
    (4, "get"): 1200,
    (4, "search"): 150,
}
"""Requests per second by server processes and operation; create_many on SQLite only."""

_ABOUT_CPU = (
    "CPU time per request in milliseconds, in the same rounds. The machine's cores, divided by the "
    "sum, are the most requests per second:"
)
_ABOUT_MINILM = (
    "MiniLM alone embeds {:.0f} texts per second on this machine; creates and searches, which "
    "embed a text each, can't be faster."
)


def report(
    measured: Mapping[Setup, Mapping[tuple[str, str], Throughput]],
    trips: Mapping[str, Mapping[str, float]],
    phases: Mapping[str, Phases],
    embedding: float,
    *,
    count: int,
    rounds: int,
    connections: int,
    machine: str,
) -> str:
    """Return the tables as Markdown."""
    versions = list(trips)
    about = (
        f"{connections} clients at once; {count:,} requests per round (a quarter of it searches), "
        f"the median of {rounds} rounds; all processes on one machine: {machine}"
    )
    return "\n\n".join(
        [
            about,
            _throughput(measured, versions),
            _ABOUT_CPU,
            _cpu(measured, versions),
            _ABOUT_MINILM.format(embedding),
            "Round trips to PostgreSQL per request:",
            _trips(trips),
            "CPU time by part of the server in percent, in one thread and without a network:",
            *(_phases(store, found) for store, found in phases.items()),
        ]
    )


def _throughput(
    measured: Mapping[Setup, Mapping[tuple[str, str], Throughput]], versions: list[str]
) -> str:
    head = [
        "store",
        "servers",
        "embedder",
        "operation",
        *(f"{name}, per second" for name in versions),
    ]
    head += ["p50 ms", "p95 ms", "goal"]
    rows = []
    for setup, found in measured.items():
        for operation in dict.fromkeys(name for name, _ in found):
            now = found[operation, "now"]
            rates = [f"{found[operation, version].per_second:,.0f}" for version in versions]
            times = [f"{time:.0f}" if time else "" for time in (now.p50_ms, now.p95_ms)]
            rows.append([*setup, operation, *rates, *times, _goal(setup, operation)])
    return table(head, rows)


def _goal(setup: Setup, operation: str) -> str:
    goal = GOALS.get((setup.processes, operation))
    if goal is None or (operation == "create_many" and setup.store != "SQLite"):
        return ""
    return f"{goal:,}"


def _cpu(
    measured: Mapping[Setup, Mapping[tuple[str, str], Throughput]], versions: list[str]
) -> str:
    head = ["store", "servers", "embedder", "operation", "version"]
    head += ["servers' CPU", "PostgreSQL's CPU", "clients' CPU"]
    rows = [
        [
            *setup,
            operation,
            version,
            f"{one.server_ms:.2f}",
            f"{one.postgres_ms:.2f}",
            f"{one.generator_ms:.2f}",
        ]
        for setup, found in measured.items()
        for (operation, version), one in found.items()
        if version in versions
    ]
    return table(head, rows)


def _trips(trips: Mapping[str, Mapping[str, float]]) -> str:
    operations = dict.fromkeys(name for found in trips.values() for name in found)
    rows = [[name, *(f"{found[name]:.1f}" for found in trips.values())] for name in operations]
    return table(["operation", *trips], rows)


def _phases(store: str, phases: Phases) -> str:
    columns = [(version, operation) for version in phases for operation in phases[version]]
    rows = [
        [part, *(_share(phases[version][operation], part) for version, operation in columns)]
        for part in (*PARTS, "other")
    ]
    return table([store, *(f"{operation}, {version}" for version, operation in columns)], rows)


def _share(milliseconds: Mapping[str, float], part: str) -> str:
    share = 100 * milliseconds.get(part, 0) / sum(milliseconds.values())
    return f"{share:.0f}"
