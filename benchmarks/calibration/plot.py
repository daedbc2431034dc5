"""The plot of docs/calibration.md: both kinds of pair by cosine, and the map over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np

from memoryos_server.embedders import BALANCE_POINT

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from memoryos_server.embedders.calibration import Calibration

    from .measure import Scored

__all__ = ["draw"]

# Mid tones on a transparent ground: they keep their contrast on white and on near-black pages.
_TEXT = "#808080"
_RELATED = "#2f9e73"
_UNRELATED = "#d9722e"
_MAP = "#5b8def"
_BINS = np.arange(-0.2, 1.01, 0.04)
_STYLE = {
    "font.size": 10,
    "axes.edgecolor": _TEXT,
    "axes.labelcolor": _TEXT,
    "axes.titlecolor": _TEXT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": _TEXT,
    "xtick.color": _TEXT,
    "ytick.color": _TEXT,
    "legend.frameon": False,
    "svg.hashsalt": "calibration",
}


def draw(calibration: Calibration, fitted: Scored, held_out: Scored, path: Path) -> None:
    """Write a PNG with one panel for each split."""
    mpl.use("Agg")
    from matplotlib import pyplot

    with mpl.rc_context(_STYLE):
        figure, panels = pyplot.subplots(1, 2, figsize=(9, 3.6), sharey=True, layout="constrained")
        for axes, title, scored in zip(panels, ("fit", "held out"), (fitted, held_out), strict=True):
            _panel(axes, title, scored, calibration)
        panels[0].set_ylabel("similarity · share of pairs in a bin")
        panels[1].legend(loc="center right")
        figure.savefig(path, dpi=160, transparent=True, metadata={"Software": None})
        pyplot.close(figure)


def _panel(axes: Axes, title: str, scored: Scored, calibration: Calibration) -> None:
    for related, colour, label in ((False, _UNRELATED, "unrelated"), (True, _RELATED, "related")):
        values = scored.of(related=related)
        shares = np.full(len(values), 1 / len(values))
        axes.hist(values, bins=_BINS, weights=shares, color=colour, alpha=0.55, label=label)
    curve = np.linspace(-0.2, 1, 400)
    axes.plot(curve, calibration.similarity(curve), color=_MAP, linewidth=2, label="similarity")
    axes.axhline(BALANCE_POINT, color=_TEXT, linewidth=1, linestyle=":")
    axes.text(0.99, BALANCE_POINT - 0.02, "default threshold 0.7", ha="right", va="top", fontsize=8)
    axes.set(title=title, xlabel="cosine", xlim=(-0.2, 1), ylim=(0, 1.02))
