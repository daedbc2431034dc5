"""Measure the cost of a call with this SDK and its peers; write it into docs/benchmarks.md.

    python -m benchmarks.client [--quick] [--rounds N] [--write] [--again]

First creates the peers' environments under build/benchmarks, once, in some minutes.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import machine
from benchmarks.marked import fill

from . import before, report
from .commands import run_commands
from .environments import FOLDER, Environment, made, own_environment
from .lineup import BASE, FAST, IN_PROCESS, LINEUP, LOCAL, OWN, QUICK, Peer, earlier
from .measures import MEASURES, bulk, curves
from .results import FILE, Installed, Results, load, save
from .rounds import Stand, run
from .soaking import SOAK_CALLS, soak
from .starting import profiled, start
from .workers import serving

if TYPE_CHECKING:
    from .rounds import Peers

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
_ROUNDS, _QUICK_ROUNDS = 12, 5
_CURVE_ROUNDS = 3


def main() -> None:
    """Measure, and print or write the results."""
    options = _options()
    results = load() if options.again else _measure(options)
    if options.quick:
        print(report.in_short(results))
        return
    print(report.goals(results))
    if options.write:
        from .drawing import draw

        fill(DOCUMENT, "benchmarks.client", report.everything(results))
        draw(results, DOCUMENT.parent)
        print(f"Written into {DOCUMENT.name}.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.client",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--quick", action="store_true", help="httpx, aiohttp and this SDK only, no curves"
    )
    parser.add_argument("--rounds", type=int, help=f"{_ROUNDS}, or {_QUICK_ROUNDS} with --quick")
    parser.add_argument("--soak-calls", type=int, default=SOAK_CALLS, help=f"{SOAK_CALLS:,}")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    parser.add_argument("--again", action="store_true", help="measure nothing: take the last run")
    options = parser.parse_args()
    if options.rounds is None:
        options.rounds = _QUICK_ROUNDS if options.quick else _ROUNDS
    return options


def _measure(options: argparse.Namespace) -> Results:
    begun = time.monotonic()
    (FOLDER / "home").mkdir(parents=True, exist_ok=True)
    names = QUICK if options.quick else LINEUP
    peers = {name: (LINEUP[name], made(LINEUP[name], in_place=options.quick)) for name in names}
    core = machine.core()
    curve_rounds = 0 if options.quick else min(_CURVE_ROUNDS, options.rounds)
    with serving(core) as (addresses, roots):
        stand = Stand(addresses, roots, core)
        samples = list(run(MEASURES, peers, stand, options.rounds, _tell))
        bends = list(run(curves(), peers, stand, curve_rounds, _tell))
        stored = list(run(bulk(), _bulk_peers(peers), stand, curve_rounds, _tell))
        calls = 0 if options.quick else options.soak_calls
        soaks = list(soak(peers, addresses["http"], core, calls, _tell)) if calls else []
        starts = list(start(peers, addresses["http"], core, options.rounds, _tell))
        profiled_peers = () if options.quick else (BASE, OWN)
        profiles = {name: profiled(*peers[name], addresses["http"]) for name in profiled_peers}
    command_rounds = 0 if options.quick else options.rounds
    commands = list(run_commands(command_rounds, _tell)) if command_rounds else []
    _tell("")
    results = Results(
        machine=machine.describe(),
        command=" ".join(["python -m benchmarks.client", *sys.argv[1:]]),
        rounds=options.rounds,
        curve_rounds=curve_rounds,
        starts_each=options.rounds,
        seconds=time.monotonic() - begun,
        installed={name: _what_came(one) for name, one in peers.items()},
        samples=samples,
        curves=bends,
        starts=starts,
        profiles=profiles,
        bulk=stored,
        commands=commands,
        soaks=soaks,
    )
    if not options.quick:
        save(results, FILE)
    return results


def _bulk_peers(peers: Peers) -> Peers:
    """Return the peers of the bulk operations, with today's sources and with those before."""
    chosen = {name: peers[name] for name in (OWN, FAST)}
    chosen[LOCAL] = (IN_PROCESS, own_environment())
    sources = before.sources()
    if sources is not None:
        for name, (peer, environment) in list(chosen.items()):
            chosen[earlier(name)] = (peer, environment._replace(sources=sources))
    return chosen


def _what_came(one: tuple[Peer, Environment]) -> Installed:
    environment = one[1]
    return Installed(environment.version, environment.distributions, environment.parts)


_told: list[str] = []


def _tell(doing: str) -> None:
    """Show the progress: in one line on a terminal, otherwise once per round."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns - 1
        print(f"\r\x1b[K{doing[:width]}", end="", flush=True)
    elif doing and doing.partition(":")[0] not in _told[-1:]:
        _told.append(doing.partition(":")[0])
        print(doing.partition(":")[0], flush=True)


if __name__ == "__main__":
    main()
