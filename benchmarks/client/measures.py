"""The measured operations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .lineup import BASE, C_PARSER, FAST, LINEUP, LOCAL, OWN, earlier

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .lineup import Peer

__all__ = ["BULK", "CONCURRENCIES", "LENGTHS", "MEASURES", "Measure", "Sample", "bulk", "curves"]

VECTORS = ("list", "tuple", "array", "numpy")
CONCURRENCIES = (1, 3, 10, 30, 100, 300, 1000)
LENGTHS = (1, 3, 10, 30, 100)
BULK = ("create_many", "iterate", "export", "import_")
BULK_MEMORIES = 1000


@dataclass(frozen=True)
class Measure:
    """One operation, repeated."""

    name: str
    operation: str
    calls: int
    details: dict[str, Any] = field(default_factory=dict)
    tls: bool = False
    only: tuple[str, ...] = ()

    def address(self, peer: str) -> str:
        """Return which of the addresses it is for."""
        if peer in (LOCAL, earlier(LOCAL)):
            return "local"
        return "https" if self.tls else "http"

    def is_for(self, name: str, peer: Peer) -> bool:
        """Return whether a peer takes part, under this name."""
        if self.tls and not peer.tls:
            return False
        if self.operation == "search_by_vector" and not peer.vectors:
            return False
        able = peer.concurrent if self.operation == "create at once" else peer.blocking
        return able and (not self.only or name in self.only)


@dataclass(frozen=True)
class Sample:
    """The result of a measure for one peer in one round: seconds per call, and failures.

    For a bulk operation, a call is a memory.
    """

    measure: str
    peer: str
    round: int
    cpu: float
    wall: float
    failed: int
    calls: int


def _at_once(
    name: str, concurrency: int, calls: int, *, tls: bool = False, only: Iterable[str] = ()
) -> Measure:
    details = {"concurrency": concurrency}
    return Measure(name, "create at once", calls, details, tls, tuple(only))


def _by_vector(kind: str) -> Measure:
    only = () if kind == "list" else (OWN, FAST)
    return Measure(f"vector {kind}", "search_by_vector", 40, {"kind": kind}, only=only)


MEASURES = (
    Measure("create", "create", 300),
    Measure("list", "list", 60, {"count": 100}),
    Measure("search", "search", 150),
    *map(_by_vector, VECTORS),
    _at_once("at once 100", 100, 200),
    # More calls than httpx has time for: these peers are close to one another.
    _at_once("at once 100 long", 100, 3000, only=(FAST, C_PARSER)),
    _at_once("at once 1000", 1000, 2000, only=(OWN, FAST, C_PARSER)),
    Measure("create tls", "create", 300, tls=True),
    Measure("list tls", "list", 60, {"count": 100}, tls=True),
    Measure("search tls", "search", 150, tls=True),
    Measure("vector list tls", "search_by_vector", 40, {"kind": "list"}, tls=True),
    _at_once("at once 100 tls", 100, 200, tls=True, only=(BASE, OWN, FAST, C_PARSER)),
    _at_once("at once 100 long tls", 100, 3000, tls=True, only=(FAST, C_PARSER)),
)


def curves() -> list[Measure]:
    """Return the measures of the two scaling curves."""
    by_concurrency = [_at_once(f"at once {n}", n, max(n, 200)) for n in CONCURRENCIES]
    without_raw = tuple(name for name, peer in LINEUP.items() if peer.requirement != "")
    by_length = [Measure(f"list {n}", "list", 50, {"count": n}, only=without_raw) for n in LENGTHS]
    return [*by_concurrency, *by_length]


def bulk() -> list[Measure]:
    """Return the measures of the bulk operations."""
    kinds = (("sync", (OWN, FAST, LOCAL)), ("async", (OWN, FAST)))
    return [
        Measure(
            f"{name} {kind}",
            name,
            BULK_MEMORIES,
            {"kind": kind},
            only=(*only, *map(earlier, only)),
        )
        for name in BULK
        for kind, only in kinds
    ]
