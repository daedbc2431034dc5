"""How retrieval is measured: reading, recall, fitting, cross-validation; and the whole program."""

from __future__ import annotations

import pytest

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from benchmarks.retrieval import __main__ as program
from benchmarks.retrieval import fitting, steps
from benchmarks.retrieval.features import Asked, features_of, first, ranked
from benchmarks.retrieval.locomo import Question, conversations
from benchmarks.retrieval.recall import CUTS, Answered, mean_recall
from benchmarks.retrieval.served import answers, search_times
from memoryos_server.search import text_analysis
from memoryos_server.search.features import FEATURE_WEIGHTS, FEATURES
from memoryos_server.text import query_words

MARKED = (
    "<!-- written by benchmarks.retrieval: begin --><!-- written by benchmarks.retrieval: end -->"
)


def asked(*rows, evidence=(0,)):
    return Asked(Question("?", 4, frozenset(evidence)), np.array(rows, np.float32))


# Reading


def test_each_turn_is_one_memory_as_the_measure_says(folder):
    one = conversations(folder)[0]
    assert one.memories[1] == {
        "content": "Bo: Cello, since March [shares a cello in its case]",
        "tier": "long",
        "content_type": "conversation",
        "memory_nature": "episodic",
        "metadata": {"session": "session_1", "at": "1:56 pm on 8 May, 2023"},
    }
    assert one.memories[3]["metadata"] == {
        "session": "session_2",
        "at": "10:37 am on 9 June, 2023",
    }


def test_a_question_knows_the_turns_that_answer_it(folder):
    """Those that exist, however they are written; questions without an answer are left out."""
    assert [sorted(question.evidence) for question in conversations(folder)[0].questions] == [
        [1],
        [2],
        [3, 4],
    ]


def test_a_folder_without_conversations_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds no conversation"):
        conversations(tmp_path)


# Recall


def test_recall_is_the_share_of_the_answers_among_the_first():
    half = Answered(Question("?", 1, frozenset([7, 30])), list(range(20)))
    whole = Answered(Question("?", 1, frozenset([0])), list(range(20)))
    assert mean_recall([half]) == [0, 0, 0.5, 0.5]
    assert mean_recall([half, whole]) == [0.5, 0.5, 0.75, 0.75]


def test_what_the_most_speaks_for_is_found_first_and_of_equals_the_earlier():
    found = first(Question("?", 1, frozenset()), np.array([0.1, 0.5, 0.9, 0.5]))
    assert found.found == [2, 1, 3, 0]
    assert len(first(found.question, np.zeros(99)).found) == max(CUTS)


def test_weights_decide_what_is_found_first():
    item = asked((1, 0), (0, 1))
    assert [ranked([item], weights)[0].found for weights in ((1, 0.5), (1, 2))] == [[0, 1], [1, 0]]


# Fitting


def planted(chance, weights, questions=300, memories=40):
    """Questions whose answers were drawn by the very chances that the fit assumes."""
    made = []
    for _ in range(questions):
        features = chance.normal(0, 2, (memories, len(weights)))
        evidence = features @ np.array(weights)
        chances = np.exp(evidence - evidence.max())
        answer = chance.choice(memories, p=chances / chances.sum())
        made.append(asked(*features, evidence=[int(answer)]))
    return made


def test_the_fit_finds_the_weights_that_made_the_answers():
    weights = fitting.fit(planted(np.random.default_rng(1), (2.0, 1.0, 0.0)))
    assert weights == pytest.approx([1, 0.5, 0], abs=0.1)


def test_a_step_that_leads_too_far_is_halved():
    """From such features a full step of Newton's method leads away from the minimum, for ever."""
    chance = np.random.default_rng(2)
    made = [
        asked(*chance.exponential(1, (40, 2)) * (1, 30), evidence=[int(chance.integers(3))])
        for _ in range(20)
    ]
    made += [asked((1, 900), *chance.exponential(1, (39, 2))) for _ in range(60)]
    assert np.isfinite(fitting.fit(made)).all()


def test_no_conversation_is_searched_with_weights_that_saw_it(monkeypatch):
    seen = []

    def fit(items):
        seen.append({item.question.text for item in items})
        return [1.0]

    monkeypatch.setattr(fitting, "fit", fit)
    features = np.zeros((3, 1), np.float32)
    by_name = {name: [Asked(Question(name, 1, frozenset([0])), features)] for name in "abc"}
    found = fitting.left_out(by_name)
    assert [item.question.text for item in found] == ["a", "b", "c"]
    assert seen == [{"b", "c"}, {"a", "c"}, {"a", "b"}]


# Steps


def test_the_steps_end_with_what_the_server_does(folder, stub):
    one = conversations(folder)[0]
    together, alone = features_of(one, stub), features_of(one, stub, in_threads=False)
    by_step = steps.one_after_the_other(alone, together)
    assert list(by_step.values())[-1] == mean_recall(ranked(together, FEATURE_WEIGHTS))
    assert len(by_step) == len(FEATURES) + 2


def test_rank_fusion_adds_up_the_inverse_ranks():
    """The second is second by both, the third first by one and last by the other."""
    item = asked((0.1, 0.2), (0.5, 0.5), (0.9, 0.1), (0.3, 0.9))
    ranks = np.array([(4, 3), (2, 2), (1, 4), (3, 1)])
    expected = np.argsort(-(1 / (60 + ranks)).sum(axis=1), kind="stable").tolist()
    assert steps.fused([item])[0].found == expected


def test_a_change_that_was_tried_is_taken_back(folder, stub):
    before = (text_analysis.stem, query_words.function_words)
    recalls = steps.every_one_changed(conversations(folder), stub)
    assert (text_analysis.stem, query_words.function_words) == before
    assert all(len(recall) == len(CUTS) for recall in recalls.values())


# Through the SDK


def test_what_is_found_is_named_by_its_place_in_the_conversation(folder, stub):
    one = conversations(folder)[0]
    for answered in answers(one):
        assert sorted(answered.found) == list(range(len(one.memories)))
    by_index = ranked(features_of(one, stub), FEATURE_WEIGHTS)
    assert [item.found[0] for item in answers(one)] == [item.found[0] for item in by_index]


@pytest.mark.parametrize("memories", [1, 8, 20])
def test_as_many_memories_are_stored_as_asked_for(folder, stub, monkeypatch, memories):
    stored = []
    monkeypatch.setattr(
        stub, "embed", lambda texts, embed=stub.embed: stored.extend(texts) or embed(texts)
    )
    times = search_times(conversations(folder), memories, stub)
    assert len(times) == 5
    assert sum(text.partition(":")[0] in ("Ida", "Bo", "Ada", "Max") for text in stored) == memories


def test_the_program_runs_and_writes_its_part_of_the_page(folder, stub, monkeypatch, capsys):
    page = folder / "local.md"
    page.write_text(MARKED, encoding="utf-8")
    drawn = []
    monkeypatch.setattr(program, "_embedder", lambda: stub)
    monkeypatch.setattr(program, "DOCUMENT", page)
    monkeypatch.setattr(program, "draw", lambda by_step, path: drawn.append(path))
    program.main([str(folder), "--memories", "12", "--write"])
    printed, written = capsys.readouterr().out, page.read_text(encoding="utf-8")
    assert printed.strip() in written
    assert "2 conversations, 8 turns, 5 questions." in written
    assert drawn == [folder / "local-recall.png"]


def test_the_plot_is_drawn(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    path = tmp_path / "plot.png"
    program.draw({"the cosine alone": [0.1, 0.2, 0.3, 0.4], "… more: all": [0.5] * 4}, path)
    assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.shared
@pytest.mark.embedder
def test_real_conversations_are_searched_as_well_as_the_page_says(shared):
    """One of LoCoMo, where plain cosines have a recall at 10 of less than a half."""
    from memoryos_server.embedders.minilm import MiniLM

    one = conversations(shared / "data" / "locomo")[0]
    features = features_of(one, MiniLM(cached_vectors=0))
    _, at_5, at_10, _ = mean_recall(ranked(features, FEATURE_WEIGHTS))
    assert at_5 > 0.66
    assert at_10 > 0.76
