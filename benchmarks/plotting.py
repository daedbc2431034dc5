"""One style for all plots: readable on white pages and on dark ones."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib as mpl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from matplotlib.axes import Axes

__all__ = ["COLOURS", "STYLE", "TEXT", "plot"]

# Mid tones on a transparent ground keep their contrast on either.
TEXT = "#808080"
COLOURS = ("#5b8def", "#2f9e73", "#d9722e", "#b35cc9")
STYLE: dict[Any, Any] = {
    "font.size": 10,
    "axes.edgecolor": TEXT,
    "axes.labelcolor": TEXT,
    "axes.titlecolor": TEXT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": TEXT,
    "grid.alpha": 0.25,
    "text.color": TEXT,
    "xtick.color": TEXT,
    "ytick.color": TEXT,
    "legend.frameon": False,
}


@contextmanager
def plot(path: Path, *, size: tuple[float, float] = (8, 4)) -> Iterator[Axes]:
    """Lend axes to draw on, and write them as a PNG in the end."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=size, layout="constrained")
        yield axes
        figure.savefig(path, dpi=160, transparent=True, metadata={"Software": None})
        plt.close(figure)
