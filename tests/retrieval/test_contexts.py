"""Updates come before what they replace, and a context for a request has the standing facts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

REPOSITORY = Path(__file__).resolve().parents[2]
if str(REPOSITORY) not in sys.path:
    sys.path.append(str(REPOSITORY))

from benchmarks.retrieval.product import store
from benchmarks.retrieval.sets import read_set
from memoryos import MemoryOS

pytestmark = [pytest.mark.local_server, pytest.mark.embedder]

SETS = Path(__file__).parent / "sets"
MIN_UPDATES_FIRST = 0.60
MIN_FACTS_PRESENT = 0.85


def results_of(name, found):
    """Return what `found` finds for each query of a set: the query, and the ids in the set."""
    results = []
    for world in read_set(SETS / f"{name}.jsonl").worlds:
        with MemoryOS.local(":memory:", embedder="minilm") as memory:
            names = store(memory, world.documents)
            results += [
                (query, [names[item["id"]] for item in found(memory, query.text)])
                for query in world.queries
            ]
    return results


def mean(shares):
    return sum(shares) / len(shares)


def test_a_question_about_now_finds_the_current_value_first():
    def best(memory, query):
        return memory.search(query, threshold=0, limit=1)["results"]

    results = results_of("updates", best)
    first = [set(ids) <= query.gold for query, ids in results if query.kind == "now"]
    assert len(first) >= 20
    assert mean(first) >= MIN_UPDATES_FIRST


def test_a_context_for_a_request_has_the_facts_that_matter_for_it():
    def context(memory, query):
        return memory.get_context(query, max_tokens=1000)["memories"]

    results = results_of("requests", context)
    assert len(results) == 60
    shares = [len(query.gold & set(ids)) / len(query.gold) for query, ids in results]
    assert mean(shares) >= MIN_FACTS_PRESENT
