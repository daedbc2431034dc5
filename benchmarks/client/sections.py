"""The sections of docs/benchmarks.md on many memories, very many calls and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.marked import table

from .commands import COMMANDS, IMPORT
from .figures import best, best_ratio, seconds
from .lineup import BASE, FAST, LOCAL, OWN, earlier
from .measures import BULK

if TYPE_CHECKING:
    from .results import Results

__all__ = ["sections"]

_BULK_COLUMNS = (
    (f"{OWN}, sync", OWN, "sync"),
    (f"{OWN}, async", OWN, "async"),
    (f"{FAST}, sync", FAST, "sync"),
    (f"{FAST}, async", FAST, "async"),
    (LOCAL, LOCAL, "sync"),
)
_BULK_TEXT = (
    "Memories per second by the clock, client and server on one core; in brackets, the SDK before, "
    "in the same rounds. `import_` reads all stored memories first, and then creates those of the "
    "file. In process, `MemoryOS.local()` embeds by hashing, because the model takes longer than "
    "everything else."
)
_COMMANDS_TEXT = (
    f'CPU of a process, as a ratio to `python -c "{IMPORT}"`, on a file with three memories: the '
    "best of all rounds. A search loads the model."
)


def sections(results: Results) -> list[str]:
    """Return the sections, as Markdown."""
    return [
        "### Many memories",
        _BULK_TEXT,
        _bulk(results),
        "### Very many calls",
        _soak_text(results),
        _soaks(results),
        "![Memory of the process by the number of calls](benchmarks-soak.png)",
        "### The command line",
        _COMMANDS_TEXT,
        _commands(results),
    ]


def _bulk(results: Results) -> str:
    def cell(name: str, peer: str, kind: str) -> str:
        measure = f"{name} {kind}"
        figure = seconds(results.bulk, measure, peer, "wall")
        past = seconds(results.bulk, measure, earlier(peer), "wall")
        compared = "" if past is None else f" ({1 / past.median:,.0f})"
        return "" if figure is None else f"{1 / figure.median:,.0f}{compared}"

    rows = [(f"`{name}`", *(cell(name, *column[1:]) for column in _BULK_COLUMNS)) for name in BULK]
    return table(("", *(title for title, _, _ in _BULK_COLUMNS)), rows)


def _soak_text(results: Results) -> str:
    calls = max((one.calls for one in results.soaks), default=0)
    return (
        f"{calls:,} calls with one client: sync in turn create, search and a list of 10; async "
        "create, 100 at once."
    )


def _soaks(results: Results) -> str:
    rows = [
        (
            f"{one.peer}, {one.kind}",
            *(f"{sample[1]:.1f} MB" for sample in (one.warm[0], one.warm[-1])),
            f"{one.megabytes_gained:+.1f} MB",
            f"{one.descriptors_gained:+d}",
        )
        for one in results.soaks
    ]
    return table(("", "after a tenth", "at the end", "memory gained", "descriptors gained"), rows)


def _commands(results: Results) -> str:
    rows = [
        (
            f"`memoryos {command}`",
            _ratio(results, command),
            _milli(results, command, OWN),
        )
        for command in COMMANDS
    ]
    rows.append((f'`python -c "{IMPORT}"`', "1", _milli(results, IMPORT, BASE)))
    return table(("", "ratio", "ms of CPU"), rows)


def _ratio(results: Results, command: str) -> str:
    ratio = best_ratio(results.commands, (command, OWN), (IMPORT, BASE))
    return "" if ratio is None else f"{ratio:.2f}"


def _milli(results: Results, command: str, peer: str) -> str:
    found = best(results.commands, command, peer)
    return "" if found is None else f"{found * 1e3:.0f}"
