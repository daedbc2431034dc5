"""Each ranking feature, in stores small enough to compute it by hand."""

from __future__ import annotations

import math

import pytest

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.search.feature_scores import (
    GRAM_CORRELATION,
    AnalyzedQuery,
    CosinePrior,
    FeatureScorer,
    TermStatistics,
)
from memoryos_server.search.features import FEATURES, MAX_COSINE, weights
from memoryos_server.search.index.entry import NEVER, Entry
from memoryos_server.search.index.owner_index import OwnerIndex
from memoryos_server.search.query_analysis import QueryTerms, QueryWord
from memoryos_server.search.terms import QUESTION_TERM

TEA, CUP, OFF = (QueryWord(str(term), term, (term + 10, term + 20)) for term in (100, 101, 102))
GRAM, ADA, MAY, FIRST, YEAR, NOON = 5, 6, 7, 8, 9, 10
CHAT, OTHER_CHAT = 70, 71
MINUTE = 60_000_000
USUAL = CosinePrior()
ASSUMED = CosinePrior(is_fitted=False)


def memory(*terms, length=20, cosine=0.0, chat=0, minute=0, expiry=NEVER):
    """A memory of 20 words: a text, or a message of a conversation."""
    vector = np.array([cosine, math.sqrt(1 - cosine**2)], "<f4").tobytes()
    packed = np.array([length, *terms], "<u4").tobytes()
    facets = ("long", "conversation" if chat else "text", None)
    return Entry(0, facets, minute * MINUTE, expiry, vector, chat, packed)


def rows_of(*memories):
    rows = OwnerIndex(2, exact_rows=100)
    rows.extend([one._replace(number=number) for number, one in enumerate(memories, 1)])
    return rows


def scorer_of(memories, reading="related", statistics=None, related=None, prior=USUAL, **terms):
    """Score memories. The reading `related` has weights for all features of words."""
    query = AnalyzedQuery(np.array([1, 0], np.float32), QueryTerms(**terms), reading, prior)
    rows = rows_of(*memories)
    related = None if related is None else np.array(related)
    return FeatureScorer(rows, query, rows.hidden(1), statistics, related)


def column(name, *memories, **options):
    """Return one feature of all memories."""
    scorer = scorer_of(memories, **options)
    matrix = scorer.features(np.arange(len(memories)))
    return matrix[:, FEATURES.index(name)].tolist()


def near(*values):
    return pytest.approx(values, abs=1e-4)


def idf(holding, count):
    return math.log(1 + (count - holding + 0.5) / (holding + 0.5))


# Cosine


def standardized(cosines):
    """Return how many deviations cosines are above the mean, with 20 unrelated texts beside."""
    prior, both = CosinePrior(), len(cosines) + 20
    mean = (sum(cosines) + 20 * prior.mean) / both
    squares = sum(value**2 for value in cosines) + 20 * (prior.deviation**2 + prior.mean**2)
    return [(value - mean) / math.sqrt(squares / both - mean**2) for value in cosines]


def test_cosine_counts_deviations_above_the_mean():
    cosines = [0.1, 0.4, 0.6, 0.3]
    expected = standardized(cosines)
    assert expected[0] < 0
    found = column("cosine", *(memory(cosine=value) for value in cosines))
    assert found == near(0, *expected[1:])


def test_cosine_of_one_memory_is_compared_with_what_is_expected():
    assert column("cosine", memory(cosine=0.9)) == near(*standardized([0.9]))


def test_cosine_of_many_memories_is_compared_with_these():
    """What was expected beforehand hardly counts."""
    cosines = [0.25, *[0.05] * 1000, *[0.15] * 1000]
    found = column("cosine", *(memory(cosine=value) for value in cosines))
    assert found[0] == pytest.approx((0.25 - 0.1) / 0.05, rel=0.05)
    assert found[1] == 0


def test_cosine_is_limited():
    """Few texts are as similar as the same text among a thousand others."""
    found = column("cosine", memory(cosine=1), *[memory(cosine=0.1)] * 2000)
    assert found[0] == MAX_COSINE


def test_cosine_uses_the_distribution_of_all_memories_where_it_is_known():
    known = TermStatistics(10**6, {}, 20.0, CosinePrior(0.3, 0.05))
    found = column("cosine", memory(cosine=0.4), memory(cosine=0.2), statistics=known)
    assert found == pytest.approx([2, 0], abs=1e-3)


@pytest.mark.parametrize("count", [1, 2, 5, 40, 400])
def test_of_an_unknown_scale_only_differences_of_cosines_count(count):
    """A direction that all vectors have in common takes no weight from the cosine."""
    cosines = [0.6, *(0.3 * number / count for number in range(count))]
    common = [(value + 9) / 10 for value in cosines]
    found, other = (
        column("cosine", *(memory(cosine=value) for value in values), prior=ASSUMED)
        for values in (cosines, common)
    )
    assert found[0] - found[-1] > 1
    assert other[0] - other[-1] > 0.98 * (found[0] - found[-1])


def test_the_only_memory_of_an_unknown_scale_gains_by_a_high_cosine():
    low, high, equal = (
        column("cosine", memory(cosine=value), prior=ASSUMED)[0] for value in (0.1, 0.9, 1)
    )
    assert low == 0
    assert 1 < high < 3
    assert 1 < equal < 3


def test_an_unknown_scale_ignores_hidden_memories():
    """An expired memory that is nothing like the query would stretch the scale."""
    cosines = [0.95, 0.9, 0.91]
    visible = [memory(cosine=value) for value in cosines]
    found = column("cosine", *visible, memory(cosine=0.0, expiry=0), prior=ASSUMED)
    assert found[:3] == near(*column("cosine", *visible, prior=ASSUMED))


# Words


def test_words_is_the_share_of_the_querys_words_weighted_by_idf():
    """Of two words, one is in two of three memories; of 20 words' text, half counts."""
    found = column(
        "words", memory(100, 101), memory(100), memory(), reading="known", words=(TEA, CUP)
    )
    tea, cup = idf(2, 3), idf(1, 3)
    assert found == near(0.5, 0.5 * tea / (tea + cup), 0)


def test_words_of_a_short_text_count_less():
    found = column(
        "words", *(memory(100, length=length) for length in (0, 5, 20, 180)), words=(TEA,)
    )
    assert found == near(0, 0.2, 0.5, 0.9)


def test_words_of_a_message_count_in_full_and_those_around_it_by_distance():
    lines = [memory(*([100] if n == 4 else []), length=4, chat=CHAT) for n in range(10)]
    found = column("words", *lines, words=(TEA,))
    assert found == near(0.7**4, 0.7**3, 0.7**2, 0.7, 1, 0.7, 0.7**2, 0.7**3, 0.7**4, 0)


def test_words_of_a_message_count_once_at_the_nearest_place():
    lines = [memory(*terms, chat=CHAT) for terms in ([100], [101], [100])]
    tea, cup = idf(2, 3), idf(1, 3)
    found = column("words", *lines, words=(TEA, CUP))
    assert found[1] == pytest.approx((0.7 * tea + cup) / (tea + cup), abs=1e-4)


def test_a_query_of_many_words_weighs_no_more_than_one_of_few():
    """A memory that contains all of them has the same share."""
    many = tuple(QueryWord(str(n), n, (n + 1000, n + 2000)) for n in range(200, 240))
    found = [
        column("words", memory(*(w.term for w in words)), memory(), words=words)[0]
        for words in ((TEA,), many)
    ]
    assert found == near(0.5, 0.5)


def test_rarity_is_what_the_words_tell_in_all():
    """Two words that are in no other of two messages; `rarity` equals `words` from 10 on."""
    lines = [memory(100, chat=CHAT), memory(chat=OTHER_CHAT), memory()]
    told = idf(1, 3)
    assert column("rarity", *lines, words=(TEA,)) == near(told / 10, 0, 0)
    many = tuple(QueryWord(str(n), n, (n + 1000, n + 2000)) for n in range(200, 240))
    lines[0] = memory(*(word.term for word in many), chat=CHAT)
    assert column("rarity", *lines, words=many) == near(1, 0, 0)


def test_frequency_counts_what_a_text_contains_often():
    """Once, twice, four times; in texts of the average length."""
    texts = [memory(100), memory(100, 110), memory(100, 110, 120), memory()]
    assert column("frequency", *texts, words=(TEA,)) == near(0.3, 0.425, 0.5, 0)


def test_frequency_in_the_only_text_is_that_of_the_average_length():
    assert column("frequency", memory(100), words=(TEA,)) == near(0.3)


def test_frequency_is_compared_with_the_average_length():
    """Of 10 and 30 words, 20 on average: divided by 0.75 and 1.25."""
    texts = [memory(100, length=10), memory(100, length=30)]
    found = column("frequency", *texts, words=(TEA,))
    assert found == near(0.6 / 0.75 * 10 / 30, 0.6 / 1.25 * 30 / 50)


def test_frequency_uses_the_average_length_of_all_memories_where_it_is_known():
    known = TermStatistics(100, {100: 1}, 60.0)
    found = column("frequency", memory(100), statistics=known, words=(TEA,))
    assert found == near(0.6 * 0.5 / (0.5 + 20 / 120))


def test_held_is_the_share_of_the_words_in_a_text_of_any_length():
    scorer = scorer_of([memory(100, length=1), memory(101, length=90)], words=(TEA, CUP))
    assert scorer.held.tolist() == near(0.5, 0.5)


def test_the_idf_is_that_of_all_memories_where_it_is_known():
    """One of the words is in half of them, though in one of these two only, as the other."""
    known = TermStatistics(1000, {100: 500, 101: 1})
    scorer = scorer_of([memory(100), memory(101)], statistics=known, words=(TEA, CUP))
    tea, cup = idf(500, 1000), idf(1, 1000)
    assert scorer.held.tolist() == near(tea / (tea + cup), cup / (tea + cup))


# Beyond chance


def test_surprise_counts_deviations_above_what_texts_contain_by_chance():
    """Both words, one, a function word alone, none; each of the three is in a part of four."""
    texts = [memory(100, 101), memory(100), memory(102), memory()]
    found = column("surprise", *texts, words=(TEA, CUP), functional=(OFF,))
    tea, cup, off = idf(2, 4), idf(1, 4), 0.3 * idf(1, 4)
    mean = tea / 2 + cup / 4 + off / 4
    deviation = math.sqrt(tea**2 / 4 + 3 / 16 * (cup**2 + off**2) + 1e-3)
    scores = [0.6 * (tea + cup), 0.6 * tea, 0.6 * off, 0]
    expected = [max((score - mean) / deviation, 0) for score in scores]
    assert expected[0] > 0
    assert found == near(*expected)


def test_grams_counts_deviations_of_parts_of_words():
    texts = [memory(GRAM), memory(), memory(), memory()]
    told = idf(1, 4)
    expected = (told - told / 4) / (GRAM_CORRELATION * math.sqrt(3 / 16 * told**2 + 1e-3))
    assert column("grams", *texts, grams=(GRAM,)) == near(expected, 0, 0, 0)


def test_what_a_short_text_contains_counts_more():
    """Of 10 and 30 words, 20 on average: divided by 0.75 and 1.25."""
    texts = [memory(GRAM, length=10), memory(length=30), memory(GRAM, length=20)]
    told = idf(2, 3)
    deviation = GRAM_CORRELATION * math.sqrt(2 / 9 * told**2 + 1e-3)
    expected = [(told / norm - told * 2 / 3) / deviation for norm in (0.75, 1)]
    assert column("grams", *texts, grams=(GRAM,)) == near(expected[0], 0, expected[1])


def test_what_every_text_contains_is_no_surprise():
    texts = [memory(100, 102, GRAM) for _ in range(9)]
    options = {"words": (TEA,), "functional": (OFF,), "grams": (GRAM,)}
    assert column("surprise", *texts, **options) == [0] * 9
    assert max(column("grams", *texts, **options)) == 0


# Times and dates


def test_time_is_for_memories_that_mention_a_time_of_the_kind():
    texts = [memory(NOON), memory(), memory(NOON, chat=CHAT)]
    assert column("time", *texts, times=(NOON,)) == [1, 0, 1]
    assert column("time", *texts) == [0, 0, 0]


def test_date_counts_month_day_and_year():
    """The day and the year of another month are nothing."""
    texts = [memory(MAY, FIRST, YEAR), memory(MAY, YEAR), memory(MAY), memory(FIRST, YEAR)]
    options = {"months": (MAY,), "date_parts": (FIRST, YEAR)}
    assert column("date", *texts, **options) == [3, 2, 1, 0]
    assert column("date", *texts, date_parts=(FIRST, YEAR)) == [0] * 4


# Conversations


def test_speaker_is_for_messages_of_who_is_named():
    lines = [memory(ADA, chat=CHAT), memory(chat=CHAT)]
    assert column("speaker", *lines, speakers=(ADA,)) == [1, 0]
    assert column("speaker", *lines) == [0, 0]


def test_neighbours_adds_the_cosines_around_a_message_by_distance():
    cosines = [0.6, 0.5, 0.9, 0.7, 0.8, 0.4]
    c = standardized(cosines)
    assert min(c) > 0
    lines = [memory(cosine=value, chat=CHAT) for value in cosines]
    expected = 0.7 * (c[1] + c[3]) + 0.49 * (c[0] + c[4])
    assert column("neighbours", *lines)[2] == pytest.approx(expected, abs=1e-4)
    assert column("neighbours", *lines)[0] == pytest.approx(0.7 * c[1] + 0.49 * c[2], abs=1e-4)


def test_question_is_the_cosine_of_the_question_before():
    cosines = [0.6, 0.5, 0.7]
    c = standardized(cosines)
    lines = [
        memory(*([QUESTION_TERM] if n == 0 else []), cosine=value, chat=CHAT)
        for n, value in enumerate(cosines)
    ]
    assert column("question", *lines) == near(0, c[0], 0)


def test_conversation_is_the_highest_cosine_in_it():
    cosines = [0.3, 0.5, 0.7, 0.9]
    chats = [CHAT, CHAT, OTHER_CHAT, 0]
    c = standardized(cosines)
    lines = [memory(cosine=v, chat=chat) for v, chat in zip(cosines, chats, strict=True)]
    assert column("conversation", *lines) == near(c[1], c[1], c[2], 0)


def test_previous_is_the_share_of_the_words_in_the_previous_message():
    lines = [memory(*terms, chat=CHAT) for terms in ([100], [101], [])]
    assert column("previous", *lines, words=(TEA, CUP)) == near(0, 0.5, 0.5)


MESSAGE_FEATURES = ("rarity", "speaker", "neighbours", "question", "conversation", "previous")


@pytest.mark.parametrize("name", MESSAGE_FEATURES)
def test_memories_outside_conversations_have_no_features_of_messages(name):
    texts = [memory(100, ADA, QUESTION_TERM, cosine=0.8, chat=chat) for chat in (CHAT, 0, 0, CHAT)]
    found = column(name, *texts, words=(TEA,), speakers=(ADA,) if name != "speaker" else ())
    assert found[1:3] == [0, 0]


@pytest.mark.parametrize(
    "lines",
    [
        (memory(chat=CHAT), memory(100, QUESTION_TERM, cosine=0.9, chat=OTHER_CHAT)),
        (memory(chat=CHAT, minute=61), memory(100, QUESTION_TERM, cosine=0.9, chat=CHAT)),
    ],
    ids=["another conversation", "after a pause"],
)
def test_messages_apart_are_no_neighbours(lines):
    for name in ("words", "neighbours", "question", "previous"):
        assert column(name, *lines, words=(TEA,))[0] == 0


# Who counts


TEXTS = (memory(100, 102, GRAM, length=9, cosine=0.3), memory(101, length=30, cosine=0.5))
LINES = (
    memory(100, ADA, cosine=0.4, chat=CHAT, minute=1),
    memory(101, QUESTION_TERM, cosine=0.6, chat=CHAT, minute=3),
    memory(MAY, NOON, GRAM, cosine=0.2, chat=CHAT, minute=4),
)
HIDDEN = {"expiry": 1, "length": 500, "cosine": 0.95}
ASKED = {
    "words": (TEA, CUP),
    "functional": (OFF,),
    "grams": (GRAM,),
    "speakers": (ADA,),
    "months": (MAY,),
    "times": (NOON,),
}


@pytest.mark.parametrize("reading", ["known", "inflected", "related", "unknown"])
def test_expired_memories_influence_nothing(reading):
    """No count of words, no mean, no length, no neighbour; as if they weren't there."""
    seen = (*TEXTS, *LINES)
    terms = (100, 101, 102, GRAM, ADA, MAY, NOON, QUESTION_TERM)
    expired = [
        memory(*terms, **HIDDEN),
        memory(*terms, **HIDDEN, chat=OTHER_CHAT),
        memory(*terms, **HIDDEN, chat=CHAT, minute=5),
    ]
    rows = np.arange(len(seen))
    alone = scorer_of(seen, reading, **ASKED)
    beside = scorer_of([*seen, *expired], reading, **ASKED)
    np.testing.assert_allclose(beside.features(rows), alone.features(rows), atol=1e-5)
    np.testing.assert_allclose(beside.evidence[rows], alone.evidence[rows], atol=1e-5)
    np.testing.assert_allclose(beside.held[rows], alone.held[rows], atol=1e-6)


def test_the_neighbours_of_a_removed_message_are_neighbours():
    """As if it had never been there."""
    removed = memory(100, QUESTION_TERM, cosine=0.9, chat=CHAT, minute=2)
    rows = rows_of(LINES[0], removed, *LINES[1:], *TEXTS)
    rows.remove(2)
    query = AnalyzedQuery(np.array([1, 0], np.float32), QueryTerms(**ASKED))
    scorer = FeatureScorer(rows, query, rows.hidden(1))
    alone = scorer_of([*LINES, *TEXTS], "known", **ASKED)
    kept = np.array([0, 2, 3, 4, 5])
    np.testing.assert_allclose(scorer.features(kept), alone.features(np.arange(5)), atol=1e-5)


def test_unrelated_messages_are_no_neighbours():
    """Those are neighbours that they leave between them."""
    lines = [
        memory(cosine=0.5, chat=CHAT),
        memory(100, QUESTION_TERM, cosine=0.9, chat=CHAT),
        memory(101, cosine=0.6, chat=CHAT),
    ]
    options = {"words": (TEA, CUP), "related": [True, False, True]}
    c = standardized([0.5, 0.9, 0.6])
    half = idf(1, 3) / (2 * idf(1, 3))
    assert column("words", *lines, **options)[::2] == near(0.7 * half, half)
    assert column("neighbours", *lines, **options)[::2] == near(0.7 * c[2], 0.7 * c[0])
    assert column("question", *lines, **options)[::2] == [0, 0]
    assert column("conversation", *lines, **options)[::2] == near(c[2], c[2])


# Evidence


@pytest.mark.parametrize("reading", ["known", "inflected", "related", "unknown"])
def test_evidence_is_the_sum_of_the_features_by_their_weights(reading):
    scorer = scorer_of([*TEXTS, *LINES], reading, **ASKED)
    rows = np.arange(5)
    kinds = weights(reading)
    expected = [kinds.memory] * 2 + [kinds.message] * 3
    assert scorer.weights(rows).tolist() == [list(each) for each in expected]
    sums = (scorer.features(rows) * np.array(expected)).sum(axis=1)
    np.testing.assert_allclose(scorer.evidence, sums, rtol=1e-5)
    assert min(scorer.evidence) > 0


def test_exact_cosines_take_the_place_of_estimates():
    """Of the rows that are looked at closely; the others keep theirs."""

    class Estimating(OwnerIndex):
        def cosines(self, query):
            return super().cosines(query) + np.float32(0.01)

    rows = Estimating(2, exact_rows=100)
    rows.extend([one._replace(number=n) for n, one in enumerate((*TEXTS, *LINES), 1)])
    query = AnalyzedQuery(np.array([1, 0], np.float32), QueryTerms(**ASKED))
    scorer = FeatureScorer(rows, query, None)
    estimated = scorer.evidence.copy()
    scorer.compute_exact_cosines(np.array([1, 3]))
    assert scorer.cosines.tolist() == near(0.31, 0.5, 0.41, 0.6, 0.21)
    sums = (scorer.features(np.arange(5)) * scorer.weights(np.arange(5))).sum(axis=1)
    np.testing.assert_allclose(scorer.evidence, sums, rtol=1e-5)
    assert (scorer.evidence < estimated - 1e-3).tolist() == [False, True, False, True, False]


def test_without_a_query_text_the_vector_alone_decides():
    scorer = scorer_of([*TEXTS, *LINES], "known")
    features = scorer.features(np.arange(5))
    used = {FEATURES[place] for place in np.flatnonzero(features.any(axis=0))}
    assert used == {"cosine", "neighbours", "question", "conversation"}


def test_no_memories_have_no_features():
    scorer = scorer_of([], **ASKED)
    assert scorer.features(np.arange(0)).shape == (0, len(FEATURES))
    assert scorer.evidence.tolist() == []
