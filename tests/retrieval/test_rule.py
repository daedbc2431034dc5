"""The rule for the ranking: on no set worse than the better of the cosine and BM25.

On small samples of the sets of docs/retrieval.md, which `make bench-retrieval` measures in full.
The noise of a sample hides small losses; their mean over all samples shows them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

REPOSITORY = Path(__file__).resolve().parents[2]
if str(REPOSITORY) not in sys.path:
    sys.path.append(str(REPOSITORY))

from benchmarks.retrieval.evaluation import SEARCH, evaluate
from benchmarks.retrieval.rule import TOLERANCE, compare
from benchmarks.retrieval.sampling import sample
from benchmarks.retrieval.sets import read_sets, shared_sets
from benchmarks.retrieval.vectors import StoredVectors
from memoryos_server.embedders import default_embedder

pytestmark = pytest.mark.embedder

OWN = Path(__file__).parent / "sets"
SHARED = Path(os.environ.get("MEMORY_OS_SHARED", REPOSITORY.parent / "shared"))
MAX_BYTES, MAX_QUERIES = 20_000, 40


def evaluated(sets):
    embedder = StoredVectors(default_embedder())
    return [
        evaluate(sample(one, max_queries=MAX_QUERIES, max_bytes=MAX_BYTES), embedder)
        for one in sets
    ]


@pytest.fixture(scope="module")
def own():
    """Figures of the sets that were written for this repository."""
    return evaluated(read_sets(OWN))


@pytest.fixture(scope="module")
def shared():
    """Figures of the sets that are not part of this repository."""
    return evaluated(shared_sets(SHARED))


def broken(evaluations, ranking=SEARCH):
    return {
        evaluation.name: comparison
        for evaluation in evaluations
        for comparison in compare(evaluation, ranking)
        if comparison.breaks_the_rule
    }


def mean_difference(evaluations, measure):
    """Return the difference to the best baseline of each set, averaged over all queries."""
    rows = [(len(item.kinds), compare(item)) for item in evaluations]
    counts = [count for count, _ in rows]
    differences = [
        next(item.difference for item in comparisons if item.measure == measure)
        for _, comparisons in rows
    ]
    return np.average(differences, weights=counts)


def test_no_set_of_ours_is_searched_worse_than_by_the_better_of_cosine_and_words(own):
    assert broken(own) == {}


@pytest.mark.shared
def test_no_shared_set_is_searched_worse_than_by_the_better_of_cosine_and_words(shared):
    assert broken(shared) == {}


@pytest.mark.parametrize("measure", ["MRR", "R@5"])
def test_over_all_sets_of_ours_nothing_is_lost(own, measure):
    assert mean_difference(own, measure) > -TOLERANCE


@pytest.mark.shared
@pytest.mark.parametrize("measure", ["MRR", "R@5"])
def test_over_all_shared_sets_something_is_gained(shared, measure):
    assert mean_difference(shared, measure) > 0


def test_words_alone_would_not_pass(own):
    """The samples are large enough to tell."""
    assert broken(own, "BM25 + stems")


@pytest.mark.shared
def test_the_cosine_alone_would_not_pass(shared):
    assert broken(shared, "cosine")
