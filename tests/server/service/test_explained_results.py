"""Search results with highlights and explanations, where a search asks for them."""

from __future__ import annotations

import random

import pytest

from memoryos_server.search.features import FEATURES
from memoryos_server.search.highlights import MAX_HIGHLIGHTS
from memoryos_server.search.matched_words import MAX_MATCHED_WORDS
from memoryos_server.search.passages import MAX_CHUNK_BYTES, MAX_EMBEDDED_TEXTS

from .test_writes import Counting

PLAIN = [f"On day {number} nothing of note happened on the island. " for number in range(300)]


def long_text(*sentences):
    """A text with these sentences, far from each other."""
    parts = list(PLAIN)
    for number, sentence in enumerate(sentences, 1):
        parts.insert(number * len(PLAIN) // (len(sentences) + 1), f"{sentence} ")
    return "".join(parts)


def highlights_of(user, query, **body):
    results = user.search(query, threshold=0, highlights=True, **body)["results"]
    return [result["highlights"] for result in results]


def test_results_are_plain_unless_asked_for_more(either):
    either.create("Ada likes tea", tier="long")
    for body in ({}, {"highlights": False, "explain": False}):
        (result,) = either.search("tea", threshold=0, **body)["results"]
        assert not {"highlights", "explanation"} & set(result)


def test_the_highlights_of_a_long_text_are_the_passages_with_the_words(either):
    content = long_text("The key of the cellar is under the blue pot.", "The cellar is damp.")
    either.create(content, tier="long", content_type="document")
    (found,) = highlights_of(either, "key of the cellar")
    assert len(found) == 2
    assert "under the blue pot" in found[0]
    assert "damp" in found[1]
    for passage in found:
        assert passage in content
        assert passage == passage.strip()
        assert len(passage.encode()) <= MAX_CHUNK_BYTES


def test_there_are_at_most_three_highlights(either):
    content = long_text(*[f"The cellar number {number} is damp." for number in range(9)])
    either.create(content, tier="long", content_type="document")
    (found,) = highlights_of(either, "cellar")
    assert len(found) == MAX_HIGHLIGHTS == 3
    assert all("cellar" in passage for passage in found)


def test_a_short_memory_is_its_own_highlight(either):
    either.create("  Ada likes tea\n", tier="long")
    assert highlights_of(either, "tea") == [["Ada likes tea"]]


def test_what_matches_neither_by_words_nor_by_meaning_has_no_highlight(start, user_of):
    user = user_of(start(embedder=None))
    user.create("Ada likes tea", tier="long")
    assert highlights_of(user, "coffee") == [[]]


def test_an_embedding_alone_highlights_the_nearest_passage(user, embedder):
    user.create(long_text("The cellar is damp."), tier="long", content_type="document")
    padded = [*embedder.embed(["the cellar is damp"])[0].tolist(), *[0.0] * (1536 - 384)]
    (found,) = highlights_of(user, None, embedding=padded)
    assert len(found) == 1


def test_a_search_embeds_only_so_many_passages(start, user_of, embedder):
    """However many of its results are long."""
    counting = Counting(embedder)
    user = user_of(start(embedder=counting))
    for number in range(20):
        user.create(long_text(f"The cellar number {number} is damp."), tier="long")
    counting.texts.clear()
    found = highlights_of(user, "something on the island", limit=20)
    assert all(found)
    assert len(counting.texts) <= MAX_EMBEDDED_TEXTS + 2  # and the query, for both


def test_the_parts_of_an_explanation_add_up_to_the_score(either, clock):
    for number in range(30):
        content = "Ada: " + "tea " * (number % 4 + 1) + "of the garden " * (number % 3)
        kind = "conversation" if number % 2 else "text"
        either.create(content, tier="long", content_type=kind, importance_score=number / 29)
        clock.advance(minutes=7)
    answer = either.search("When did Ada like tea?", threshold=0, limit=30, explain=True)
    results = answer["results"]
    assert len(results) == 30
    for result in results:
        parts = {part["name"]: part for part in result["explanation"]["parts"]}
        total = sum(part["share"] for part in parts.values())
        assert total == pytest.approx(result["combined_score"], abs=1e-12)
        assert parts["relevance"]["value"] == pytest.approx(result["relevance_score"], abs=1e-4)
    matching = FEATURES if answer["search_type"] == "semantic" else ("words",)
    *names, relevance, importance = [part["name"] for part in results[0]["explanation"]["parts"]]
    assert (relevance, importance) == ("relevance", "importance")
    assert names
    assert set(names) <= set(matching)


@pytest.mark.parametrize("seed", range(4))
def test_explanations_add_up_in_any_store(either, seed):
    chance = random.Random(seed)
    words = ["Ada", "Bo", "tea", "coffee", "Ghent", "May", "2025", "noon", "likes", "not"]
    for number in range(40):
        content = " ".join(chance.choices(words, k=chance.randint(1, 30)))
        either.create(
            f"{chance.choice(['Ada: ', ''])}{content}",
            tier=chance.choice(["short", "medium", "long"]),
            content_type=chance.choice(["text", "conversation"]),
            importance_score=chance.random(),
            metadata={"at": f"2025-05-{number % 28 + 1:02}"} if chance.random() < 0.5 else {},
        )
    for _ in range(10):
        query = " ".join(["When", *chance.choices(words, k=3)][chance.randint(0, 1) :])
        results = either.search(query, threshold=0, limit=40, explain=True)["results"]
        scores = [result["combined_score"] for result in results]
        assert scores == sorted(scores, reverse=True)
        for result in results:
            total = sum(part["share"] for part in result["explanation"]["parts"])
            assert total == pytest.approx(result["combined_score"], abs=1e-9)


@pytest.mark.parametrize(
    ("content", "query", "words"),
    [
        (
            "Ada (drinks) her COFFEE black; coffee!",
            "What coffee does Ada drink?",
            "Ada drinks COFFEE",
        ),
        ("the wifi_password is on the fridge", "password of the wifi", "wifi_password"),
        ("我喜欢在星期天喝黑咖啡。不喝茶", "黑咖啡", "黑咖啡"),
        ("She writes C++, not C#.", "C# or C++", "C++ C#"),
        ("Ada's keys hang in the hall", "coffee", ""),
    ],
)
def test_an_explanation_names_the_matching_words_as_they_stand_there(either, content, query, words):
    either.create(content, tier="long")
    (result,) = either.search(query, threshold=0, explain=True)["results"]
    assert result["explanation"]["matched_words"] == words.split()
    assert all(word in content for word in result["explanation"]["matched_words"])


def test_there_are_only_so_many_matching_words(either):
    names = [f"apple-{number}" for number in range(200)]
    either.create(" ".join(names), tier="long")
    (result,) = either.search("apple", threshold=0, explain=True)["results"]
    assert result["explanation"]["matched_words"] == names[:MAX_MATCHED_WORDS]


def test_each_memory_of_a_context_has_its_metadata(either):
    metadata = {"tags": ["mine"], "user": "ada", "n": 1.5}
    either.create("Ada likes tea", tier="long", metadata=metadata)
    either.create("tea", tier="long")
    memories = either.context("tea")["memories"]
    assert {m["content"]: m["metadata"] for m in memories} == {"Ada likes tea": metadata, "tea": {}}
