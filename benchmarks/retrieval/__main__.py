"""Measure how well and how fast conversations are searched; write it into docs/local.md.

    python -m benchmarks.retrieval FOLDER [--write]

FOLDER holds conversations of LoCoMo. Needs the `[local]` extra, and matplotlib to write.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.marked import fill, table
from memoryos_server.embedders import default_embedder
from memoryos_server.evidence import FEATURES, WEIGHTS

from .features import features_of, ranked
from .fitting import fit
from .locomo import CATEGORIES, conversations
from .recall import CUTS, mean_recall
from .served import answers, search_times

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .features import Asked
    from .locomo import Conversation
    from .recall import Answered

DOCUMENT = Path(__file__).parents[2] / "docs" / "local.md"
MEMORIES = 10_000

_HEAD = tuple(f"R@{cut}" for cut in CUTS)
_COSINE_ALONE = "the cosine alone"


def steps(alone: Sequence[Asked], together: Sequence[Asked]) -> dict[str, list[float]]:
    """Return the recall as one sign after the other is added, up to what the server does."""
    _, words, speaker, neighbours, question = WEIGHTS
    tried = {
        _COSINE_ALONE: (alone, (1, 0, 0, 0, 0)),
        "words alone": (alone, (0, 1, 0, 0, 0)),
        "cosine + words": (alone, (1, words, 0, 0, 0)),
        "… words of the lines around": (together, (1, words, 0, 0, 0)),
        "… who speaks": (together, (1, words, speaker, 0, 0)),
        "… cosines of the lines around": (together, (1, words, speaker, neighbours, 0)),
        "… the question before: what the server does": (
            together,
            (1, words, speaker, neighbours, question),
        ),
    }
    return {name: mean_recall(ranked(asked, weights)) for name, (asked, weights) in tried.items()}


def left_out(by_conversation: Mapping[str, Sequence[Asked]]) -> list[Answered]:
    """Return what is found in each conversation with weights that were fitted to the others."""
    found: list[Answered] = []
    for name, asked in by_conversation.items():
        others = [
            item for other, items in by_conversation.items() if other != name for item in items
        ]
        found += ranked(asked, fit(others))
    return found


def report(stored: Sequence[Conversation]) -> tuple[str, dict[str, list[float]]]:
    """Return everything between the markers, and the recall of each step."""
    embedder = default_embedder()
    if embedder is None:
        raise SystemExit("needs the extra [local]")
    answered = [item for conversation in stored for item in answers(conversation)]
    together = {one.name: features_of(one, embedder) for one in stored}
    alone = [item for one in stored for item in features_of(one, embedder, in_threads=False)]
    every = [item for items in together.values() for item in items]
    by_step = steps(alone, every)
    times = 1000 * np.array(search_times(stored, MEMORIES))
    turns = sum(len(one.memories) for one in stored)
    p50, p95 = np.quantile(times, [0.5, 0.95])
    parts = [
        f"{len(stored)} conversations, {turns} turns, {len(answered)} questions; through the SDK:",
        _recall_table(answered),
        "One sign after the other, by the weights of the server:",
        table(("", *_HEAD), [(name, *_digits(values)) for name, values in by_step.items()]),
        "Weights that are fitted to the other conversations, one left out at a time:",
        table(("", *_HEAD), [("left out", *_digits(mean_recall(left_out(together))))]),
        "The weights of the server, and what the fit to all conversations gives:",
        table(("", *FEATURES), [("server", *WEIGHTS), ("fitted", *_two(fit(every)))]),
        f"A search among {MEMORIES:,} of them, besides embedding the query, in milliseconds:",
        table(("p50", "p95"), [(f"{p50:.1f}", f"{p95:.1f}")]),
    ]
    return "\n\n".join(parts), by_step


def draw(by_step: Mapping[str, Sequence[float]], path: Path) -> None:
    """Draw the recall at 5 and at 10 by step."""
    from benchmarks.plotting import COLOURS, plot

    with plot(path, size=(8, 3.6)) as axes:
        places = np.arange(len(by_step))[::-1]
        for shift, cut, colour in ((0.2, 5, COLOURS[0]), (-0.2, 10, COLOURS[1])):
            values = [recall[CUTS.index(cut)] for recall in by_step.values()]
            axes.barh(places + shift, values, height=0.38, color=colour, label=f"recall at {cut}")
        axes.set_yticks(places, [name.split(":")[0] for name in by_step])
        axes.set_xlim(0, 1)
        axes.grid(visible=False, axis="y")
        axes.legend(loc="lower right")


def _recall_table(answered: Sequence[Answered]) -> str:
    rows = [
        (
            name,
            sum(item.question.category == category for item in answered),
            *_digits(mean_recall(answered, category)),
        )
        for category, name in CATEGORIES.items()
    ]
    return table(
        ("answered by", "questions", *_HEAD),
        [*rows, ("all", len(answered), *_digits(mean_recall(answered)))],
    )


def _digits(values: Sequence[float]) -> list[str]:
    return [f"{value:.3f}" for value in values]


def _two(values: Sequence[float]) -> list[str]:
    return [f"{value:.2f}" for value in values]


def main() -> None:
    """Print the figures, and write them where that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retrieval", description=__doc__)
    parser.add_argument("folder", type=Path, help="conversations of LoCoMo, one JSON file each")
    parser.add_argument("--write", action="store_true", help="write docs/local.md and its plot")
    options = parser.parse_args()
    generated, by_step = report(conversations(options.folder))
    print(generated)
    if options.write:
        fill(DOCUMENT, "benchmarks.retrieval", generated)
        draw(by_step, DOCUMENT.with_name("local-recall.png"))


if __name__ == "__main__":
    main()
