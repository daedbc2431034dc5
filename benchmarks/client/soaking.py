"""Memory and descriptors of one client over very many calls."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .lineup import FAST, OWN
from .workers import PROGRAMS, environ

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .environments import Environment
    from .lineup import Peer

__all__ = ["SOAK_CALLS", "Soak", "soak"]

SOAK_CALLS = 100_000
_WARM_SHARE = 0.1


@dataclass(frozen=True)
class Soak:
    """A client's samples: the calls so far, the megabytes of memory, and the open descriptors."""

    peer: str
    kind: str
    samples: list[tuple[int, float, int]]

    @property
    def calls(self) -> int:
        """The number of calls."""
        return self.samples[-1][0]

    @property
    def warm(self) -> list[tuple[int, float, int]]:
        """The samples after a tenth of the calls."""
        return self.samples[int(len(self.samples) * _WARM_SHARE) :]

    @property
    def megabytes_gained(self) -> float:
        """How much memory grew from the first tenth of the calls to the last."""
        half = max(1, len(self.samples) // 10)
        first, last = self.warm[:half], self.warm[-half:]
        mean = [sum(sample[1] for sample in part) / len(part) for part in (first, last)]
        return mean[1] - mean[0]

    @property
    def descriptors_gained(self) -> int:
        """How many more descriptors are open at the end than after a tenth of the calls."""
        return self.warm[-1][2] - self.warm[0][2]


def soak(
    peers: Mapping[str, tuple[Peer, Environment]],
    address: str,
    core: int | None,
    calls: int,
    tell: Callable[[str], None],
) -> Iterator[Soak]:
    """Yield the samples of each of our clients. Reads /proc: elsewhere, it yields nothing."""
    if not Path("/proc/self/statm").exists():
        return
    for name in (OWN, FAST):
        for kind in ("sync", "async"):
            tell(f"{calls:,} calls: {name}, {kind}")
            peer, environment = peers[name]
            command = [str(environment.python), str(PROGRAMS / "soak.py"), peer.module, address]
            command += [kind, str(calls), *([] if core is None else [str(core)])]
            finished = subprocess.run(
                command, env=environ(environment), check=True, stdout=subprocess.PIPE, text=True
            )
            yield Soak(name, kind, [tuple(sample) for sample in json.loads(finished.stdout)])
