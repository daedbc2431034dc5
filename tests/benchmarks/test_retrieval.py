"""How retrieval is measured: reading sets, baselines, recall, the rule; and the whole program."""

from __future__ import annotations

import json

import pytest

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from benchmarks.retrieval import __main__ as program
from benchmarks.retrieval.baselines import BASELINES, FUSION, baseline_scores
from benchmarks.retrieval.contexts import context_shares
from benchmarks.retrieval.evaluation import SEARCH, Evaluation, evaluate
from benchmarks.retrieval.measures import difference_interval, measure, measures_of
from benchmarks.retrieval.product import Found, search_world
from benchmarks.retrieval.report import parts
from benchmarks.retrieval.rule import beats_all, compare
from benchmarks.retrieval.sampling import sample
from benchmarks.retrieval.sets import (
    Document,
    Query,
    RetrievalSet,
    World,
    read_set,
    read_sets,
    shared_sets,
)
from benchmarks.retrieval.vectors import StoredVectors

GOLD = frozenset({"a"})


def world(texts, queries, language="english"):
    documents = [Document(name, text) for name, text in texts.items()]
    return World(
        documents, [Query(text, frozenset(gold), "any") for text, gold in queries], language
    )


def order(one, name, embedder, query=0):
    scores = baseline_scores(one, embedder)[name][query]
    return [one.documents[place].id for place in np.argsort(-scores, kind="stable")]


# Reading


@pytest.fixture
def lines(tmp_path):
    """A function that writes a set file, and returns its path."""

    def write(name, *items):
        path = tmp_path / f"{name}.jsonl"
        path.write_text("\n".join(map(json.dumps, items)), encoding="utf-8")
        return path

    return write


ABOUT = {"kind": "about"}
DOC = {"kind": "doc", "id": "1", "text": "Bo swims", "world": "x"}
QUERY = {"kind": "query", "q": "Who swims?", "gold": ["1"], "type": "name", "world": "x"}


def test_a_set_has_its_worlds_with_their_documents_and_queries(lines):
    dated = {**DOC, "id": "2", "type": "conversation", "meta": {"date": "2026-03-02"}}
    found = read_set(lines("facts_en", ABOUT, DOC, dated, QUERY))
    assert found == RetrievalSet(
        "facts_en",
        [
            World(
                [
                    Document("1", "Bo swims"),
                    Document("2", "Bo swims", "conversation", {"date": "2026-03-02"}),
                ],
                [Query("Who swims?", frozenset({"1"}), "name")],
            )
        ],
    )
    assert found.kinds == ["name"]


def test_a_world_without_a_query_is_left_out(lines):
    assert len(read_set(lines("facts_en", ABOUT, DOC, {**DOC, "world": "y"}, QUERY)).worlds) == 1


@pytest.mark.parametrize(
    ("name", "of_world", "language"),
    [("xquad_de", "0", "german"), ("facts_six", "fr", "french"), ("requests", "x", "english")],
)
def test_the_language_is_named_by_the_set_or_the_world(lines, name, of_world, language):
    path = lines(name, ABOUT, {**DOC, "world": of_world}, {**QUERY, "world": of_world})
    assert read_set(path).worlds[0].language == language


def test_files_with_other_lines_are_no_sets(lines, tmp_path):
    lines("facts_en", ABOUT, DOC, QUERY)
    lines("update_pairs", {"older": "a", "newer": "b"})
    assert [one.name for one in read_sets(tmp_path)] == ["facts_en"]


def test_the_turns_of_a_conversation_are_memories_as_the_measure_says(folder):
    (locomo,) = shared_sets(folder)
    assert locomo.worlds[0].documents[1] == Document(
        "D1:2",
        "Bo: Cello, since March [shares a cello in its case]",
        "conversation",
        {"session": "session_1", "at": "1:56 pm on 8 May, 2023"},
    )


def test_a_question_knows_the_turns_that_answer_it(folder):
    """Those that exist, however they are written; questions without an answer are left out."""
    (locomo,) = shared_sets(folder)
    assert [sorted(query.gold) for query in locomo.worlds[0].queries] == [
        ["D1:2"],
        ["D1:3"],
        ["D2:1", "D2:2"],
    ]


# Measures


def test_recall_is_the_share_of_the_answers_among_the_first():
    assert measure([*"xyzawvb"], frozenset("ab")) == [0, 0.5, 1, 0.25]


def test_what_is_found_too_late_counts_nothing():
    ranking = [*map(str, range(20)), "a"]
    assert measure(ranking, GOLD) == [0, 0, 0, 0]
    assert measure(ranking[1:], GOLD) == [0, 0, 0, 0.05]


def test_a_large_difference_is_beyond_chance_and_a_small_one_is_not():
    generator = np.random.default_rng(1)
    noise = generator.normal(0, 0.3, 200)
    low, high = difference_interval(noise - noise.mean() + 0.2)
    assert 0 < low < 0.2 < high
    low, high = difference_interval(noise - noise.mean() + 0.01)
    assert low < 0 < high


# Baselines


def test_words_that_few_documents_have_count_most(stub):
    one = world({"c": "the dog", "b": "the dog", "a": "the cat"}, [("the cat", "a")])
    assert order(one, "BM25", stub)[0] == "a"


def test_a_short_document_is_about_its_words_more_than_a_long_one(stub):
    one = world({"b": "otter " + "water " * 9, "a": "otter", "c": "beaver"}, [("otter", "a")])
    assert order(one, "BM25", stub) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("language", "query", "answer"),
    [("english", "swimming", "she swims"), ("german", "Häuser", "ein Haus")],
)
def test_stems_are_those_of_the_language(stub, language, query, answer):
    one = world({"b": "other", "a": answer}, [(query, "a")], language)
    assert order(one, "BM25", stub) == ["b", "a"]
    assert order(one, "BM25 + stems", stub) == ["a", "b"]


@pytest.mark.parametrize("text", ["他在北京工作", "बैठक सोमवार को है"])
def test_words_of_other_scripts_are_found(stub, text):
    one = world({"b": "東京 है", "a": text}, [("北京" if "北" in text else "बैठक", "a")], "hindi")
    assert order(one, "BM25", stub)[0] == "a"


def test_rank_fusion_adds_up_the_inverse_ranks(stub):
    texts = {"a": "Bo swims", "b": "Bo swims in the river", "c": "the river", "d": "a bakery"}
    one = world(texts, [("Who swims in the river?", "b")])
    scores = baseline_scores(one, stub)
    expected = np.zeros(4)
    for name in ("cosine", "BM25 + stems"):
        places = np.argsort(np.argsort(-scores[name][0], kind="stable"), kind="stable")
        expected += 1 / (61 + places)
    assert scores[FUSION][0] == pytest.approx(expected)


# The rule


def evaluation(kinds=("any",) * 100, **rankings):
    measures = {
        name.replace("_", " "): np.repeat(np.array(values, float)[:, None], 4, axis=1)
        for name, values in rankings.items()
    }
    same = np.full((len(kinds), 4), 0.5)
    measures = {name: measures.get(name, same) for name in (SEARCH, *BASELINES, FUSION)}
    found = [[Found("a", 0.9), Found("b", 0.7), Found("c", 0.6)]] * len(kinds)
    return Evaluation("made_up", kinds, measures, found, [frozenset("ac")] * len(kinds))


def test_a_search_that_is_clearly_worse_than_one_baseline_breaks_the_rule():
    item = evaluation(search=[0.4] * 100, cosine=[0.45] * 100)
    assert [one.breaks_the_rule for one in compare(item)] == [True, True]
    assert compare(item)[0].baseline == "BM25"
    assert not beats_all(item)


@pytest.mark.parametrize(
    "search",
    [[0.491] * 100, [0.0] * 47 + [0.5] * 9 + [1.0] * 44, [0.6] * 100],
    ids=["within the tolerance", "within chance", "better"],
)
def test_other_searches_keep_it(search):
    item = evaluation(search=search)
    assert not any(one.breaks_the_rule for one in compare(item))
    assert beats_all(item) == (search[0] == 0.6)


def test_at_a_threshold_only_what_is_similar_enough_counts():
    at = evaluation().at_threshold(0.7)
    assert at == (0.5, 0.5, 2, 0)
    assert evaluation().at_threshold(0.95) == (0, 0, 0, 1)


# Samples


def test_a_sample_has_neighbouring_documents_and_queries_about_them():
    queries = [(f"query {number}", [str(number), "9"]) for number in range(10)]
    whole = RetrievalSet("x", [world({str(n): "123456789" for n in range(10)}, queries)])
    (part,) = sample(whole, max_bytes=60, max_queries=2).worlds
    assert [document.id for document in part.documents] == [*"012345"]
    assert len(part.queries) == 2
    for query in part.queries:
        assert query.gold == {query.text.removeprefix("query ")}
        assert query.gold <= {*"012345"}


# Vectors


def test_a_text_is_embedded_once_also_in_a_later_run(stub, tmp_path, monkeypatch):
    first = StoredVectors(stub, tmp_path)
    vectors = first.embed(["a", "b", "a"])
    first.save()
    monkeypatch.setattr(stub, "embed", lambda texts: pytest.fail(f"embedded {texts} again"))
    again = StoredVectors(stub, tmp_path)
    assert (again.embed(["a", "b", "a"]) == vectors).all()
    assert (first.embed(["b"]) == vectors[1]).all()


# Through the SDK


def test_what_is_found_has_the_names_of_the_set(stub):
    one = world({"a": "Bo swims", "b": "the bakery"}, [("Who swims?", "a")])
    ((first, second),) = search_world(one, stub)
    assert (first.id, second.id) == ("a", "b")
    assert first.similarity >= second.similarity


def test_every_ranking_is_measured_on_every_query(stub):
    worlds = [
        world({"a": "Bo swims", "b": "the bakery"}, [("Who swims?", "a"), ("bakery", "b")]),
        world({"a": "Ada sings"}, [("Who sings?", "a")]),
    ]
    item = evaluate(RetrievalSet("x", worlds), stub)
    assert {name: rows.shape for name, rows in item.measures.items()} == dict.fromkeys(
        (SEARCH, *BASELINES, FUSION), (3, 4)
    )
    assert item.means(SEARCH).tolist() == [1, 1, 1, 1]


def test_a_context_has_answers_as_far_as_it_has_room(stub):
    texts = {"a": "Bo swims", **{str(number): f"bakery {number} " * 90 for number in range(9)}}
    queries = [("Who swims?", "a"), ("bakery", [*map(str, range(9))])]
    small, medium, large = context_shares(RetrievalSet("x", [world(texts, queries)]), stub)
    assert 0.5 <= small < medium < large <= 1


def test_the_program_fills_its_parts_of_the_page(stub, tmp_path, monkeypatch, capsys, lines):
    for name in ("facts_en", "facts_de"):
        lines(name, ABOUT, DOC, QUERY)
    page = tmp_path / "retrieval.md"
    names = [*parts([evaluation()]), "contexts", "languages", "machine"]
    marks = [
        f"<!-- written by benchmarks.retrieval, {name}: {side} -->"
        for name in names
        for side in ("begin", "end")
    ]
    page.write_text("\n".join(marks), encoding="utf-8")
    monkeypatch.setattr(program, "named_embedder", lambda name: stub)
    monkeypatch.setattr(program, "OWN_SETS", tmp_path)
    monkeypatch.setattr(program, "VECTORS", tmp_path)
    monkeypatch.setattr(program, "DOCUMENT", page)
    program.main(["--write"])
    assert "| facts_en | 1 | 1.00 1.00 1.00 1.00 |" in page.read_text(encoding="utf-8")
    assert "| facts_de | all | 1 | 1.00 1.00 | 1.00 1.00 |" in page.read_text(encoding="utf-8")
    assert "Broken on none." in capsys.readouterr().out


def test_an_embedder_that_is_not_installed_is_left_out(monkeypatch, capsys):
    def fail(name):
        raise program.MissingEmbedderError(f"{name} is not installed")

    monkeypatch.setattr(program, "named_embedder", fail)
    assert program.stored_vectors("multilingual") is None
    assert "multilingual is not installed" in capsys.readouterr().err


def test_an_unknown_set_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(program, "OWN_SETS", tmp_path)
    with pytest.raises(SystemExit, match="there is no set nothing"):
        program.main(["--set", "nothing"])


@pytest.mark.shared
@pytest.mark.embedder
def test_our_baselines_are_about_those_of_others(shared):
    """The cosine is the same; of BM25 there are many variants."""
    from memoryos_server.embedders import default_embedder

    path = shared / "data" / "retrieval"
    known = json.loads((path / "baselines.json").read_text(encoding="utf-8"))["madial_zh"]
    (one,) = read_set(path / "madial_zh.jsonl").worlds
    scores = baseline_scores(one, StoredVectors(default_embedder()))
    ids = [document.id for document in one.documents]
    for name, theirs, within in (("cosine", "minilm", 0.002), ("BM25", "bm25", 0.02)):
        ranked = [[ids[place] for place in row] for row in np.argsort(-scores[name], axis=1)]
        ours = measures_of(ranked, [query.gold for query in one.queries]).mean(axis=0)
        assert ours == pytest.approx(known["R@1 R@5 R@10 MRR"][theirs], abs=within)
