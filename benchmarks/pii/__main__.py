"""Measure the detection of personal data; write it into docs/explanation/pii.md.

    python -m benchmarks.pii [--write] [--compare]

Run it in the root of the repository. `--compare` needs phonenumbers, which nothing else installs.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.marked import fill, table

from .measure import SPLITS, counts, mistakes, texts

if TYPE_CHECKING:
    from .measure import Counts

__all__ = ["DOCUMENT", "NAME", "report"]

DOCUMENT = Path(__file__).parents[2] / "docs" / "explanation" / "pii.md"
NAME = "benchmarks.pii"

_TITLES = {"tuning": "Texts that the rules were written with", "heldout": "Held out"}
_HEAD = ("kind", "texts with it", "missed", "wrongly found", "precision", "recall")


def report() -> str:
    """Return the generated part, as Markdown."""
    parts: list[str] = []
    for split in SPLITS:
        labelled = texts(split)
        locales = len({text.locale for text in labelled})
        empty = sum(not text.kinds for text in labelled)
        parts += [
            f"{_TITLES[split]}: {len(labelled)} from {locales} locales, {empty} that hold nothing.",
            table(_HEAD, [_row(kind, measured) for kind, measured in counts(labelled).items()]),
        ]
    parts += ["Every mistake:", _mistakes()]
    return "\n\n".join(parts)


def _row(kind: str, measured: Counts) -> tuple[object, ...]:
    return (
        f"`{kind}`",
        measured.found + measured.missed,
        measured.missed,
        measured.wrong,
        f"{measured.precision:.3f}",
        f"{measured.recall:.3f}",
    )


def _mistakes() -> str:
    rows = [
        (f"`{text.text}`".replace("|", r"\|"), f"`{kind}`", verdict, text.split)
        for text, kind, verdict in mistakes(texts())
    ]
    return table(("text", "kind", "mistake", "set"), rows)


def main() -> None:
    """Print the figures, and write them with --write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pii", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/explanation/pii.md")
    parser.add_argument("--compare", action="store_true", help="measure phonenumbers, too")
    options = parser.parse_args()
    written = {NAME: report()}
    if options.compare:
        from .compared import compared

        written["benchmarks.pii.compared"] = compared(texts())
    for name, generated in written.items():
        print(generated)
        if options.write:
            fill(DOCUMENT, name, generated)


if __name__ == "__main__":
    main()
