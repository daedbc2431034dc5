"""The cost of a peer up to its first response, in a fresh interpreter each time."""

from __future__ import annotations

import json
import random
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .workers import PROGRAMS, environ

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .environments import Environment
    from .lineup import Peer

    Profile = dict[str, dict[str, list[float]]]

__all__ = ["Profile", "Start", "profiled", "start"]


@dataclass(frozen=True)
class Start:
    """One start: seconds of CPU from the beginning, and megabytes of memory."""

    peer: str
    round: int
    imported: float
    first_call: float
    megabytes_client: float
    megabytes_call: float


def start(
    peers: Mapping[str, tuple[Peer, Environment]],
    address: str,
    core: int | None,
    rounds: int,
    tell: Callable[[str], None],
) -> Iterator[Start]:
    """Yield the cost of each peer's start, round after round; the first round is discarded."""
    chance = random.Random(2)
    blocking = [name for name, (peer, _) in peers.items() if peer.blocking]
    for number in range(rounds + 1):  # the first fills the disk's cache
        tell(f"starts: round {number} of {rounds}")
        for name in chance.sample(blocking, len(blocking)):
            peer, environment = peers[name]
            command = [str(environment.python), str(PROGRAMS / "start.py"), peer.module]
            command += [address, peer.statement, *([] if core is None else [str(core)])]
            finished = subprocess.run(
                command, env=environ(environment), check=True, capture_output=True, text=True
            )
            if number:
                yield Start(name, number, **json.loads(finished.stdout))


def profiled(peer: Peer, environment: Environment, address: str) -> Profile:
    """Return, by operation and part of the program, the function calls and the share of CPU."""
    command = [str(environment.python), str(PROGRAMS / "profile_calls.py"), peer.module, address]
    finished = subprocess.run(
        command, env=environ(environment), check=True, capture_output=True, text=True
    )
    found: Profile = json.loads(finished.stdout)
    return found
