"""The calibration: the map, the fit, and that the committed parameters follow from the data."""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

REPOSITORY = Path(__file__).resolve().parents[3]
if str(REPOSITORY) not in sys.path:
    sys.path.append(str(REPOSITORY))

from benchmarks.calibration import dataset, fit, fitting, report, sets
from memoryos import MemoryOS
from memoryos_server.embedders.calibration import Calibration, common_part
from memoryos_server.embedders.minilm import MiniLM

SPLITS = ("fit", "heldout")
RECORD = json.loads(
    files("memoryos_server.embedders").joinpath("minilm_calibration.json").read_text("utf-8")
)


@pytest.fixture
def committed():
    return Calibration.load("minilm_calibration.json")


# The map


@given(st.lists(st.floats(-1, 1), min_size=1))
def test_a_larger_cosine_never_gives_a_smaller_similarity(cosines):
    calibration = Calibration.load("minilm_calibration.json")
    similarities = calibration.similarity(np.array(sorted(cosines)))
    assert (np.diff(similarities) >= 0).all()
    assert ((similarities >= 0) & (similarities <= 1)).all()


def test_the_map_runs_from_0_to_1(committed):
    assert committed.similarity(np.array([-1.0, 0.0, 1.0])).tolist() == [0, 0, 1]


def test_the_map_keeps_the_shape(committed):
    assert committed.similarity(np.zeros((2, 3, 1), dtype=np.float32)).shape == (2, 3, 1)


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 1))
def test_more_words_never_give_a_smaller_similarity(cosine, fewer, more):
    calibration = Calibration.load("minilm_calibration.json")
    fewer, more = sorted([fewer, more])
    assert calibration.similarity(np.array(cosine), fewer) <= calibration.similarity(
        np.array(cosine), more
    )


def test_words_alone_do_not_make_a_memory_related(committed):
    """A text may contain all of the query's words and mean something else."""
    assert committed.similarity(np.array(0.0), 1.0) < 0.7


def test_a_cosine_slightly_above_1_has_similarity_1(committed):
    """Rounding: the product of equal unit vectors can be just above 1."""
    assert committed.similarity(np.array(1.000001)) == 1


# What is common to all memories, and requests


def test_what_all_memories_have_counts_for_none_of_them():
    assert common_part(0.6, 0.1) == 0.5


def test_a_usual_mean_counts_nothing():
    assert common_part(0.1, 0.1) == 0
    assert common_part(-0.3, 0.1) == 0


def test_an_embedder_without_such_data_ignores_the_mean():
    assert common_part(0.8, None) == 0
    assumed = Calibration.assumed(0.5)
    assert assumed.cosine_correction(0.8, is_request=True) == 0


def test_every_memory_gains_by_a_request(committed):
    assert committed.cosine_correction(0.0, is_request=True) == committed.requests > 0
    assert committed.cosine_correction(0.0, is_request=False) == 0


@pytest.mark.embedder
def test_in_a_language_that_the_model_does_not_know_not_everything_is_similar():
    texts = [
        f"小明喜欢{what}"
        for what in ("红茶", "游泳", "下棋", "摄影", "爬山", "做饭", "唱歌", "看书")
    ]
    texts += [
        f"小红的{what}" for what in ("生日在五月", "狗叫旺财", "弟弟是医生", "家在杭州", "车坏了")
    ]
    with MemoryOS.local(":memory:") as memory:
        for text in texts * 4:
            memory.memories.create(text, tier="long")
        assert len(memory.search("小明喝什么", limit=100)["results"]) < len(texts) * 4


@pytest.mark.embedder
def test_a_request_finds_something():
    texts = ["My mother turns sixty in May", "My mother collects teapots", "The bus is often late"]
    with MemoryOS.local(":memory:") as memory:
        for text in texts:
            memory.memories.create(text, tier="long")
        found = [item["content"] for item in memory.search("Plan a birthday present")["results"]]
    assert texts[0] in found
    assert texts[2] not in found


# The fit


def test_the_balance_is_where_both_mistakes_are_equally_frequent():
    related, unrelated = np.array([0.2, 0.5, 0.6, 0.7]), np.array([0.0, 0.1, 0.15, 0.55])
    balanced = fitting.balance(related, unrelated)
    missed, found = fitting.wrong_at(np.array([balanced]), related, unrelated)
    assert (missed[0], found[0]) == (0.25, 0.25)


def test_the_slope_of_a_known_logistic_curve_is_found():
    """Two bell curves of equal width a distance apart: the log-odds' slope is distance/variance."""
    generator = np.random.default_rng(1)
    related, unrelated = (generator.normal(mean, 0.1, 50_000) for mean in (0.4, 0.2))
    (slope,) = fitting.slopes([[related[:, np.newaxis], unrelated[:, np.newaxis]]])
    assert slope == pytest.approx(0.2 / 0.1**2, rel=0.03)


def test_the_fitted_map_gives_the_balance_0_7():
    generator = np.random.default_rng(2)
    related, unrelated = generator.normal(0.5, 0.1, 300), generator.normal(0.1, 0.1, 900)
    held = (generator.uniform(0, 1, 300), generator.uniform(0, 0.5, 900))
    fitted = fitting.fit((related, unrelated), held)
    assert fitted.words > 0
    own = [related + fitted.words * held[0], unrelated + fitted.words * held[1]]
    balanced = fitting.balance_of_groups([own])
    assert balanced == pytest.approx(fitting.balance(*own), abs=0.005)
    assert fitted.similarity(np.array(balanced)) == pytest.approx(0.7, abs=1e-4)


def test_every_group_weighs_the_same_however_large():
    generator = np.random.default_rng(4)
    low, high = (
        [generator.normal(mean, 0.1, (size, 1)) for mean in means]
        for means, size in (((0.3, 0.1), 5000), ((0.9, 0.7), 500))
    )
    balanced = fitting.balance_of_groups([[side[:, 0] for side in group] for group in (low, high)])
    again = fitting.balance_of_groups(
        [[side[:, 0] for side in group] for group in (low, low, high, high)]
    )
    assert balanced == pytest.approx(again)
    assert 0.3 < balanced < 0.7
    assert fitting.balance_of_groups([[side[:, 0] for side in low]]) == pytest.approx(0.2, abs=0.02)


def test_requests_gain_half_of_what_their_mistakes_are_balanced_by():
    generator = np.random.default_rng(5)

    def pairs(mean, is_request):
        cosines = generator.normal(mean, 0.1, 20_000)
        held = generator.uniform(0, 1, 20_000)
        return np.column_stack([cosines, held, np.full(20_000, is_request)])

    groups = [[pairs(0.5, 0), pairs(0.1, 0)], [pairs(0.3, 1), pairs(-0.1, 1)]]
    assert fitting.fit_together(groups).requests == pytest.approx(0.1, abs=0.01)


def test_the_area_under_the_curve_counts_ties_half():
    assert fitting.area_under_curve(np.array([1.0, 0.5]), np.array([0.5, 0.0])) == 0.875


def test_the_interval_holds_the_balance_and_is_repeatable():
    generator = np.random.default_rng(3)
    people = [(generator.normal(0.5, 0.1, 20), generator.normal(0.2, 0.1, 80)) for _ in range(8)]
    low, high = fitting.balance_interval(people)
    balanced = fitting.balance(*(np.concatenate(side) for side in zip(*people, strict=True)))
    assert low < balanced < high
    assert fitting.balance_interval(people) == (low, high)


# The document


def test_only_the_text_between_the_markers_is_replaced():
    document = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
    filled = report.fill(document, "new")
    assert filled == f"before\n{report.BEGIN}\n\nnew\n{report.END}\nafter\n"


def test_a_document_without_markers_is_rejected():
    with pytest.raises(ValueError, match="needs the lines"):
        report.fill("no markers", "new")


def test_the_document_shows_the_figures_of_the_record():
    document = (REPOSITORY / "docs" / "calibration.md").read_text(encoding="utf-8")
    assert report.figures_table(RECORD) in document


# The data


def test_no_memory_is_in_both_halves():
    memories = [{pair.memory for pair in dataset.pairs(split)} for split in SPLITS]
    assert not memories[0] & memories[1]


@pytest.mark.parametrize("split", SPLITS)
def test_each_half_has_enough_related_and_unrelated_pairs(split):
    labels = [pair.related for pair in dataset.pairs(split)]
    assert sum(labels) >= 150
    assert labels.count(False) >= 150


def test_every_label_names_a_memory_of_the_same_person():
    people = {line["id"]: line["person"] for line in dataset.read_lines(dataset.MEMORIES)}
    queries = dataset.read_lines(dataset.QUERIES)
    assert all(query["related"] for query in queries)
    assert all(people[name] == query["person"] for query in queries for name in query["related"])


def test_the_record_was_made_from_the_current_data():
    """If this fails, run `python -m benchmarks.calibration.fit`."""
    assert RECORD["data_sha256"] == dataset.data_hash()
    assert RECORD["sets_sha256"] == sets.sets_hash()
    assert RECORD["model"] == MiniLM.name


# With the model


@pytest.fixture(scope="module")
def data():
    return fit.labelled_data(MiniLM(cached_vectors=10_000))


@pytest.mark.embedder
def test_the_committed_parameters_follow_from_the_data(data):
    """Within a tolerance, because processors round differently."""
    again = fit.record_with_sets(MiniLM(), fit.calibrate(data), data)
    assert again["parameters"] == pytest.approx(RECORD["parameters"], rel=0.02)
    assert again["fit"] == pytest.approx(RECORD["fit"], abs=0.02)
    assert again["held_out"] == pytest.approx(RECORD["held_out"], abs=0.02)


@pytest.mark.embedder
def test_a_random_pair_of_held_out_people_is_mostly_judged_rightly(data, committed):
    mistakes = fit.mistakes(committed, data.held_out)
    assert mistakes["missed"] < 0.15
    assert mistakes["found"] < 0.25


def found_through_the_sdk(pairs):
    """Return which pairs a search finds, in one Memory OS per person."""
    found = set()
    for person in sorted({pair.person for pair in pairs}):
        theirs = [pair for pair in pairs if pair.person == person]
        with MemoryOS.local(":memory:") as memory:
            for content in sorted({pair.memory for pair in theirs}):
                memory.memories.create(content, tier="long")
            for query in sorted({pair.query for pair in theirs}):
                results = memory.search(query, limit=100)["results"]
                found.update((person, query, result["content"]) for result in results)
    return [(pair.person, pair.query, pair.memory) in found for pair in pairs]


@pytest.mark.embedder
def test_through_the_sdk_the_default_threshold_misses_and_finds_about_as_recorded():
    """Not exactly: the server recognizes requests, and expects other cosines of few memories."""
    pairs = dataset.pairs("heldout")
    outcomes = list(zip(pairs, found_through_the_sdk(pairs)))
    missed = np.mean([not is_found for pair, is_found in outcomes if pair.related])
    wrong = np.mean([is_found for pair, is_found in outcomes if not pair.related])
    record = RECORD["held_out"]
    assert missed == pytest.approx(record["related_missed_at_balance_point"], abs=0.04)
    assert wrong == pytest.approx(record["unrelated_found_at_balance_point"], abs=0.04)


@pytest.mark.embedder
@pytest.mark.shared
def test_the_documented_quick_start_finds_its_memory_at_the_default_threshold(shared):
    """The pair is read from the documentation, and is not in the data of the fit."""
    text = (shared / "mission" / "python-sdk-documentation.txt").read_text(encoding="utf-8")
    start = text[text.index("Quick Start") :]
    memory, query = (start.split(f'{name}="', 1)[1].split('"')[0] for name in ("content", "query"))
    assert memory not in dataset.MEMORIES.read_text(encoding="utf-8")
    embedder = MiniLM()
    vectors = embedder.embed([memory, query])
    assert embedder.similarity(vectors[0] @ vectors[1]) >= 0.7
