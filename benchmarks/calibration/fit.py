"""Fit the calibration of MiniLM; write its parameters, its documentation and its plot.

    python -m benchmarks.calibration.fit

Run it in the root of the repository, with the `[local]` extra and matplotlib installed.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memoryos_server.embedders.minilm import MiniLM

from .dataset import data_hash, pairs
from .fitting import fit
from .measure import Scored, figures, score

if TYPE_CHECKING:
    from memoryos_server.embedders import Embedder
    from memoryos_server.embedders.calibration import Calibration

__all__ = ["main", "record", "record_path"]

_PARAMETER_DIGITS = 4
_DOCUMENT = Path(__file__).parents[2] / "docs" / "calibration.md"


def record_path(name: str) -> Path:
    """Return the path of a record that is stored with an embedder."""
    return Path(str(files("memoryos_server.embedders"))) / name


def calibrate(embedder: Embedder) -> tuple[Calibration, Scored, Scored]:
    """Return the map fitted on the fit split, and the features of both splits."""
    fitted, held_out = score(embedder, pairs("fit")), score(embedder, pairs("heldout"))
    calibration = fit(fitted.sides(fitted.cosines), fitted.sides(fitted.held))
    return calibration, fitted, held_out


def record(
    embedder: Embedder, calibration: Calibration, fitted: Scored, held_out: Scored
) -> dict[str, Any]:
    """Return the record stored with the embedder: the parameters and their origin."""
    return {
        "model": embedder.name,
        "data_sha256": data_hash(),
        "parameters": {
            "slope": round(calibration.slope, _PARAMETER_DIGITS),
            "midpoint": round(calibration.midpoint, _PARAMETER_DIGITS),
            "words": round(calibration.words, _PARAMETER_DIGITS),
        },
        "fit": figures(fitted, calibration),
        "held_out": figures(held_out, calibration),
    }


def main() -> None:
    """Write the JSON record, and the tables and the plot of docs/calibration.md."""
    from .plot import draw
    from .report import fill, tables

    embedder = MiniLM()
    calibration, fitted, held_out = calibrate(embedder)
    written = record(embedder, calibration, fitted, held_out)
    record_path(MiniLM.calibration_file).write_text(
        json.dumps(written, indent=2) + "\n", encoding="utf-8"
    )
    text = _DOCUMENT.read_text(encoding="utf-8")
    generated = tables(written, embedder, calibration, held_out)
    _DOCUMENT.write_text(fill(text, generated), encoding="utf-8")
    draw(calibration, fitted, held_out, _DOCUMENT.with_name("calibration.png"))
    print(json.dumps(written, indent=2))


if __name__ == "__main__":
    main()
