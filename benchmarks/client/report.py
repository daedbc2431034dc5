"""The generated part of docs/benchmarks.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.marked import table

from . import before
from .figures import failures, ratios, seconds, start_ratios, summary
from .goals import GOALS
from .lineup import BASE, FAST, LINEUP, OWN
from .measures import CONCURRENCIES, VECTORS
from .sections import sections

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .figures import Figure
    from .results import Results

__all__ = ["everything", "goals", "in_short", "one_by_one"]

_CALLS = (("create", "create"), ("list", "list of 100"), ("search", "search, 10 results"))


def everything(results: Results) -> str:
    """Return the generated part, as Markdown."""
    parts = [
        _setting(results),
        "### The goals",
        before.source(),
        goals(results),
        "### One call after another",
        "CPU per call, as a ratio to httpx in the same round:",
        one_by_one(results, "cpu"),
        "![CPU per call of each client, as a ratio to httpx](benchmarks-calls.png)",
        "The same by the clock, the time of the server included, which shares the core:",
        one_by_one(results, "wall"),
        "What it is in microseconds, on this machine:",
        _absolute(results),
        "### Searching by an embedding of 1536 numbers",
        "CPU per call, as a ratio to httpx with a list:",
        _by_vector(results),
        "### Many calls at once",
        "Async create: CPU per call, as a ratio to httpx with 100 at once; and calls that failed.",
        _at_once(results),
        "![CPU per call by the number of calls at once](benchmarks-concurrency.png)",
        "### By the length of a list",
        "![CPU per call by the length of the list](benchmarks-lengths.png)",
        "### Over TLS",
        "CPU per call, as a ratio to httpx over TLS; the certificate is of a local authority.",
        _over_tls(results),
        *sections(results),
        "### Where the time of a call goes",
        "By cProfile, which costs time itself, most of all in small functions:",
        _profiles(results),
        "### Before the first answer",
        "In a fresh interpreter: CPU as a ratio to httpx; memory; all files that pip installs.",
        _starting(results),
        f"What `{OWN}` takes, in megabytes:",
        _parts(results.installed[OWN].parts),
    ]
    return "\n\n".join(parts)


def in_short(results: Results) -> str:
    """Return the summary that `make bench-quick` prints."""
    columns = (
        *_CALLS,
        ("vector list", "by embedding"),
        ("at once 100", "async create, 100 at once"),
    )

    def cell(peer: str, measure: str) -> str:
        return _shown(ratios(results.samples, measure, peer))

    overview = _by_peer(columns, cell, _measured(results, "at once 100"))
    return "\n\n".join([goals(results), overview, _absolute(results), _by_vector(results)])


def goals(results: Results) -> str:
    """Return the table of the goals."""
    rows: list[Sequence[object]] = []
    for goal in GOALS:
        verdict = goal.judge(results)
        if verdict is not None:
            met = "yes" if verdict.met else "**no**"
            rows.append((goal.what, goal.goal, before.shown(goal.what), verdict.measured, met))
    return table(("", "goal", "before", "measured", "met"), rows)


def one_by_one(results: Results, by: str) -> str:
    """Return the table of sequential calls."""

    def cell(peer: str, measure: str) -> str:
        return _shown(ratios(results.samples, measure, peer, by=by))

    return _by_peer(_CALLS, cell, _measured(results, "create"))


def _setting(results: Results) -> str:
    versions = ", ".join(
        f"{name} {one.version}" for name, one in results.installed.items() if one.version
    )
    return (
        f"Measured on {results.day}: {results.machine}. {results.rounds} rounds, "
        f"{results.curve_rounds} of the curves, {results.starts_each} starts of each peer, "
        f"{results.seconds / 60:.0f} minutes: `{results.command}`. Figures are medians, with the "
        f"quartiles in brackets.\n\n{versions}."
    )


def _absolute(results: Results) -> str:
    rows = [
        (
            title,
            *(
                f"{_micro(seconds(results.samples, measure, peer, by))}"
                for peer in (BASE, OWN, FAST)
                for by in ("cpu", "wall")
            ),
        )
        for measure, title in (*_CALLS, ("at once 100", "async create, 100 at once"))
    ]
    head = [f"{peer}, {by}" for peer in (BASE, OWN, FAST) for by in ("CPU", "clock")]
    return table(("µs per call", *head), rows)


def _by_vector(results: Results) -> str:
    columns = [(f"vector {kind}", kind) for kind in VECTORS]

    def cell(peer: str, measure: str) -> str:
        return _shown(ratios(results.samples, measure, peer, to=("vector list", BASE)))

    return _by_peer(columns, cell, _measured(results, "vector list"))


def _at_once(results: Results) -> str:
    def cell(peer: str, measure: str) -> str:
        figure = ratios(results.curves, measure, peer, to=("at once 100", BASE))
        failed, _calls = failures(results.curves, measure, peer)
        if figure is None:
            return "not measured" if failed == 0 else f"{failed} failed"
        return f"{figure.median:.2f}" + (f", {failed} failed" if failed else "")

    columns = [(f"at once {number}", f"{number:,}") for number in CONCURRENCIES]
    return _by_peer(columns, cell, [peer for peer in LINEUP if LINEUP[peer].concurrent])


def _over_tls(results: Results) -> str:
    columns = [(f"{measure} tls", title) for measure, title in _CALLS]
    columns.append(("at once 100 tls", "async create, 100 at once"))

    def cell(peer: str, measure: str) -> str:
        return _shown(ratios(results.samples, measure, peer))

    return _by_peer(columns, cell, [name for name, peer in LINEUP.items() if peer.tls])


def _starting(results: Results) -> str:
    rows = []
    for name in dict.fromkeys(start.peer for start in results.starts):
        own = [start for start in results.starts if start.peer == name]
        held = summary([start.megabytes_call for start in own])
        one = results.installed[name]
        rows.append(
            (
                name,
                _shown(start_ratios(results.starts, "imported", name)),
                _shown(start_ratios(results.starts, "first_call", name)),
                "" if held is None else f"{held.median:.0f} MB",
                one.distributions or "",
                f"{one.megabytes:.1f}" if one.distributions else "",
            )
        )
    rows.sort(key=lambda row: list(LINEUP).index(row[0]))
    head = ("", "import", "up to the first answer", "memory then", "distributions", "MB installed")
    return table(head, rows)


def _profiles(results: Results) -> str:
    """Return a table with a line for each part of the program, our most expensive first."""
    columns = [(peer, name) for peer in (BASE, OWN) for name in results.profiles[peer]]
    own = results.profiles[OWN]["create"]
    named = dict.fromkeys([*own, *results.profiles[BASE]["create"]])
    order = sorted(named, key=lambda part: -own.get(part, [0, 0])[1])

    def cell(part: str, peer: str, name: str) -> str:
        calls, share = results.profiles[peer][name].get(part, (0, 0))
        return f"{calls:.0f} calls, {share:.0%}" if calls else ""

    def total(peer: str, name: str) -> str:
        return f"{sum(calls for calls, _ in results.profiles[peer][name].values()):.0f} calls"

    rows = [(part, *(cell(part, *column) for column in columns)) for part in order]
    rows.append(("together", *(total(*column) for column in columns)))
    return table(("", *(f"{peer}, {name}" for peer, name in columns)), rows)


def _parts(parts: Mapping[str, float]) -> str:
    """Return a table of an installation's largest packages and the sum of the others."""
    largest = sorted(parts.items(), key=lambda part: -part[1])[:8]
    rest = sum(parts.values()) - sum(size for _, size in largest)
    named = [*((f"`{name}`", size) for name, size in largest), ("the rest", rest)]
    return table([name for name, _ in named], [[f"{size:.2f}" for _, size in named]])


def _measured(results: Results, measure: str) -> list[str]:
    found = {sample.peer for sample in results.samples if sample.measure == measure}
    return [name for name in LINEUP if name in found]


def _by_peer(
    columns: Iterable[tuple[str, str]], cell: Callable[[str, str], str], peers: Iterable[str]
) -> str:
    """Return a table with a line for each peer and a column for each measure."""
    columns = list(columns)
    rows = [(peer, *(cell(peer, measure) for measure, _ in columns)) for peer in peers]
    return table(("", *(title for _, title in columns)), rows)


def _shown(figure: Figure | None) -> str:
    return "" if figure is None else str(figure)


def _micro(figure: Figure | None) -> str:
    return "" if figure is None else f"{figure.median * 1e6:.0f}"
