"""The plot of docs/calibration.md: the map from cosine to similarity, and both error rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.plotting import COLOURS, TEXT, panels
from memoryos_server.embedders import BALANCE_POINT

from .fitting import balance, wrong_at

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from memoryos_server.embedders.calibration import Calibration

    from .measure import Scored

__all__ = ["draw"]

_MAP, _RELATED, _UNRELATED, _ = COLOURS


def draw(calibration: Calibration, fitted: Scored, held_out: Scored, path: Path) -> None:
    """Write a PNG with one panel for each split."""
    with panels(path, size=(9, 4), columns=2) as (left, right):
        _panel(left, "fit", fitted, calibration)
        _panel(right, "held out", held_out, calibration)
        left.set_ylabel("similarity · share of pairs")
        left.figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3)


def _panel(axes: Axes, title: str, scored: Scored, calibration: Calibration) -> None:
    cosines = np.linspace(-0.2, 1, 400)
    sides = scored.sides(scored.own(calibration))
    missed, found = wrong_at(cosines, *sides)
    axes.plot(
        cosines, calibration.similarity(cosines), color=_MAP, linewidth=2.5, label="similarity"
    )
    axes.plot(cosines, found, color=_UNRELATED, label="unrelated pairs at or above")
    axes.plot(cosines, missed, color=_RELATED, label="related pairs below")
    crossing = balance(*sides)
    axes.axvline(crossing, color=TEXT, linewidth=1, linestyle=":")
    axes.axhline(BALANCE_POINT, color=TEXT, linewidth=1, linestyle=":")
    axes.text(0.99, BALANCE_POINT - 0.02, "default threshold 0.7", ha="right", va="top", fontsize=8)
    axes.text(crossing + 0.015, 0.56, f"balance\n{crossing:.3f}", fontsize=8)
    axes.grid(visible=False)  # two lines already mark the balance
    axes.set(title=title, xlabel="cosine and word overlap", xlim=(-0.2, 1), ylim=(0, 1.02))
