"""Measure what a search finds, on all sets; write it into docs/retrieval.md.

    python -m benchmarks.retrieval [--write] [--shared FOLDER] [--set NAME …]

The sets of this repository are in tests/retrieval/sets; others are in FOLDER, if it is there.
Needs the `[local]` extra. Vectors are kept in build/benchmarks: each text is embedded once.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.machine import describe_run
from benchmarks.marked import fill
from memoryos_server.embedders import MissingEmbedderError, UnknownEmbedderError, named_embedder

from .contexts import context_shares
from .evaluation import evaluate
from .report import context_table, languages_table, parts
from .sets import read_sets, shared_sets
from .vectors import StoredVectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .sets import RetrievalSet

REPOSITORY = Path(__file__).parents[2]
DOCUMENT = REPOSITORY / "docs" / "retrieval.md"
OWN_SETS = REPOSITORY / "tests" / "retrieval" / "sets"
VECTORS = REPOSITORY / "build" / "benchmarks"

CONTEXT_SETS = ("locomo", "cranfield", "mbpp_first_half", "chat_en", "facts_en", "requests")
"""The sets of which contexts are measured as well."""


def report(
    sets: Sequence[RetrievalSet], embedder: StoredVectors, multilingual: StoredVectors | None
) -> dict[str, str]:
    """Return the generated parts of the page by name.

    Args:
        sets: The sets.
        embedder: The default embedder.
        multilingual: The embedder for sets in other languages, or None to leave that part out.
    """
    load = os.getloadavg()[0]
    evaluations, shares, in_languages = [], {}, []
    for one in sets:
        print(f"searching {one.name} …", file=sys.stderr, flush=True)
        evaluations.append(evaluate(one, embedder))
        if one.name in CONTEXT_SETS:
            shares[one.name] = context_shares(one, embedder)
        embedder.save()
        if multilingual and any(world.language != "english" for world in one.worlds):
            in_languages.append((evaluations[-1], evaluate(one, multilingual)))
            multilingual.save()
    return {
        **parts(evaluations),
        "contexts": context_table(shares),
        **({"languages": languages_table(in_languages)} if in_languages else {}),
        "machine": describe_run(load, "make bench-retrieval"),
    }


def stored_vectors(name: str) -> StoredVectors | None:
    """Return the embedder of this name, with its vectors so far, or None if it isn't installed."""
    try:
        embedder = named_embedder(name)
    except (MissingEmbedderError, UnknownEmbedderError) as error:
        print(f"Left out: {error}", file=sys.stderr)
        return None
    return StoredVectors(embedder, VECTORS) if embedder else None


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures, and write them with --write."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.retrieval", description=(__doc__ or "").partition("\n")[0]
    )
    add = parser.add_argument
    add("--write", action="store_true", help="write docs/retrieval.md")
    add("--shared", type=Path, help="a folder with data/retrieval and data/locomo")
    add("--set", action="append", default=[], dest="sets", help="only the set of this name")
    options = parser.parse_args(arguments)
    embedder = stored_vectors("auto")
    if embedder is None:
        raise SystemExit("needs the extra [local]: pip install '.[local]'")
    sets = _chosen(options.shared, options.sets)
    generated = report(sets, embedder, stored_vectors("multilingual"))
    for name, text in generated.items():
        print(f"\n{name}\n\n{text}")
        if options.write:
            fill(DOCUMENT, f"benchmarks.retrieval, {name}", text)


def _chosen(shared: Path | None, names: Sequence[str]) -> list[RetrievalSet]:
    sets = [*(shared_sets(shared) if shared else []), *read_sets(OWN_SETS)]
    unknown = set(names) - {one.name for one in sets}
    if unknown:
        raise SystemExit(f"there is no set {', '.join(sorted(unknown))}")
    if not shared or not shared.is_dir():
        print("Left out: the sets of --shared, which are not there.", file=sys.stderr)
    return [one for one in sets if not names or one.name in names]


if __name__ == "__main__":
    main()
