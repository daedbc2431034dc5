"""The goals, and the check whether they are met."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from . import before
from .commands import IMPORT, LIST
from .figures import best_ratio, failures, ratios, start_ratios, summary
from .lineup import BASE, C_PARSER, FAST, OWN
from .measures import VECTORS
from .soaking import SOAK_CALLS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .figures import Figure
    from .results import Results

__all__ = ["GOALS", "Goal", "Verdict"]


class Verdict(NamedTuple):
    """The measurement of a goal."""

    measured: str
    met: bool
    value: float | None = None
    """The number that is compared with the goal, if it is one number."""


class Goal(NamedTuple):
    """A goal."""

    what: str
    goal: str
    judge: Callable[[Results], Verdict | None]
    """Returns what came of it; None where it was not measured."""


def _at_most(limit: float, figure: Figure | None) -> Verdict | None:
    if figure is None:
        return None
    return Verdict(str(figure), figure.median <= limit, figure.median)


def _call(what: str, measure: str, peer: str, limit: float) -> Goal:
    def judge(results: Results) -> Verdict | None:
        return _at_most(limit, ratios(results.samples, measure, peer))

    return Goal(f"{what}, `{peer}`", f"≤ {limit:.2f}", judge)


def _vectors(peer: str, limit: float) -> Goal:
    def judge(results: Results) -> Verdict | None:
        """Judge by the most expensive of the four kinds."""
        base = ("vector list", BASE)
        found = [ratios(results.samples, f"vector {kind}", peer, to=base) for kind in VECTORS]
        figures = [figure for figure in found if figure is not None]
        return _at_most(limit, max(figures, default=None))

    what = f"search by an embedding of 1536 numbers, in the dearest of four forms, `{peer}`"
    return Goal(what, f"≤ {limit:.2f}", judge)


def _beside_aiohttp(what: str, measure: str, limit: float) -> Goal:
    def judge(results: Results) -> Verdict | None:
        return _at_most(limit, ratios(results.samples, measure, FAST, to=(measure, C_PARSER)))

    return Goal(f"{what}, `{FAST}`, to {C_PARSER}", f"≤ {limit:.2f}", judge)


def _crowd(peer: str) -> Goal:
    def judge(results: Results) -> Verdict | None:
        figure = ratios(results.samples, "at once 1000", peer, to=("at once 100", peer))
        failed, calls = failures(results.samples, "at once 1000", peer)
        if figure is None:
            return None
        met = figure.median <= 1.3 and not failed
        return Verdict(f"{figure}; {failed} of {calls:,} failed", met)

    what = f"async create, 1,000 at once, to 100 at once, `{peer}`"
    return Goal(what, "≤ 1.3, no failure", judge)


def _over_tls() -> Iterator[Goal]:
    """Yield the goals over TLS, each a little above the same without it."""
    for what, measure, peer, limit in _CALLS:
        yield _call(f"{what}, over TLS", f"{measure} tls", peer, limit + _TLS_MARGIN)
    what = "search by an embedding of 1536 numbers, over TLS"
    yield _call(what, "vector list tls", FAST, _VECTOR_LIMIT + _TLS_MARGIN)
    what = "async create, 100 at once, over TLS"
    yield _beside_aiohttp(what, "at once 100 long tls", 1 + _TLS_MARGIN)


def _started(title: str, what: str, peer: str) -> Goal:
    """Return the goal that a start is no slower than before, in the digits that are shown."""
    title = f"{title}, `{peer}`"
    limit = before.value(title)

    def judge(results: Results) -> Verdict | None:
        return _at_most(limit + 0.005, start_ratios(results.starts, what, peer))

    return Goal(title, f"≤ {limit:.2f}, as before", judge)


def _command(results: Results) -> Verdict | None:
    ratio = best_ratio(results.commands, (LIST, OWN), (IMPORT, BASE))
    return None if ratio is None else Verdict(f"{ratio:.2f}", ratio <= 3, ratio)


def _flat(results: Results) -> Verdict | None:
    """Judge by the client whose memory grows most, and by all descriptors."""
    if not results.soaks:
        return None
    megabytes = max(one.megabytes_gained for one in results.soaks)
    descriptors = max(one.descriptors_gained for one in results.soaks)
    calls = min(one.calls for one in results.soaks)
    measured = f"{megabytes:+.1f} MB, {descriptors:+d} descriptors, {calls:,} calls"
    is_flat = megabytes <= FLAT_MEGABYTES and descriptors <= 0
    return Verdict(measured, is_flat and calls >= SOAK_CALLS, megabytes)


def _installed(results: Results) -> Verdict | None:
    own = results.installed[OWN]
    met = own.distributions <= 12 and own.megabytes <= 8
    return Verdict(f"{own.distributions} distributions, {own.megabytes:.1f} MB", met)


def _memory(what: str) -> Callable[[Results], Verdict | None]:
    def judge(results: Results) -> Verdict | None:
        held = {(start.peer, start.round): getattr(start, what) for start in results.starts}
        more = [held[OWN, r] - held[BASE, r] for peer, r in held if peer == OWN]
        figure = summary(more)
        return figure and Verdict(f"{figure.median:+.1f} MB", figure.median <= 3)

    return judge


# What is called, the measure, the peer, and the limit for its ratio to httpx.
_CALLS = (
    ("create", "create", OWN, 0.38),
    ("search, 10 results", "search", OWN, 0.40),
    ("list of 100", "list", OWN, 0.65),
    ("async create, 100 at once", "at once 100", OWN, 0.08),
    ("create", "create", FAST, 0.15),
    ("search, 10 results", "search", FAST, 0.18),
    ("list of 100", "list", FAST, 0.28),
)
_VECTOR_LIMIT = 0.30
_TLS_MARGIN = 0.05
FLAT_MEGABYTES = 1.0

GOALS = (
    *(_call(*call) for call in _CALLS),
    _vectors(FAST, _VECTOR_LIMIT),
    _vectors(OWN, 0.90),
    _beside_aiohttp("async create, 100 at once", "at once 100 long", 1.0),
    _crowd(OWN),
    _crowd(FAST),
    *_over_tls(),
    _started("import", "imported", OWN),
    _started("import, first client and first call", "first_call", OWN),
    _started("import, first client and first call", "first_call", FAST),
    Goal(f"`memoryos {LIST}`, to `{IMPORT}`", "≤ 3.00", _command),
    Goal(
        f"growth over {SOAK_CALLS:,} calls, after a tenth of them", "≤ 1 MB, no descriptor", _flat
    ),
    Goal("installed, itself included", "≤ 12 distributions, ≤ 8 MB", _installed),
    Goal("memory after the first client, beyond httpx's", "≤ 3 MB", _memory("megabytes_client")),
    Goal("… after the first call, beyond httpx's", "≤ 3 MB", _memory("megabytes_call")),
)
