"""The fitted weights of the ranking, and which of them a query has."""

from __future__ import annotations

import json
import math
from importlib.resources import files
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.search import features
from memoryos_server.search.conversations import MAX_PAUSE_MICROSECONDS
from memoryos_server.search.embedder_languages import languages_of, reading_of
from memoryos_server.search.expected_cosines import expected_cosines
from memoryos_server.search.feature_scores import PRIOR_MEMORIES, SHORT_TEXT_WORDS
from memoryos_server.search.features import (
    FEATURES,
    NEIGHBOUR_DECAY,
    Reading,
    Weights,
    idf,
    weights,
)
from memoryos_server.search.index.quantized_vectors import MAX_EXACT_ROWS
from memoryos_server.text.languages import language_of

REPOSITORY = Path(__file__).resolve().parents[3]
READINGS = get_args(Reading)
OF_MESSAGES = {"rarity", "speaker", "neighbours", "question", "conversation", "previous"}
OF_COSINES = {"cosine", "neighbours", "question", "conversation"}
ENGLISH = frozenset({"en"})


@pytest.fixture(scope="module")
def model():
    text = files("memoryos_server.search").joinpath("ranking_model.json").read_text("utf-8")
    return json.loads(text)["weights"]


def test_the_model_has_each_reading_and_each_kind(model):
    assert set(model) == set(READINGS)
    assert all(set(kinds) == set(Weights._fields) for kinds in model.values())


def test_the_model_has_weights_for_known_features_only_none_negative(model):
    for kinds in model.values():
        for named in kinds.values():
            assert set(named) <= set(FEATURES)
            assert all(math.isfinite(weight) and weight >= 0 for weight in named.values())
            assert any(named.values())


def test_weights_are_in_the_order_of_the_features(model):
    for reading in READINGS:
        for kind, values in weights(reading)._asdict().items():
            assert dict(zip(FEATURES, values, strict=True)) == {
                name: model[reading][kind].get(name, 0.0) for name in FEATURES
            }


@pytest.mark.parametrize("reading", READINGS)
def test_memories_outside_conversations_have_no_weights_for_messages(reading):
    named = dict(zip(FEATURES, weights(reading).memory, strict=True))
    assert {name for name in OF_MESSAGES if named[name]} == set()


def test_cosines_of_a_language_that_the_embedder_does_not_know_have_no_weight():
    for values in weights("unknown"):
        named = dict(zip(FEATURES, values, strict=True))
        assert {name for name in OF_COSINES if named[name]} == set()


def test_each_feature_is_described():
    assert all(f"\n- {name}: " in features.__doc__ for name in FEATURES)
    text = " ".join(features.__doc__.split())
    assert f"up to {features.WORD_WINDOW} messages away" in text
    assert f"multiplied by {NEIGHBOUR_DECAY} per message of distance" in text
    assert f"of the {features.COSINE_WINDOW} messages before and after" in text


def test_the_page_says_what_the_server_does():
    """The numbers in its text are those in the code."""
    text = (REPOSITORY / "docs" / "local.md").read_text(encoding="utf-8")
    page = " ".join(text.split())
    assert f"Up to {MAX_EXACT_ROWS:,} memories" in page
    assert f"the words of the {features.WORD_WINDOW} messages before and after" in page
    assert f"the cosines of {features.COSINE_WINDOW}, multiplied by {NEIGHBOUR_DECAY}" in page
    assert f"count as {PRIOR_MEMORIES} more" in page
    assert f"of a text of {SHORT_TEXT_WORDS} words, half of it counts" in page
    assert MAX_PAUSE_MICROSECONDS == 60 * 60 * 10**6
    assert "a pause of more than an hour" in page


@given(st.integers(1, 10**6), st.data())
def test_a_rarer_word_tells_more_and_none_tells_less_than_nothing(total, data):
    fewer = data.draw(st.integers(0, total))
    more = data.draw(st.integers(fewer, total))
    assert idf(fewer, total) >= idf(more, total) > 0


# Languages


@pytest.mark.parametrize(
    ("query", "reading"),
    [
        ("Where does Ada live?", "known"),
        ("Wo wohnt Ada jetzt eigentlich?", "related"),
        ("¿Dónde vive Ada ahora?", "related"),
        ("黑咖啡在哪里", "unknown"),
        ("Где живёт Ада сейчас?", "unknown"),
        ("वह कहाँ रहती है", "unknown"),
        ("iPhoneを買いましたか", "unknown"),
        ("12:30 - 14:30 北京", "unknown"),
        ("Kubernetes v2", "known"),
        ("42", "known"),
        ("", "known"),
    ],
)
def test_what_an_english_embedder_makes_of_a_query(query, reading):
    assert reading_of(query, language_of(query), ENGLISH) == reading


def test_an_embedder_knows_the_languages_that_it_names_and_any_if_it_names_none():
    assert reading_of("black coffee", "en", None) == "known"
    assert reading_of("黑咖啡", "zh", None) == "inflected"
    assert reading_of("黑咖啡", "zh", frozenset({"en", "zh"})) == "inflected"
    assert reading_of("黑咖啡", "zh", ENGLISH) == "unknown"
    embedder = HashingEmbedder()
    assert languages_of(embedder) is None
    embedder.languages = ENGLISH
    assert languages_of(embedder) == ENGLISH


# Expected cosines


class Calibrated(HashingEmbedder):
    """Its similarity rises evenly from a cosine of 0.2 to one of 0.7."""

    def similarity(self, cosine, held=0.0):
        return np.clip((np.asarray(cosine) - 0.2) / 0.5, 0, 1)

    def cosine_correction(self, mean, *, is_request):
        return 0.0


class Sharp(Calibrated):
    """Its similarity jumps."""

    def similarity(self, cosine, held=0.0):
        return (np.asarray(cosine) > 0.5).astype(np.float32)


def test_the_calibration_of_an_embedder_tells_what_cosines_to_expect():
    """The similarities 0.2 and 0.7 are those of the mean, and of 1.25 deviations above it."""
    prior = expected_cosines(Calibrated())
    assert prior.mean == pytest.approx(0.3, abs=0.002)
    assert prior.deviation == pytest.approx((0.55 - 0.3) / 1.25, abs=0.002)
    assert expected_cosines(Sharp()).deviation > 0


def test_an_embedder_without_a_fitted_calibration_has_an_unknown_scale():
    assert expected_cosines(Calibrated()).is_fitted
    assert not expected_cosines(HashingEmbedder()).is_fitted
