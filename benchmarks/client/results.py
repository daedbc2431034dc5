"""The results of a run, stored in a file from which the page can be written again."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from .environments import FOLDER
from .measures import Sample
from .soaking import Soak
from .starting import Start

if TYPE_CHECKING:
    from pathlib import Path

    from .starting import Profile

__all__ = ["FILE", "Installed", "Results", "load", "save"]

FILE = FOLDER / "results.json"


@dataclass(frozen=True)
class Installed:
    """The installation of a peer, itself included."""

    version: str
    distributions: int
    parts: dict[str, float]
    """Megabytes of each package, compiled files included."""

    @property
    def megabytes(self) -> float:
        """The total in megabytes."""
        return sum(self.parts.values())


@dataclass(frozen=True)
class Results:
    """The results of a run, and its machine."""

    machine: str
    command: str
    rounds: int
    curve_rounds: int
    starts_each: int
    seconds: float
    installed: dict[str, Installed]
    samples: list[Sample]
    curves: list[Sample]
    starts: list[Start]
    profiles: dict[str, Profile]
    bulk: list[Sample] = field(default_factory=list)
    commands: list[Sample] = field(default_factory=list)
    soaks: list[Soak] = field(default_factory=list)
    day: str = field(default_factory=lambda: time.strftime("%d %B %Y"))


_KINDS = {
    "samples": Sample,
    "curves": Sample,
    "bulk": Sample,
    "commands": Sample,
    "starts": Start,
    "soaks": Soak,
}


def save(results: Results, path: Path = FILE) -> None:
    """Write the results to a file."""
    path.write_text(json.dumps(asdict(results)), encoding="utf-8")


def load(path: Path = FILE) -> Results:
    """Return the results in a file."""
    told: dict[str, Any] = json.loads(path.read_bytes())
    told["installed"] = {name: Installed(**one) for name, one in told["installed"].items()}
    for name, kind in _KINDS.items():
        told[name] = [kind(**one) for one in told[name]]
    return Results(**told)
