"""The rounds: each runs every measure of every peer in a new random order."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from .measures import Sample
from .workers import working

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from .environments import Environment
    from .lineup import Peer
    from .measures import Measure
    from .workers import Addresses, Worker

    Peers = Mapping[str, tuple[Peer, Environment]]

__all__ = ["Peers", "Stand", "run"]

# A peer's measure that takes longer than these seconds is not repeated.
_LONGEST = 15.0


class Stand:
    """Where everything runs: the server's addresses, its certificate authority, and the core."""

    def __init__(self, addresses: Addresses, roots: Path, core: int | None) -> None:
        self.addresses = addresses
        self.roots = roots
        self.core = core


def run(
    measures: Sequence[Measure],
    peers: Peers,
    stand: Stand,
    rounds: int,
    tell: Callable[[str], None],
) -> Iterator[Sample]:
    """Yield the result of each measure for each of its peers, round after round.

    Each round has processes of its own, because a process's memory layout makes some calls up to
    10% faster or slower for its lifetime.

    Args:
        measures: What to measure.
        peers: The peers, with their environments.
        stand: Where to run.
        rounds: The number of rounds.
        tell: Called with a description of the progress.
    """
    chance = random.Random(1)
    tedious: set[tuple[str, str]] = set()
    for number in range(1, rounds + 1):
        with working(peers, stand.roots, stand.core) as workers:
            for measure in chance.sample(list(measures), len(measures)):
                tell(f"round {number} of {rounds}: {measure.name}")
                able = [name for name, (peer, _) in peers.items() if measure.is_for(name, peer)]
                for name in chance.sample(able, len(able)):
                    if (measure.name, name) in tedious:
                        continue
                    sample = _sample(measure, name, number, workers[name], stand.addresses)
                    if sample.wall * sample.calls > _LONGEST:
                        tedious.add((measure.name, name))
                    yield sample


def _sample(
    measure: Measure, name: str, number: int, worker: Worker, addresses: Addresses
) -> Sample:
    asked = {
        "address": addresses[measure.address(name)],
        "operation": measure.operation,
        "calls": measure.calls,
        **measure.details,
    }
    return Sample(measure.name, name, number, calls=measure.calls, **worker.ask(asked))
