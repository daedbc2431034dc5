"""`memoryos evaluate` on the Memory OS of this machine."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.local_server

FACTS = ["Ada drinks her coffee black", "Bo moved to Ghent", "Room 204 has the better projector"]


@pytest.fixture
def filled(memory):
    return [memory.memories.create(text, tier="long")["id"] for text in FACTS]


def lines(*questions):
    return "\n".join(json.dumps({"query": q, "expected": e}) for q, e in questions)


def test_it_prints_the_figures_and_the_misses(run, data, filled):
    asked = lines(("coffee black", filled[0]), ("better projector", ["Ghent", "Room 204"]))
    result = run("evaluate", "--data", data, "--miss", "1", "-", stdin=asked)
    assert (result.status, result.err) == (0, "")
    assert result.lines == [
        "2 questions about 3 memories",
        "R@1 0.750  R@5 1.000  R@10 1.000  MRR 1.000",
    ]
    wrong = lines(("coffee black", filled[0]), ("better projector", "Bo"))
    result = run("evaluate", "--data", data, "--miss", "1", "--limit", "1", "-", stdin=wrong)
    assert result.lines[1:] == [
        "R@1 0.500  R@5 0.500  R@10 0.500  MRR 0.500",
        "",
        "line 2: better projector",
        "  expected (not found): Bo",
        f"  first: {FACTS[2]}",
    ]


def test_it_counts_no_accesses(run, data, memory, filled):
    asked = lines(*((text, text) for text in FACTS))
    assert run("evaluate", "--data", data, "-", stdin=asked).status == 0
    assert len(filled) == len(FACTS)
    with memory:
        assert [one["access_count"] for one in memory.memories.iterate()] == [0, 0, 0]


def test_its_json_has_the_ranks_of_each_question(run, data, filled, tmp_path):
    file = tmp_path / "questions.jsonl"
    file.write_text(lines(("coffee black", ["Ada", "Bo"])), encoding="utf-16")
    result = run("evaluate", "--data", data, "--json", file)
    (report,) = map(json.loads, result.lines)
    assert {name: report[name] for name in ("questions", "memories", "MRR")} == {
        "questions": 1,
        "memories": 3,
        "MRR": 1.0,
    }
    (answer,) = report["answers"]
    assert answer["ranks"][0] == 1
    assert (answer["line"], answer["query"], answer["first"]) == (1, "coffee black", None)
    assert filled


def test_a_threshold_and_filters_are_those_of_the_search(run, jsonl, data, memory, filled):
    memory.memories.create("coffee black", tier="short")
    asked = lines(("coffee black", "Ada"))

    def ranks(*options):
        (report,) = jsonl("evaluate", "--data", data, "-", *options, stdin=asked)
        return report["memories"], report["answers"][0]["ranks"]

    assert ranks() == (4, [2])
    assert ranks("--tier", "long") == (3, [1])
    assert ranks("--threshold", "1") == (4, [None])
    assert filled


def test_it_stays_in_a_scope(run, data, memory):
    for user in ("ada", "bo"):
        memory.scoped(user=user).memories.create(f"{user} likes tea", tier="long")
    asked = lines(("tea", "ada likes"))
    result = run("evaluate", "--data", data, "--user", "ada", "-", stdin=asked)
    assert result.lines[0] == "1 question about 1 memory"
    result = run("evaluate", "--data", data, "--user", "bo", "-", stdin=asked)
    assert result.status == 2
    assert 'line 1: none of the 1 memories has the id or the external id "ada likes"' in result.err


def test_another_embedder_is_evaluated_on_a_copy(run, data, memory, filled):
    """By the same ids; the store keeps its vectors and its counts."""
    asked = lines(("coffee black", filled[0]), ("projector", filled[2]))
    result = run("evaluate", "--data", data, "--embedder", "none", "-", stdin=asked)
    assert (result.status, result.err) == (0, "")
    assert result.lines[1].startswith("R@1 1.000")
    assert {one["id"] for one in memory.memories.iterate()} == set(filled)
    unknown = run("evaluate", "--data", data, "--embedder", "word2vec", "-", stdin=asked)
    assert unknown.status == 2
    assert "embedder must be" in unknown.err
    both = run("evaluate", "--data", data, "--embedder", "none", "--entity", "x", "-", stdin=asked)
    assert (both.status, both.lines) == (2, [])


@pytest.mark.parametrize("name", ["no such file", ""])
def test_a_file_that_cannot_be_read_is_named(run, data, filled, name):
    result = run("evaluate", "--data", data, name)
    assert result.status == 1
    assert result.err.startswith("memoryos evaluate: ")
    assert filled


@pytest.mark.parametrize("query", ["\u200b", "\ud800"])
def test_a_query_that_the_service_rejects_is_named_by_its_line(run, data, filled, query):
    asked = lines(("coffee", filled[0]), (query, filled[0]))
    result = run("evaluate", "--data", data, "-", stdin=asked)
    assert (result.status, result.out) == (2, "")
    assert "standard input: line 2: " in result.err
    assert "must" in result.err
