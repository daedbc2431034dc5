"""Standing facts: which queries are requests, which memories are facts, and where they come."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from memoryos_server.search.combined_score import RankedMemory
from memoryos_server.search.standing_facts import (
    MEMORIES_IN_TURN,
    is_request,
    is_standing_fact,
    query_for_facts,
    with_standing_facts,
)
from memoryos_server.service.memory_changes import new_memory

NOW = datetime(2026, 11, 22, 10, tzinfo=timezone.utc)


def ranked(content, score=0.5, nature=None, content_type="text"):
    body = {
        "content": content,
        "tier": "long",
        "content_type": content_type,
        "memory_nature": nature,
    }
    return RankedMemory(new_memory(body, owner="o", memory_id=content, now=NOW), score, 1.0, score)


@pytest.mark.parametrize(
    "query",
    [
        "Suggest a dessert",
        "What should I do this weekend?",
        "Plan a birthday present for Mia",
        "Could you please book me a table for Thursday?",
        "Hi! Write an e-mail to my landlord.",
        "Any ideas for dinner?",
        "I can't decide what to wear on Friday",
        "What\u2019s a good film for tonight?",
        f"{'Some pasted text. ' * 500}\nRecommend a hotel near there.",
    ],
)
def test_a_request_is_recognized(query):
    assert is_request(query)


@pytest.mark.parametrize(
    "query",
    [
        "Where does Bo live?",
        "What is Ana allergic to?",
        "How many people came to the party?",
        "Who suggested the name?",
        "When did we book the hotel?",
        "Do you remember Bo's dog?",
        "the plan of the house",
        "",
    ],
)
def test_a_plain_question_is_no_request(query):
    assert not is_request(query)


@pytest.mark.parametrize(
    "text",
    [
        "I'm allergic to hazelnuts",
        "The user is vegetarian",
        "Mia can't climb stairs because of her knee",
        "I never fly",
        "My daughter is afraid of dogs",
        "We don't have a car",
        "Please write to me in French",
    ],
)
def test_what_lasts_is_a_standing_fact(text):
    assert is_standing_fact(ranked(text))


@pytest.mark.parametrize(
    "text",
    [
        "The bus was late again",
        "We talked about penguins yesterday",
        "Bo bought a lamp last week",
        "Do I like tea?",
        "def is_even(n): return n % 2 == 0",
        "I like it. But then again it rained. So we left.",
    ],
)
def test_what_was_of_the_moment_is_none(text):
    assert not is_standing_fact(ranked(text))


def test_an_event_is_none_unless_it_tells_of_something_lasting():
    assert not is_standing_fact(ranked("Mia plays the flute", nature="episodic"))
    assert is_standing_fact(ranked("Mia is allergic to nuts", nature="episodic"))
    assert not is_standing_fact(ranked("Mia: I play the flute", content_type="conversation"))


def test_facts_are_looked_for_in_the_field_of_the_request():
    assert "allergic" in query_for_facts("Suggest a dessert")
    assert "shoe size" in query_for_facts("Which boots should I buy?")
    assert query_for_facts("Amuse me").startswith("Amuse me. ")


def test_facts_and_memories_come_in_turn_each_once_in_descending_order():
    memories = [ranked(f"memory {n}", 0.9 - n / 100) for n in range(MEMORIES_IN_TURN + 5)]
    facts = [ranked(f"fact {n}", 0.3) for n in range(MEMORIES_IN_TURN + 5)] + memories[2:3]
    result = list(with_standing_facts(memories, facts))
    names = [item.memory.content for item in result]
    assert names[:4] == ["fact 0", "memory 0", "fact 1", "memory 1"]
    assert sorted(names) == sorted({item.memory.content for item in [*memories, *facts]})
    assert names[-5:] == [f"memory {n}" for n in range(MEMORIES_IN_TURN, MEMORIES_IN_TURN + 5)]
    scores = [item.score for item in result]
    assert scores == sorted(scores, reverse=True)
    assert list(with_standing_facts([], facts[:1])) == facts[:1]


def test_facts_behind_the_last_memory_have_its_score():
    memories = [ranked("memory 0", 0.9), ranked("memory 1", 0.8)]
    facts = [ranked(f"fact {n}", 0.3) for n in range(3)]
    scores = [item.score for item in with_standing_facts(memories, facts)]
    assert scores == [0.9, 0.9, 0.8, 0.8, 0.8]
    assert [item.score for item in with_standing_facts(memories[:1], facts[:1])] == [0.9, 0.9]


def test_a_request_in_the_middle_of_a_long_text_is_none():
    """It belongs to what was pasted."""
    pasted = "It rained. " * 60
    assert is_request(f"Suggest a dessert. {pasted * 2}")
    assert is_request(f"{pasted * 2}Suggest a dessert.")
    assert not is_request(f"{pasted}Suggest a dessert. {pasted}")
