"""Searches for entities with many and long names take bounded work and find the same."""

from __future__ import annotations

import pytest

from memoryos_server.stores import words

pytestmark = pytest.mark.both_stores


def test_a_name_is_compared_in_full_though_stores_look_for_its_first_words(service, user):
    start = " ".join(f"word{number}" for number in range(words.MAX_PHRASE_WORDS))
    user.create(f"{start} and the end", tier="long")
    user.create(f"{start} and another end", tier="long")
    entity = user.create_entity(f"{start} and the end")
    assert user.found("end", threshold=0, entities=[entity["id"]]) == [f"{start} and the end"]
    context = user.context("end", entities=[entity["id"]])
    assert [item["content"] for item in context["memories"]] == [f"{start} and the end"]


def test_entities_with_hundreds_of_long_names_are_found_by_the_first(start, user_of):
    user = user_of(start(embedder=None))
    user.create("w " * 20_000 + "Ada", tier="long")
    aliases = ["w " * (1000 + number) for number in range(240)]
    entities = [user.create_entity("Ada", aliases=aliases)["id"] for _ in range(3)]
    assert len(user.found("w", threshold=0, entities=entities)) == 1


def test_a_context_holds_only_memories_that_mention_the_entity(user):
    """It held what the store's word search had found: other endings, and other names."""
    for text in ("I write C++", "I write C", "I write C\u266f", "रामायण पढ़ो", "राम आया"):
        user.create(text, tier="long")
    for name, expected in (("C", "I write C"), ("राम", "राम आया")):
        entity = user.create_entity(name)["id"]
        found = user.context("write", entities=[entity])["memories"]
        assert [item["content"] for item in found] == [expected]
        assert user.found("write", threshold=0, entities=[entity]) == [expected]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("O\u2019Brien came", "O'Brien"),
        ("O\u02bcBrien came", "O'Brien"),
        ("Jean\u2011Luc came", "Jean-Luc"),
        ("Qur\u02bean came", "Qur'an"),
        ("Ba\u02bfath came", "Ba'ath"),
        ("ג\u05f3ק בא", "ג'ק"),
        ("תל\u05beאבב", "תל-אבב"),
        ("קצין צה\u05f4ל לשעבר", 'צה"ל'),
        ("Dwayne \u201cThe Rock\u201d Johnson came", 'Dwayne "The Rock" Johnson'),
        ("Coca\u2043Cola came", "Coca-Cola"),
        ("محم\u0640\u0640د جاء", "محمد"),
        ("I write C\u266f.", "C#"),
        ("Ma\u00adrie came", "Marie"),
        ("Ma\u200brie came", "Marie"),
        ("the Straße", "strasse"),
        ("東京都に行く", "東京"),
        ("ผมชื่อสมชายครับ", "สมชาย"),
        ("my 🍵 cup", "🍵"),
        ("I write C++.", "C++"),
    ],
)
def test_the_stores_find_what_mentions_a_name(user, text, name):
    user.create(text, tier="long")
    user.create("something else", tier="long")
    entity = user.create_entity(name)["id"]
    assert user.found("anything", threshold=0, entities=[entity]) == [text]
