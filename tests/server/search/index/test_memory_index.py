"""The in-memory index: its results equal the formula of features.py, after any changes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.search.conversations import MAX_PAUSE_MICROSECONDS, NO_ROW, Conversations
from memoryos_server.search.feature_scores import AnalyzedQuery
from memoryos_server.search.index import memory_index, owner_index
from memoryos_server.search.index.entry import NEVER, Entry, Filter
from memoryos_server.search.index.memory_index import MemoryIndex
from memoryos_server.search.postings import Postings
from memoryos_server.search.query_analysis import QueryTerms, QueryWord
from memoryos_server.search.terms import QUESTION_TERM

from ..expected_features import expected_evidence, expected_features

DIMENSION = 24
WORDS = [QueryWord(str(term), term, (term + 100, term + 200)) for term in range(100, 112)]
GRAMS = range(500, 506)
ADA, BO = 1, 2
MAY, JUNE, FIRST, THIS_YEAR, NOON = 11, 12, 13, 14, 15
EVERYTHING = 10_000


def unit(chance):
    vector = np.array([chance.gauss(0, 1) for _ in range(DIMENSION)], np.float32)
    return vector / np.linalg.norm(vector)


def packed(*numbers):
    return np.array(numbers, "<u4").tobytes()


def entry(number, chance, **changes):
    """A memory with a few words, which may be a line of one of two conversations."""
    terms = [term for term in (MAY, JUNE, FIRST, THIS_YEAR, NOON, *GRAMS) if chance.random() < 0.3]
    for word in chance.sample(WORDS, chance.randrange(5)):
        terms += [word.term, *word.frequency_terms[: chance.randrange(3)]]
    conversation = chance.choice([0, 7, 7, 8])
    if conversation:
        terms += chance.sample([ADA, BO], 1)
        if chance.random() < 0.4:
            terms.append(QUESTION_TERM)
    fields = {
        "facets": (chance.choice(["long", "short"]), "text", chance.choice([None, "semantic"])),
        "created": number * 1000,
        "expiry": chance.choice([NEVER, NEVER, 50]),
        "vector": unit(chance).astype("<f4").tobytes(),
        "conversation": conversation,
        "terms": packed(chance.randrange(1, 40), *terms),
    }
    return Entry(number, **{**fields, **changes})


def query_of(chance, word_count=3, **changes):
    """A query of any kind, in a language that the embedder knows, or nearly, or not."""
    asked = chance.sample(WORDS, word_count + 2)
    terms = QueryTerms(
        words=tuple(asked[:word_count]),
        functional=tuple(asked[word_count:]),
        grams=tuple(chance.sample(GRAMS, 3)),
        speakers=(ADA,),
        months=chance.choice([(), (MAY,), (MAY, JUNE)]),
        date_parts=(FIRST, THIS_YEAR),
        times=chance.choice([(), (NOON,)]),
    )
    reading = chance.choice(["known", "inflected", "related", "unknown"])
    return AnalyzedQuery(unit(chance), terms._replace(**changes), reading)


def expected(entries, query, wanted):
    """Return the evidence of each entry that may be returned."""
    chosen = {entry.number: entry for entry in entries}
    return {
        number: value
        for number, value in expected_evidence(chosen.values(), query, wanted.now).items()
        if all(want in (None, has) for want, has in zip(wanted.facets, chosen[number].facets))
        and (wanted.numbers is None or number in wanted.numbers)
    }


def filled(entries, **options):
    index = MemoryIndex(DIMENSION, **options)
    index.put(entries)
    return index


def found(index, query, wanted, count=EVERYTHING):
    hits = index.search(query, wanted=wanted, count=count)
    return dict(zip(hits.numbers.tolist(), hits.evidence.tolist()))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("exact_rows", [0, EVERYTHING], ids=["estimated", "exact"])
def test_what_is_found_is_what_the_features_say(seed, exact_rows):
    """After additions, changes and removals, with every filter, by each way of searching."""
    chance = random.Random(seed)
    index = MemoryIndex(DIMENSION, exact_rows=exact_rows)
    stored = {}
    for _ in range(6):
        numbers = [chance.randrange(120) for _ in range(20)]
        batch = {number: entry(number, chance) for number in numbers}
        index.put(list(batch.values()))
        stored.update(batch)
        for number in chance.sample(sorted(stored), 6):
            del stored[number]
            index.discard([number])
        query = query_of(chance, chance.choice([0, 3, 10]))
        numbers = chance.choice([None, chance.sample(range(120), 40)])
        facets = (chance.choice([None, "long"]), None, chance.choice([None, "semantic"]))
        wanted = Filter(now=chance.choice([10, 60]), facets=facets, numbers=numbers)
        values = expected(stored.values(), query, wanted)
        # Neighbours' cosines may be estimates; a result's own is not.
        tolerance = 1e-3 if exact_rows else 0.05
        assert found(index, query, wanted) == pytest.approx(values, abs=tolerance)
        assert list(found(index, query, wanted, 5)) == list(found(index, query, wanted))[:5]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("words", [0, 3, 10])
def test_hits_have_the_features_and_weights_that_their_evidence_is_made_of(seed, words):
    """More words than one go takes; lines that came one by one, and some that are gone."""
    chance = random.Random(seed)
    stored = {number: entry(number, chance) for number in range(120)}
    index = filled(list(stored.values()))
    for number in range(120, 124):
        query, now = query_of(chance, words), chance.choice([10, 60])
        hits = index.search(query, wanted=Filter(now), count=EVERYTHING)
        values = expected_features(stored.values(), query, now)
        assert set(values) == set(hits.numbers.tolist())
        each = [values[found_number] for found_number in hits.numbers.tolist()]
        np.testing.assert_allclose(hits.features, each, atol=1e-3)
        np.testing.assert_allclose(hits.evidence, (hits.features * hits.weights).sum(1))
        assert (hits.evidence >= 0).all()
        assert (hits.weights >= 0).all()
        stored[number] = entry(number, chance)
        index.put([stored[number]])
        index.discard([gone := chance.choice(sorted(stored))])
        del stored[gone]


@pytest.mark.parametrize("count", [1, 7, 20])
def test_the_best_come_first_and_no_more_than_asked_for(count):
    chance = random.Random(count)
    index = filled([entry(number, chance) for number in range(50)])
    hits = index.search(query_of(chance), wanted=Filter(10), count=count)
    assert len(hits.numbers) == count
    assert list(hits.evidence) == sorted(hits.evidence, reverse=True)


@pytest.mark.parametrize("exact_rows", [0, EVERYTHING], ids=["estimated", "exact"])
def test_equal_ones_come_newest_first(exact_rows, monkeypatch):
    """Also where there is no room for all of them, among the compared ones or the results."""
    monkeypatch.setattr(memory_index, "_MIN_COMPARED_ROWS", 1)
    chance = random.Random(1)
    one = entry(0, chance, conversation=0, expiry=NEVER)
    numbers = chance.sample(range(60), 60)
    index = filled([one._replace(number=number) for number in numbers], exact_rows=exact_rows)
    query = query_of(chance)
    for count in (60, 20, 3):
        assert list(found(index, query, Filter(0), count)) == list(range(59, 59 - count, -1))


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_insertion_changes_nothing(seed):
    """Nor do rows that were removed, or replaced by others."""
    chance = random.Random(seed)
    entries = [entry(number, chance) for number in range(80)]
    gone = [entry(number, chance) for number in (*range(40, 60), *range(80, 100))]
    query, wanted = query_of(chance), Filter(60)
    once = found(filled(entries), query, wanted)
    for _ in range(3):
        index = filled(chance.sample(gone, len(gone)))
        for one in chance.sample(entries, len(entries)):
            index.put([one])
        index.discard(range(80, 100))
        again = found(index, query, wanted)
        assert again == pytest.approx(once, abs=1e-5)
        assert list(again) == list(once)


def test_only_related_lines_are_neighbours():
    """What others keep in the same conversation says nothing about a line."""
    chance = random.Random(9)
    lines = [entry(n, chance, conversation=7, expiry=NEVER) for n in range(30)]
    related = [n for n in range(30) if n % 3]
    query = query_of(chance)
    wanted = Filter(0, numbers=related, related=related)
    # For the counts of words and the cosines, the others are any memories.
    apart = [one if one.number % 3 else one._replace(conversation=0) for one in lines]
    assert found(filled(lines), query, wanted) == pytest.approx(
        expected(apart, query, wanted), abs=1e-3
    )


def test_what_the_words_tell_is_shared_out_between_0_and_1():
    """All of the words, half of them equally rare, none; however long the texts are."""
    chance = random.Random(2)
    texts = {1: [100, 101], 2: [100], 3: [], 4: [101]}
    index = filled(
        [
            entry(n, chance, conversation=0, expiry=NEVER, terms=packed(n, *terms))
            for n, terms in texts.items()
        ]
    )
    query = query_of(chance, words=tuple(WORDS[:2]))
    hits = index.search(query, wanted=Filter(0), count=9)
    held = dict(zip(hits.numbers.tolist(), hits.held.tolist()))
    assert held == pytest.approx({1: 1, 2: 0.5, 3: 0, 4: 0.5})


def test_an_index_without_memories_finds_nothing():
    query = query_of(random.Random(3))
    assert found(MemoryIndex(DIMENSION), query, Filter(0)) == {}


@pytest.mark.parametrize(
    "vector", [b"\0" * 4 * DIMENSION, b"\0" * 4, np.full(DIMENSION, 1, "<f4").tobytes()]
)
def test_what_is_no_unit_vector_is_refused(vector):
    with pytest.raises(ValueError, match=r"length|reshape"):
        filled([entry(1, random.Random(4), vector=vector)])


@pytest.mark.parametrize(
    "damaged",
    [{"terms": b"123"}, {"created": "soon"}, {"conversation": 2**70}, {"expiry": "never"}],
    ids=lambda changes: next(iter(changes)),
)
def test_of_entries_with_a_damaged_one_nothing_is_added(damaged):
    chance = random.Random(4)
    whole, other = entry(1, chance), entry(2, chance, **damaged)
    index = MemoryIndex(DIMENSION)
    with pytest.raises((ValueError, OverflowError)):
        index.put([whole, other])
    assert len(index) == 0
    index.put([whole])
    index.discard([1, 2])


def test_places_of_removed_memories_are_used_again_when_there_are_many(monkeypatch):
    monkeypatch.setattr(owner_index, "_MAX_REMOVED_ROWS", 4)
    chance = random.Random(5)
    index = MemoryIndex(DIMENSION, exact_rows=0)
    stored = {}
    for number in range(200):
        stored[number] = entry(number, chance)
        index.put([stored[number]])
        if number >= 10:
            del stored[number - 10]
            index.discard([number - 10])
    query, wanted = query_of(chance, speakers=(BO,)), Filter(10)
    assert found(index, query, wanted) == pytest.approx(
        expected(stored.values(), query, wanted), abs=0.05
    )
    assert len(index) < 40


@pytest.mark.parametrize("rows", [1, 5, 40_000])
def test_estimates_are_near_the_cosines(rows):
    """Several blocks of images; a zero vector, which a removed row is, has cosine 0."""
    from memoryos_server.search.index.quantized_vectors import QuantizedVectors

    pytest.importorskip("onnxruntime", reason="needs the extra [local]: onnxruntime not installed")
    generator = np.random.default_rng(6)
    vectors = generator.standard_normal((rows, 384), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[-1] = 0
    estimates = QuantizedVectors(384)
    for part in np.array_split(vectors, 3):
        estimates.extend(part)
    query = vectors[0] + 1e-3
    query /= np.linalg.norm(query)
    near = estimates.cosines(query)
    assert np.abs(near - vectors @ query).max() < 0.01
    assert near[-1] == 0
    estimates.clear(0)
    assert estimates.cosines(query)[0] == 0


def test_a_search_by_estimates_finds_what_an_exact_one_finds():
    """Vectors that lie near one another, as those of texts do."""
    pytest.importorskip("onnxruntime", reason="needs the extra [local]: onnxruntime not installed")
    generator = np.random.default_rng(7)
    centres = generator.standard_normal((40, DIMENSION))
    rows = centres[generator.integers(40, size=3000)] + 0.5 * generator.standard_normal(
        (3000, DIMENSION)
    )
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype("<f4")
    entries = [
        Entry(n, ("long", "text", None), n, NEVER, row.tobytes(), 0, b"")
        for n, row in enumerate(rows)
    ]
    exact, estimated = filled(entries), filled(entries, exact_rows=0)
    for row in rows[:20]:
        query = AnalyzedQuery(row, QueryTerms())
        for _ in range(2):  # the first search of all is exact in any case
            hits = [index.search(query, wanted=Filter(0), count=20) for index in (exact, estimated)]
            assert hits[0].numbers.tolist() == hits[1].numbers.tolist()
            np.testing.assert_allclose(hits[0].cosines, hits[1].cosines, atol=1e-6)
            # What is typical of all memories is estimated.
            np.testing.assert_allclose(hits[0].evidence, hits[1].evidence, rtol=5e-3)


# The parts


@settings(max_examples=60)
@given(st.lists(st.lists(st.integers(0, 20), max_size=6, unique=True), max_size=30), st.data())
def test_postings_hold_what_was_added(rows, data):
    """Whatever is sorted in at once or later, and after rows were dropped."""
    postings = Postings()
    for number, terms in enumerate(rows):
        count = len(terms)
        postings.add(np.array(terms, np.uint32), np.full(count, number, np.int32))
        if data.draw(st.booleans()):
            postings._settle(whole=True)
    expected_rows = {
        term: [n for n, terms in enumerate(rows) if term in terms] for term in range(21)
    }
    assert {t: postings.rows(t).tolist() for t in range(21)} == expected_rows
    kept = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    new = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
    postings.renumber(new)
    assert {t: postings.rows(t).tolist() for t in range(21)} == {
        t: [int(new[n]) for n in numbers if kept[n]] for t, numbers in expected_rows.items()
    }


def added(conversations, ids, numbers, created=None):
    times = created or numbers
    conversations.extend(*(np.array(values, np.int64) for values in (ids, numbers, times)))


def test_lines_follow_one_another_in_the_order_of_their_numbers():
    """Whether they come one by one or many at once, in order or not."""
    orders = ([1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1], [3, 1, 2, 6, 5, 4])
    for numbers in orders:
        for at_once in (True, False):
            conversations = Conversations()
            ids = [n % 2 + 1 for n in numbers]
            if at_once:
                added(conversations, ids, numbers)
            else:
                for one, number in zip(ids, numbers):
                    added(conversations, [one], [number])
            before = {
                n: numbers[row] if row != NO_ROW else None
                for n, row in zip(numbers, conversations.before.tolist())
            }
            assert before == {1: None, 2: None, 3: 1, 4: 2, 5: 3, 6: 4}


def test_a_removed_line_joins_those_around_it():
    conversations = Conversations()
    added(conversations, [1, 1, 1, 1], [1, 2, 3, 4])
    conversations.remove(1)
    assert (conversations.after[0], conversations.before[2]) == (2, 0)
    conversations.remove(3)
    assert conversations.after[2] == NO_ROW
    added(conversations, [1], [5])
    assert (conversations.after[2], conversations.before[4]) == (4, 2)


def test_a_long_pause_ends_a_conversation():
    for pause, expected_row in ((MAX_PAUSE_MICROSECONDS, 0), (MAX_PAUSE_MICROSECONDS + 1, NO_ROW)):
        conversations = Conversations()
        added(conversations, [1, 1], [1, 2], [0, pause])
        assert conversations.before[1] == expected_row


def test_rows_of_no_conversation_have_no_neighbours():
    conversations = Conversations()
    added(conversations, [0, 0, 0], [1, 2, 3])
    assert conversations.before.tolist() == [NO_ROW] * 3
    assert not conversations.is_message.any()
