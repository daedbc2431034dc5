"""The in-memory index: its results equal the formula of features.py, after any changes."""

from __future__ import annotations

import math
import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.search import (
    conversations,
    features,
)
from memoryos_server.search.conversations import MAX_PAUSE_MICROSECONDS, NO_ROW, Conversations
from memoryos_server.search.feature_scores import FeatureScorer
from memoryos_server.search.index import owner_index, quantized_vectors
from memoryos_server.search.index.entry import NEVER, Entry, Filter
from memoryos_server.search.index.memory_index import AnalyzedQuery, MemoryIndex
from memoryos_server.search.index.owner_index import OwnerIndex
from memoryos_server.search.postings import Postings
from memoryos_server.search.text_analysis import QUESTION_TERM, TIME_TERM

REPOSITORY = Path(__file__).resolve().parents[4]

DIMENSION = 24
WORDS = range(100, 112)
ADA, BO = 1, 2
MAY, JUNE, FIRST, THIS_YEAR = 11, 12, 13, 14
EVERYTHING = 10_000


def unit(chance):
    vector = np.array([chance.gauss(0, 1) for _ in range(DIMENSION)], np.float32)
    return vector / np.linalg.norm(vector)


def entry(number, chance, **changes):
    """A memory with a few words, which may be a line of one of two conversations."""
    terms = sorted(chance.sample(WORDS, chance.randrange(5)))
    terms += [term for term in (MAY, JUNE, FIRST, THIS_YEAR, TIME_TERM) if chance.random() < 0.3]
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
        "terms": np.array(terms, "<u4").tobytes(),
    }
    return Entry(number, **{**fields, **changes})


def expected(entries, query, wanted):
    """Return the score of each entry, by the formula of features.py, one after the other."""
    seen = sorted((e for e in entries if e.expiry > wanted.now), key=lambda e: e.number)
    terms = {e.number: set(np.frombuffer(e.terms, "<u4").tolist()) for e in seen}
    cosines = {
        e.number: float(np.frombuffer(e.vector, "<f4").astype(np.float64) @ query.vector)
        for e in seen
    }
    idf = {}
    for word in query.words:
        holding = sum(word in terms[e.number] for e in seen)
        idf[word] = math.log(1 + (len(seen) - holding + 0.5) / (holding + 0.5))
    found = {}
    for one in seen:
        line = [e.number for e in entries_of(one, entries)]
        place = line.index(one.number)
        words = 0.0
        for word, told in idf.items():
            near = [
                abs(at - place)
                for at, number in enumerate(line)
                if number in terms and word in terms[number]
            ]
            closest = min(near, default=99)
            words += told * (0.7**closest if closest <= 4 else 0)
        around = sum(
            0.7 ** abs(step) * cosines.get(line[place + step], 0.0)
            for step in (-2, -1, 1, 2)
            if 0 <= place + step < len(line)
        )
        before = line[place - 1] if place else None
        question = cosines[before] if before in terms and QUESTION_TERM in terms[before] else 0.0
        speaker = any(name in terms[one.number] for name in query.speakers)
        time = 0
        if {*query.months} & terms[one.number]:
            time = 1 + len({*query.date_parts} & terms[one.number])
        if query.asks_for_time and TIME_TERM in terms[one.number]:
            time += 1
        signs = (cosines[one.number], words, float(speaker), around, question, time)
        found[one.number] = sum(w * s for w, s in zip(features.FEATURE_WEIGHTS, signs))
    chosen = {e.number: e for e in seen}
    return {
        number: value
        for number, value in found.items()
        if all(want in (None, has) for want, has in zip(wanted.facets, chosen[number].facets))
        and (wanted.numbers is None or number in wanted.numbers)
    }


def entries_of(one, entries):
    """Return the conversation of an entry, expired lines included; itself where it is in none."""
    if not one.conversation:
        return [one]
    same = (e for e in entries if e.conversation == one.conversation)
    return sorted(same, key=lambda e: e.number)


def filled(entries, **options):
    index = MemoryIndex(DIMENSION, **options)
    index.put(entries)
    return index


def found(index, query, wanted, count=EVERYTHING):
    hits = index.search(query, wanted=wanted, count=count)
    return dict(zip(hits.numbers.tolist(), hits.scores.tolist()))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("exact_rows", [0, EVERYTHING], ids=["estimated", "exact"])
def test_what_is_found_is_what_the_formula_says(seed, exact_rows):
    """After additions, changes and removals, with every filter, by each way of searching."""
    chance = random.Random(seed)
    index = MemoryIndex(DIMENSION, exact_rows=exact_rows)
    stored = {}
    for step in range(6):
        numbers = [chance.randrange(120) for _ in range(20)]
        batch = {number: entry(number, chance) for number in numbers}
        index.put(list(batch.values()))
        stored.update(batch)
        for number in chance.sample(sorted(stored), 6):
            del stored[number]
            index.discard([number])
        months = chance.choice([[], [MAY], [MAY, JUNE]])
        times = {"months": months, "date_parts": [FIRST, THIS_YEAR], "asks_for_time": step % 2 == 0}
        query = AnalyzedQuery(unit(chance), chance.sample(WORDS, 3), [ADA], **times)
        numbers = chance.choice([None, chance.sample(range(120), 40)])
        facets = (chance.choice([None, "long"]), None, chance.choice([None, "semantic"]))
        wanted = Filter(now=chance.choice([10, 60]), facets=facets, numbers=numbers)
        values = expected(stored.values(), query, wanted)
        # Neighbours' cosines may be estimates; a result's own is not.
        assert found(index, query, wanted) == pytest.approx(values, abs=0.02 if step else 1e-4)
        assert list(found(index, query, wanted, 5)) == list(found(index, query, wanted))[:5]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("words", [0, 3, 12])
def test_all_rows_weighed_at_once_weigh_what_each_does(seed, words, monkeypatch):
    """More words than one go takes; lines that came one by one, and some that are gone."""
    monkeypatch.setattr(conversations, "_MIN_STALE_ROWS", 5 if seed % 2 else EVERYTHING)
    chance = random.Random(seed)
    owner_index = OwnerIndex(DIMENSION, exact_rows=EVERYTHING)
    owner_index.extend([entry(number, chance) for number in range(300)])
    times = {"months": [MAY], "date_parts": [FIRST, THIS_YEAR], "asks_for_time": True}
    for number in range(300, 320):
        query = AnalyzedQuery(unit(chance), chance.sample(WORDS, words), [ADA], **times)
        hidden = owner_index.hidden(60)
        scoring = FeatureScorer(owner_index, query, hidden)
        seen = np.arange(len(owner_index)) if hidden is None else np.flatnonzero(~hidden)
        each = scoring.features(seen) @ np.array(features.FEATURE_WEIGHTS)
        np.testing.assert_allclose(scoring.all_scores()[seen], each, atol=1e-5)
        owner_index.extend([entry(number, chance)])
        owner_index.remove(chance.choice([n for n in range(number + 1) if n in owner_index]))


@pytest.mark.parametrize("count", [1, 7, 20])
def test_the_best_come_first_and_no_more_than_asked_for(count):
    chance = random.Random(count)
    index = filled([entry(number, chance) for number in range(50)])
    hits = index.search(
        AnalyzedQuery(unit(chance), list(WORDS)[:3]), wanted=Filter(10), count=count
    )
    assert len(hits.numbers) == count
    assert list(hits.scores) == sorted(hits.scores, reverse=True)


def test_equal_ones_come_newest_first():
    chance = random.Random(1)
    one = entry(0, chance, conversation=0, expiry=NEVER)
    index = filled([one._replace(number=number) for number in (3, 1, 4, 2)])
    assert list(found(index, AnalyzedQuery(unit(chance), WORDS), Filter(0))) == [4, 3, 2, 1]


def test_what_the_words_tell_is_shared_out_between_0_and_1():
    """All of the words, half of them equally rare, none."""
    chance = random.Random(2)
    texts = {1: [100, 101], 2: [100], 3: []}
    index = filled(
        [
            entry(n, chance, conversation=0, expiry=NEVER, terms=np.array(t, "<u4").tobytes())
            for n, t in texts.items()
        ]
        + [entry(4, chance, conversation=0, expiry=NEVER, terms=np.array([101], "<u4").tobytes())]
    )
    hits = index.search(AnalyzedQuery(unit(chance), [100, 101]), wanted=Filter(0), count=9)
    held = dict(zip(hits.numbers.tolist(), hits.held.tolist()))
    assert held == pytest.approx({1: 1, 2: 0.5, 3: 0, 4: 0.5})


def test_an_index_without_memories_finds_nothing():
    query = AnalyzedQuery(unit(random.Random(3)), WORDS)
    assert found(MemoryIndex(DIMENSION), query, Filter(0)) == {}


@pytest.mark.parametrize(
    "vector", [b"\0" * 4 * DIMENSION, b"\0" * 4, np.full(DIMENSION, 1, "<f4").tobytes()]
)
def test_what_is_no_unit_vector_is_refused(vector):
    with pytest.raises(ValueError, match=r"length|reshape"):
        filled([entry(1, random.Random(4), vector=vector)])


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
    query, wanted = AnalyzedQuery(unit(chance), list(WORDS)[:4], [BO]), Filter(10)
    assert found(index, query, wanted) == pytest.approx(
        expected(stored.values(), query, wanted), abs=0.02
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
        for _ in range(2):  # the first search of all is exact in any case
            assert found(estimated, AnalyzedQuery(row), Filter(0), 20) == pytest.approx(
                found(exact, AnalyzedQuery(row), Filter(0), 20), abs=1e-6
            )


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
    assert not conversations.has_any


# The formula


def test_evidence_weighs_what_the_formula_says():
    assert dict(zip(features.FEATURES, features.FEATURE_WEIGHTS)) == {
        "cosine": 1.0,
        "words": 0.12,
        "speaker": 0.5,
        "neighbours": 0.3,
        "question": 0.5,
        "time": 0.8,
    }


def formula(text):
    """Return the lines of the formula, and the numbers in it."""
    block = re.search(r"^ +score = .*\n.*$", text, re.MULTILINE)[0]
    return block.strip(), tuple(map(float, re.findall(r"\d\.\d+", block)))


def test_the_page_says_what_the_server_does():
    """The formula stands on the page, in the code that applies it, and in its weights."""
    page = (REPOSITORY / "docs" / "local.md").read_text(encoding="utf-8")
    assert formula(page) == formula(features.__doc__)
    assert formula(page)[1] == features.FEATURE_WEIGHTS[1:]
    assert f"Up to {quantized_vectors.MAX_EXACT_ROWS:,} memories" in page
    assert f"those of {features.WORD_WINDOW} lines before and after" in page
    assert f"the cosines of {features.COSINE_WINDOW} lines before and after" in page


@given(st.integers(1, 10**6), st.data())
def test_a_rarer_word_tells_more_and_none_tells_less_than_nothing(total, data):
    fewer = data.draw(st.integers(0, total))
    more = data.draw(st.integers(fewer, total))
    assert features.idf(fewer, total) >= features.idf(more, total) > 0


@given(
    st.lists(st.floats(-1, 5), min_size=1),
    st.floats(0.5, 10),
)
def test_fit_follows_the_evidence_between_0_and_1(values, whole):
    values = np.array(sorted(values))
    fits = features.match_scores(values, np.clip(values, 0, 1), whole)
    assert (np.diff(fits) >= 0).all()
    assert ((fits >= 0) & (fits <= 1)).all()


def test_what_says_the_same_word_for_word_fits_wholly():
    assert features.match_scores(np.array([1.6]), np.array([1.0]), 1.6).tolist() == [1.0]
