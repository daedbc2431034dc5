"""The figures before the last change of the transport, shown beside the new ones.

`before.json` holds them: the figure of each goal, and of each bulk operation the memories per
second.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["FILE", "memories_per_second", "shown", "source", "value"]

FILE = Path(__file__).with_name("before.json")


@cache
def _kept() -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return kept


def source() -> str:
    """Return where the figures come from."""
    return str(_kept()["source"])


def shown(title: str) -> str:
    """Return the figure of a goal with its quartiles, or an empty string if it was not measured."""
    return str(_kept()["goals"].get(title, {}).get("shown", ""))


def value(title: str) -> float:
    """Return the figure of a goal."""
    return float(_kept()["goals"][title]["value"])


def memories_per_second(measure: str, peer: str) -> float | None:
    """Return the speed of a bulk operation, or None if it was not measured."""
    found: float | None = _kept()["bulk"].get(measure, {}).get(peer)
    return found
