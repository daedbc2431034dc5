"""One style for all plots, readable on a white and on a dark page."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib as mpl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from matplotlib.axes import Axes

__all__ = ["COLOURS", "TEXT", "panels", "plot"]

# Mid tones on a transparent background have enough contrast on either.
TEXT = "#808080"
COLOURS = ("#5b8def", "#2f9e73", "#d9722e", "#b35cc9")
_STYLE: dict[Any, Any] = {
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
    """Yield axes to draw on, and write them to a PNG."""
    with panels(path, size=size) as (axes,):
        yield axes


@contextmanager
def panels(
    path: Path, *, size: tuple[float, float], columns: int = 1
) -> Iterator[tuple[Axes, ...]]:
    """Yield axes side by side with a common y axis, and write them to one PNG."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    with mpl.rc_context(_STYLE):
        figure, axes = plt.subplots(
            1, columns, figsize=size, sharey=True, squeeze=False, layout="constrained"
        )
        yield tuple(axes[0])
        figure.savefig(path, dpi=160, transparent=True, metadata={"Software": None})
        plt.close(figure)
