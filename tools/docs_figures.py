"""Writes the local Memory OS's constants into docs/explanation/scores.md, as tables and a figure.

usage: python tools/docs_figures.py     (a test fails if they differ)
"""

from __future__ import annotations

import math
import re
from pathlib import Path

from memoryos_server.model.memory_expiry import SHORT_TIER_LIFETIME
from memoryos_server.search.combined_score import ATTRIBUTE_WEIGHTS, HALF_SCORE
from memoryos_server.search.decay import DECAY_RATES_PER_HOUR

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "explanation" / "scores.md"
FIGURE = ROOT / "docs" / "images" / "decay.svg"

_HOUR, _DAY, _YEAR = 1.0, 24.0, 24.0 * 365
_SHORT_LIFE = SHORT_TIER_LIFETIME.total_seconds() / 3600

# Readable on a white and on a black page.
_COLOURS = {"short": "#e0632f", "medium": "#2f8fc4", "long": "#3f9e5a"}
_INK = "#7f8794"

_WIDTH, _HEIGHT = 440, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 426, 28, 212
_TICKS = {"1 h": _HOUR, "6 h": 6, "1 day": _DAY, "1 week": 7 * _DAY, "1 month": 30 * _DAY}
_TICKS |= {"1 year": _YEAR}


def relevance(tier: str, hours: float) -> float:
    """Return a memory's remaining share of relevance after hours without access."""
    return math.pow(1 - DECAY_RATES_PER_HOUR[tier], hours)


def hours_until(tier: str, share: float) -> float:
    """Return the hours without access after which this share of the relevance remains."""
    return math.log(share) / math.log(1 - DECAY_RATES_PER_HOUR[tier])


def decay_table() -> str:
    """Return the decay of each tier as a table."""
    rows = [
        f"| `{tier}` | {rate:.2%} an hour | {in_words(hours_until(tier, 0.5))} | "
        f"{in_words(hours_until(tier, 0.1))} | {'24 hours' if tier == 'short' else 'never'} |"
        for tier, rate in DECAY_RATES_PER_HOUR.items()
    ]
    heading = "| tier | fades by | half is left after | a tenth after | it expires after |"
    return "\n".join([heading, "| --- | --- | --- | --- | --- |", *rows]).replace(
        "% |", "% an hour |"
    )


def in_words(hours: float) -> str:
    """Return a duration in hours or days."""
    if hours < 2 * _DAY:
        return f"{hours:.0f} hours"
    return f"{hours / _DAY:.0f} days"


def weights_line() -> str:
    """Return the formula of the combined score."""
    terms = "".join(f" + {weight:g} · {name}" for name, weight in ATTRIBUTE_WEIGHTS.items())
    score = f"    combined_score = total / (total + {HALF_SCORE:g})"
    return f"    total = evidence{terms}\n{score}"


def decay_figure() -> str:
    """Return the relevance of each tier over time as an SVG."""
    parts = [*_axes(), *(_curve(tier) for tier in DECAY_RATES_PER_HOUR)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="{_INK}">\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _axes() -> list[str]:
    lines = [
        f'<path d="M{_LEFT} {_y(share):.1f}H{_RIGHT}" stroke="{_INK}" stroke-opacity=".35"/>'
        f'<text x="{_LEFT - 6}" y="{_y(share) + 4:.1f}" text-anchor="end">{share:g}</text>'
        for share in (0, 0.5, 1)
    ]
    ticks = [
        f'<text x="{_x(hours):.1f}" y="{_BOTTOM + 18}" text-anchor="{_anchor(hours)}">{name}</text>'
        for name, hours in _TICKS.items()
    ]
    return [*lines, *ticks, f'<text x="{_LEFT}" y="{_HEIGHT - 4}">since it was last read</text>']


def _anchor(hours: float) -> str:
    return {_HOUR: "start", _YEAR: "end"}.get(hours, "middle")


def _curve(tier: str) -> str:
    end = _SHORT_LIFE if tier == "short" else _YEAR
    steps = 60
    times = [_HOUR * (end / _HOUR) ** (step / steps) for step in range(steps + 1)]
    points = " ".join(f"{_x(hours):.1f},{_y(relevance(tier, hours)):.1f}" for hours in times)
    half = hours_until(tier, 0.5)
    return (
        f'<polyline points="{points}" fill="none" stroke="{_COLOURS[tier]}" stroke-width="2.5"/>'
        f'<text x="{_x(half) + 8:.1f}" y="{_y(0.5) - 8:.1f}" font-weight="bold" '
        f'fill="{_COLOURS[tier]}">{tier}</text>'
    )


def _x(hours: float) -> float:
    """Return the place of a time on the logarithmic axis."""
    return _LEFT + (_RIGHT - _LEFT) * math.log(hours / _HOUR) / math.log(_YEAR / _HOUR)


def _y(share: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * share


def with_figures(page: str) -> str:
    """Return the page with the parts between its markers replaced."""
    for name, text in (("decay", decay_table()), ("weights", weights_line())):
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        between = re.compile(f"{begin}.*?{end}", re.DOTALL)
        page, count = between.subn(f"{begin}\n\n{text}\n\n{end}", page)
        if count != 1:
            raise ValueError(f"{PAGE.name} has not one place for {name}")
    return page


if __name__ == "__main__":
    PAGE.write_text(with_figures(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    FIGURE.write_text(decay_figure(), encoding="utf-8")
