"""Nothing that one owner stores, searches or deletes changes what another owner gets."""

from __future__ import annotations

import random

import pytest

TEXTS = (
    "the common word of the garden",
    "a rare kumquat in the garden",
    "common common winter",
    "Ada: the kumquat is common?",
    "winter in a long garden of tea and coffee and piano",
)
QUERIES = ("kumquat common", "garden winter", "common", "tea piano kumquat garden")


def answers(user):
    """The results of all queries with their scores, contexts, tags and entities."""
    found = [
        [
            (item["content"], item["similarity"], item["combined_score"], item["access_count"])
            for item in _with_counts(user, user.search(query, threshold=0.1)["results"])
        ]
        for query in QUERIES
    ]
    contexts = [user.context(query, max_tokens=200)["context"] for query in QUERIES]
    return found, contexts, user.tags().data, user.entities().data, user.page().meta


def _with_counts(user, results):
    counts = {item["id"]: item["access_count"] for item in user.list()}
    return [{**item, "access_count": counts[item["id"]]} for item in results]


def fill(user, clock):
    for index, text in enumerate(TEXTS):
        clock.advance(seconds=1)
        kind = "conversation" if text.startswith("Ada:") else "text"
        tags = {"tags": [f"tag {index % 2}"]}
        user.create(text, tier="long", content_type=kind, metadata=tags)
    user.create_entity("Kumquat")


def disturb(user, seed):
    """Store, search and delete many texts that share the words of `TEXTS`."""
    chance = random.Random(seed)
    words = " ".join(TEXTS).split()
    made = [
        user.create(" ".join(chance.choices(words, k=chance.randint(1, 40))), tier="long")
        for _ in range(60)
    ]
    user.create_entity("Kumquat", aliases=["garden"])
    for query in QUERIES:
        user.search(query, threshold=0)
        user.context(query)
    for memory in made[::3]:
        user.delete(memory["id"])


@pytest.mark.both_stores
@pytest.mark.parametrize("words_only", [True, False], ids=["none", "hashing"])
def test_another_owner_changes_no_score_order_or_count(start, user_of, clock, words_only):
    """The same calls, with and without another owner in the same database."""
    options = {"embedder": None} if words_only else {}
    seen = []
    started = clock.now
    for others in (0, 2):
        clock.now = started
        service = start(**options)
        user = user_of(service, "ada")
        fill(user, clock)
        now = clock.now
        for number in range(others):
            disturb(user_of(service, f"other {number}"), number)
        clock.now = now
        seen.append(_without_ids(answers(user)))
    assert seen[0] == seen[1]
    assert any(seen[0][0])


def _without_ids(value):
    found, contexts, tags, entities, meta = value
    names = [(tag["name"], tag["memory_count"], tag["color"]) for tag in tags]
    return found, contexts, names, [entity["name"] for entity in entities], meta


@pytest.mark.both_stores
def test_the_purge_that_another_owner_causes_changes_no_score(start, user_of, clock):
    """Expired memories don't count before their rows are deleted either."""
    service = start(embedder=None)
    user = user_of(service, "ada")
    for text in TEXTS * 2:
        user.create(text, tier="short")
    clock.advance(hours=25)
    fill(user, clock)
    store, found = service._store, []
    for _ in range(2):
        from memoryos_server.model.records import Selection

        selection = Selection("ada", clock.now)
        found.append([store.match_words(selection, query.split(), 50) for query in QUERIES])
        clock.advance(days=30)
        disturb(user_of(service, "other"), 1)
    assert found[0] == found[1]


@pytest.mark.both_stores
def test_the_rank_is_bm25_with_the_statistics_of_the_owner(start, user_of, clock):
    """Against the formula, computed here from the owner's texts alone."""
    from memoryos_server.model.records import Selection
    from memoryos_server.search import bm25

    service = start(embedder=None)
    user, other = user_of(service, "ada"), user_of(service, "other")
    texts = [text.split() for text in TEXTS if ":" not in text]
    for words in texts:
        user.create(" ".join(words), tier="long")
        other.create(" ".join(words * 3), tier="long")
    average = sum(map(len, texts)) / len(texts)
    asked = ["kumquat", "common", "garden"]

    def score(words):
        return sum(
            bm25.score(
                bm25.weight(sum(word in text for text in texts), len(texts)),
                words.count(word),
                len(words),
                average,
            )
            for word in asked
            if word in words
        )

    expected = sorted(filter(score, texts), key=score, reverse=True)
    hits = service._store.match_words(Selection("ada", clock.now), asked, 10)
    memories = service._store.memories_by_number("ada", [hit.number for hit in hits])
    assert [memories[number].content.split() for number, *_ in hits] == expected
