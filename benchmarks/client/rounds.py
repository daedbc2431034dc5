"""The rounds: every measure of every peer, in a new order each time, close to the others in time."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from .measures import Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from .lineup import Peer
    from .measures import Measure
    from .workers import Addresses, Worker

__all__ = ["run"]

# A measure of one peer that takes longer than this, in seconds, is not taken again.
LONGEST = 20.0


def run(
    measures: Sequence[Measure],
    peers: Iterable[Peer],
    workers: Mapping[str, Worker],
    addresses: Addresses,
    rounds: int,
    tell: Callable[[str], None],
) -> Iterator[Sample]:
    """Yield what each measure came to for each peer that takes part in it, round after round.

    Args:
        measures: What to measure.
        peers: Who takes part.
        workers: Their processes, by name.
        addresses: The server's, by scheme.
        rounds: How many rounds.
        tell: Is told what is being done.
    """
    chance = random.Random(1)
    pairs = [(measure, peer) for measure in measures for peer in peers if measure.is_for(peer)]
    tedious: set[tuple[str, str]] = set()
    for number in range(1, rounds + 1):
        for measure in chance.sample(list(measures), len(measures)):
            tell(f"round {number} of {rounds}: {measure.name}")
            taking_part = [peer.name for of, peer in pairs if of is measure]
            for name in chance.sample(taking_part, len(taking_part)):
                if (measure.name, name) in tedious:
                    continue
                sample = _sample(measure, name, number, workers[name], addresses)
                if sample.wall * sample.calls > LONGEST:
                    tedious.add((measure.name, name))
                yield sample


def _sample(
    measure: Measure, name: str, number: int, worker: Worker, addresses: Addresses
) -> Sample:
    asked = {
        "address": addresses["https" if measure.tls else "http"],
        "operation": measure.operation,
        "calls": measure.calls,
        **measure.details,
    }
    told = worker.ask(asked)
    return Sample(measure.name, name, number, calls=measure.calls, **told)
