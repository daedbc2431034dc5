"""Fit the calibrations of the embedders for many languages; write their parameters.

    python -m benchmarks.calibration.fit_multilingual

Run it in the root of the repository, with the extras `[local]` and `[multilingual]` installed. The
data are the English pairs and those of the folder `multilingual`. The universal sentence encoder
knows no Hindi, which is left out for it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from memoryos_server.embedders.e5.embedder import MultilingualE5
from memoryos_server.embedders.use import UniversalSentenceEncoder

from . import dataset, fit
from .fitting import fit_together
from .measure import score

if TYPE_CHECKING:
    from memoryos_server.embedders.local_model import LocalModelEmbedder

__all__ = ["EMBEDDERS", "main", "refitted"]

EMBEDDERS: dict[type[LocalModelEmbedder], tuple[str, ...]] = {
    MultilingualE5: (),
    UniversalSentenceEncoder: ("hi-",),
}
"""The embedders, with the beginnings of the names of people whose language they don't know."""


def refitted(embedder: LocalModelEmbedder) -> dict[str, Any]:
    """Return the record stored with the embedder: the parameters and their origin."""
    left_out = EMBEDDERS[type(embedder)]
    fitted, held_out = (
        score(
            embedder,
            [
                *dataset.pairs(split),
                *(
                    pair
                    for pair in dataset.pairs(split, dataset.MULTILINGUAL)
                    if not pair.person.startswith(left_out)
                ),
            ],
        )
        for split in ("fit", "heldout")
    )
    calibration = fit_together([fit.sides(fitted)])
    written = fit.record(embedder, calibration, fitted, held_out)
    return {**written, "multilingual_data_sha256": dataset.data_hash(dataset.MULTILINGUAL)}


def main() -> None:
    """Write the JSON records."""
    for kind in EMBEDDERS:
        written = json.dumps(refitted(kind()), indent=2)
        fit.record_path(kind.calibration_file).write_text(written + "\n", encoding="utf-8")
        print(written)


if __name__ == "__main__":
    main()
