"""The generated part of docs/calibration.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from memoryos_server.embedders import BALANCE_POINT

from .dataset import EXAMPLES, read_lines
from .measure import features_of, index_of_texts, missed_by_kind

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
    ("… by its cosine alone", "area_under_curve_of_cosines"),
    ("Cosine + words where both kinds of mistake are equally frequent", "balance"),
    ("… in 95 of 100 draws of people, from", "balance_low"),
    ("… to", "balance_high"),
    ("Similarity where both are equally frequent", "balance_similarity"),
    ("Related pairs missed at 0.7", "related_missed_at_balance_point"),
    ("Unrelated pairs found at 0.7", "unrelated_found_at_balance_point"),
)
_CURVE = np.arange(0, 1.01, 0.1)


def fill(document: str, generated: str) -> str:
    """Return the document with the part between its markers replaced.

    Raises:
        ValueError: The document lacks a marker.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the document needs the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{generated}\n{END}{after}"


def tables(
    record: dict[str, Any], embedder: Embedder, calibration: Calibration, held_out: Scored
) -> str:
    """Return the generated part, as Markdown."""
    parameters = record["parameters"]
    named = ", ".join(f"{name} {value}" for name, value in parameters.items())
    parts = [
        f"`{record['model']}`: {named}.",
        figures_table(record),
        "Each set of `tests/retrieval/sets`, by a map that is fitted to everything else:",
        _sets(record["sets_left_out"]),
        "The map, for a memory that holds no word of the query:",
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


def _sets(left_out: dict[str, dict[str, float]]) -> str:
    rows = [(name, f"{one['missed']:.0%}", f"{one['found']:.0%}") for name, one in left_out.items()]
    return _table(("set", "related pairs missed", "unrelated pairs found"), rows)


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
    memories = list(dict.fromkeys(line["memory"] for line in lines))
    index = index_of_texts(embedder, memories)
    return _table(
        ("query", "memory", "cosine", "words held", "similarity", "found at 0.7"),
        [
            _example(
                line,
                features_of(embedder, line["query"], index)[memories.index(line["memory"])],
                calibration,
            )
            for line in lines
        ],
    )


def _example(
    line: dict[str, str], signs: tuple[float, float], calibration: Calibration
) -> tuple[str, ...]:
    cosine, held = signs
    similarity = float(calibration.similarity(np.array(cosine), held))
    return (
        line["query"],
        line["memory"],
        f"{cosine:.3f}",
        f"{held:.0%}",
        f"{similarity:.2f}",
        "yes" if similarity >= BALANCE_POINT else "no",
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
