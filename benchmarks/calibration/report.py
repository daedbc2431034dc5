"""The generated part of docs/calibration.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from memoryos_server.embedders import BALANCE_POINT

from .dataset import EXAMPLES, read_lines
from .measure import cosines, missed_by_kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memoryos_server.embedders import Embedder
    from memoryos_server.embedders.calibration import Calibration

    from .measure import Scored

__all__ = ["BEGIN", "END", "figures_table", "fill", "tables"]

BEGIN = "<!-- written by benchmarks.calibration.fit: begin -->"
END = "<!-- written by benchmarks.calibration.fit: end -->"

_ROWS = (
    ("Related pairs", "related_pairs"),
    ("Unrelated pairs", "unrelated_pairs"),
    ("A related pair lies above an unrelated one (ROC AUC)", "area_under_curve"),
    ("Cosine where both kinds of mistake are equally frequent", "balance_cosine"),
    ("… in 95 of 100 draws of people, from", "balance_cosine_low"),
    ("… to", "balance_cosine_high"),
    ("Similarity where both are equally frequent", "balance_similarity"),
    ("Related pairs missed at 0.7", "related_missed_at_balance_point"),
    ("Unrelated pairs found at 0.7", "unrelated_found_at_balance_point"),
)
_CURVE = np.arange(0, 1.01, 0.1)


def fill(document: str, generated: str) -> str:
    """Return the document with what stands between its markers replaced.

    Raises:
        ValueError: the document lacks a marker.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the document needs the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{generated}\n{END}{after}"


def tables(
    record: dict[str, Any], embedder: Embedder, calibration: Calibration, held_out: Scored
) -> str:
    """Return everything between the markers, as Markdown."""
    parameters = record["parameters"]
    parts = [
        f"`{record['model']}`: slope {parameters['slope']}, midpoint {parameters['midpoint']}.",
        figures_table(record),
        "The map:",
        _curve(calibration),
        "Held-out related pairs missed at 0.7, by the kind of query:",
        _kinds(held_out, calibration),
        "Pairs that are in neither set:",
        _examples(embedder, calibration),
    ]
    return "\n\n".join(parts) + "\n"


def figures_table(record: dict[str, Any]) -> str:
    """Return the figures of both splits, as a Markdown table."""
    rows = [(title, record["fit"][key], record["held_out"][key]) for title, key in _ROWS]
    return _table(("", "fit", "held out"), rows)


def _curve(calibration: Calibration) -> str:
    similarities = calibration.similarity(_CURVE)
    return _table(
        ("cosine", *(f"{cosine:.1f}" for cosine in _CURVE)),
        [("similarity", *(f"{similarity:.2f}" for similarity in similarities))],
    )


def _kinds(held_out: Scored, calibration: Calibration) -> str:
    rows = sorted(missed_by_kind(held_out, calibration).items(), key=lambda row: -row[1][0])
    return _table(
        ("kind", "pairs", "missed"),
        [(kind, count, f"{share:.0%}") for kind, (count, share) in rows],
    )


def _examples(embedder: Embedder, calibration: Calibration) -> str:
    lines = read_lines(EXAMPLES)
    values = cosines(embedder, [(line["query"], line["memory"]) for line in lines])
    rows = zip(lines, values, calibration.similarity(values), strict=True)
    return _table(
        ("query", "memory", "cosine", "similarity", "found at 0.7"),
        [
            (
                line["query"],
                line["memory"],
                f"{cosine:.3f}",
                f"{similarity:.2f}",
                "yes" if similarity >= BALANCE_POINT else "no",
            )
            for line, cosine, similarity in rows
        ],
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
