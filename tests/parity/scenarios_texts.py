"""What clients keep of texts and JSON: everything, to the last character."""

from __future__ import annotations

TEXTS = {
    "emoji": "Ada 👩🏽‍💻 likes 🏳️‍🌈 and 🇵🇹",
    "right to left": "عايدة تشرب القهوة، שלום",
    "no Latin": "彼女は猫が好きです",
    "accents, composed and not": "Zoë Zoe\u0308",
    "beyond the first plane": "\U0001d504\U0001d521 \U00010348",
    "control characters": "NUL \x00, bell \x07, escape \x1b, line ends \r\n\u2028",
    "a single character": "a",
    "blanks around it": "  \n\t x \n",
    "what HTML, SQL and JSON would eat": "<b>&amp; '; DROP TABLE memories; -- \\u0041 \" {}",
    "query syntax of a text search": 'NEAR("a" b) AND c* OR -d ^e:f',
    "direction marks and no width": "\u202eadA\u202c \u200b\ufeff",
    "not a character": "\uffff \ufdd0",
    "a long one": "Ada remembers a great deal. " * 2_000,
}

METADATA = {
    "nested": {"list": [1, [2, {"three": None}]], "empty": [{}, [], ""]},
    "numbers": [0, -1, 2**53, 1.5, 1e-7, 1e300, -0.25],
    "booleans": [True, False],
    "schlüssel 🔑": "ключ",
    "": "an empty name",
    "text": "NUL \x00 and \u202e",
}


def every_text_comes_back_as_it_was(memory):
    for what, text in TEXTS.items():
        made = memory.memories.create(text, tier="long")
        assert made["content"] == text, what
        assert memory.memories.get(made["id"])["content"] == text, what
    listed = [kept["content"] for kept in memory.memories.list(limit=100)["data"]]
    assert listed == list(TEXTS.values())[::-1]


def every_text_can_be_searched_for_and_used_in_a_context(memory):
    for text in list(TEXTS.values())[:-1]:
        made = memory.memories.create(text, tier="long")
        found = memory.search(text, threshold=0.99, limit=100)["results"]
        assert made["id"] in [result["id"] for result in found]
        for form in ("text", "json"):
            context = memory.get_context(text, format=form)
            assert made["id"] in [used["id"] for used in context["memories"]]


def metadata_is_any_json_and_comes_back_as_it_was(memory):
    made = memory.memories.create("with metadata", metadata=METADATA)
    assert made["metadata"] == METADATA
    assert memory.memories.get(made["id"])["metadata"] == METADATA
    changed = memory.memories.update(made["id"], metadata={"only": METADATA})
    assert changed["metadata"] == {"only": METADATA}
    (found,) = memory.search("with metadata", threshold=0)["results"]
    assert found["metadata"] == {"only": METADATA}


def references_of_the_callers_own_may_be_any_text(memory):
    for reference in ("crm/42", "🔖", "x" * 200):
        made = memory.memories.create("c", external_id=reference, source_id=reference)
        assert (made["external_id"], made["source_id"]) == (reference, reference)


def names_of_tags_and_entities_may_be_in_any_script(memory):
    memory.memories.create("c", metadata={"tags": ["قهوة", "☕", "Ünïcode"]})
    names = [tag["name"] for tag in memory.tags.list()["data"]]
    assert sorted(names) == sorted(["قهوة", "☕", "Ünïcode"])
    assert [tag["name"] for tag in memory.tags.list(search="ÜNÏ")["data"]] == ["Ünïcode"]
    made = memory.entities.create("Ærøskøbing", "place", aliases=["Ærø 🏝️"])
    assert memory.entities.list(search="ærøSKØ")["data"] == [made]
