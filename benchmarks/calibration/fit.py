"""Fit the calibration of MiniLM; write its parameters, its documentation and its plot.

    python -m benchmarks.calibration.fit

Run it in the root of the repository, with the `[local]` extra and matplotlib installed.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from benchmarks.retrieval.vectors import StoredVectors
from memoryos_server.embedders import BALANCE_POINT
from memoryos_server.embedders.minilm import MiniLM

from .dataset import data_hash, pairs
from .fitting import fit_together, wrong_at
from .measure import Scored, figures, score
from .sets import own_sets, score_set, sets_hash

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from memoryos_server.embedders import Embedder
    from memoryos_server.embedders.calibration import Calibration

    Sides = list[NDArray[np.floating]]

__all__ = [
    "LabelledData",
    "calibrate",
    "labelled_data",
    "main",
    "mistakes",
    "record",
    "record_path",
    "record_with_sets",
    "sides",
]

USUAL_MEAN = 0.1
"""The mean cosine of a query and memories that `Calibration.usual_mean` takes for usual.

MiniLM gives 0.07 to 0.24 in English, and 0.3 to 0.5 in languages that it doesn't know.
"""

_PARAMETER_DIGITS = 4
_DOCUMENT = Path(__file__).parents[2] / "docs" / "calibration.md"


def record_path(name: str) -> Path:
    """Return the path of a record that is stored with an embedder."""
    return Path(str(files("memoryos_server.embedders"))) / name


class LabelledData(NamedTuple):
    """The features of all labelled pairs.

    Attributes:
        people: The pairs of the fit's people.
        sets: The pairs of each set of this repository.
        held_out: The pairs of people who are held out.
    """

    people: Scored
    sets: Sequence[Scored]
    held_out: Scored


def labelled_data(embedder: Embedder) -> LabelledData:
    """Return the features of the labelled pairs."""
    return LabelledData(
        score(embedder, pairs("fit"), USUAL_MEAN),
        [score_set(embedder, one, USUAL_MEAN) for one in own_sets()],
        score(embedder, pairs("heldout"), USUAL_MEAN),
    )


def calibrate(data: LabelledData, left_out: Scored | None = None) -> Calibration:
    """Return the map fitted to all groups of pairs but one, each of which weighs the same."""
    groups = [group for group in (data.people, *data.sets) if group is not left_out]
    return fit_together([sides(group) for group in groups], USUAL_MEAN)


def mistakes(calibration: Calibration, group: Scored) -> dict[str, float]:
    """Return the shares of related pairs missed at 0.7, and of unrelated ones found."""
    related, unrelated = group.sides(group.similarities(calibration))
    missed, found = wrong_at(np.array([BALANCE_POINT]), related, unrelated)
    return {"missed": round(float(missed[0]), 4), "found": round(float(found[0]), 4)}


def record(
    embedder: Embedder, calibration: Calibration, fitted: Scored, held_out: Scored
) -> dict[str, Any]:
    """Return the record stored with the embedder: the parameters and their origin."""
    return {
        "model": embedder.name,
        "data_sha256": data_hash(),
        "parameters": {
            name: round(value, _PARAMETER_DIGITS)
            for name, value in asdict(calibration).items()
            if value
        },
        "fit": figures(fitted, calibration),
        "held_out": figures(held_out, calibration),
    }


def record_with_sets(
    embedder: Embedder, calibration: Calibration, data: LabelledData
) -> dict[str, Any]:
    """Return the record of a map that was fitted to the sets as well."""
    return {
        **record(embedder, calibration, data.people, data.held_out),
        "sets_sha256": sets_hash(),
        "sets_left_out": {
            one.pairs[0].person: mistakes(calibrate(data, left_out=one), one) for one in data.sets
        },
    }


def sides(group: Scored) -> Sides:
    """Return the features of the related pairs and of the unrelated ones, one row for each pair."""
    columns = (group.cosines, group.held, group.requested)
    return [np.stack(side, axis=1) for side in zip(*map(group.sides, columns), strict=True)]


def main() -> None:
    """Write the JSON record, and the tables and the plot of docs/calibration.md."""
    from .plot import draw
    from .report import fill, tables

    embedder = StoredVectors(MiniLM())
    data = labelled_data(embedder)
    calibration = calibrate(data)
    written = record_with_sets(embedder, calibration, data)
    record_path(MiniLM.calibration_file).write_text(
        json.dumps(written, indent=2) + "\n", encoding="utf-8"
    )
    text = _DOCUMENT.read_text(encoding="utf-8")
    generated = tables(written, embedder, calibration, data.held_out)
    _DOCUMENT.write_text(fill(text, generated), encoding="utf-8")
    draw(calibration, data.people, data.held_out, _DOCUMENT.with_name("calibration.png"))
    print(json.dumps(written, indent=2))


if __name__ == "__main__":
    main()
