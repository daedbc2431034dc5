"""What one client finds: by search, by context. The embedder of these tests compares words.

So the similarity of two texts is the cosine of their counts of words: it can be worked out by hand.
"""

from __future__ import annotations

import json
import math

from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.text.token_counts import count_tokens

from .scenarios_memories import contents

DIMENSIONS = 1536


def padded_vector(text):
    """Return the vector that the service makes of a text, as long as the API wants it."""
    vector = HashingEmbedder().embed([text])[0].tolist()
    return vector + [0.0] * (DIMENSIONS - len(vector))


def a_search_returns_what_is_similar_enough_best_first(memory):
    for content in ("red green blue", "red green", "red", "yellow"):
        memory.memories.create(content, tier="long")
    found = memory.search("red green blue", threshold=0.5)
    assert contents(found["results"]) == ["red green blue", "red green", "red"]
    assert (found["search_type"], found["threshold"]) == ("semantic", 0.5)
    similarities = [result["similarity"] for result in found["results"]]
    expected = [1, math.sqrt(2 / 3), math.sqrt(1 / 3)]
    assert all(abs(a - b) < 0.001 for a, b in zip(similarities, expected))
    scores = [result["combined_score"] for result in found["results"]]
    assert scores == sorted(scores, reverse=True)


def a_result_holds_what_the_memory_holds(memory):
    made = memory.memories.create("red", "long", "fact", "semantic", metadata={"tags": ["colour"]})
    (result,) = memory.search("red")["results"]
    scores = {"similarity", "combined_score", "relevance_score"}
    assert {name: made[name] for name in set(result) - scores} == {
        name: value for name, value in result.items() if name not in scores
    }
    assert scores <= set(result)


def a_context_counts_what_it_leaves_out_by_reason(memory):
    for content in ("red green", "RED  green", "red\ngreen", "green red", "blue " * 40):
        memory.memories.create(content, tier="long")
    context = memory.get_context("red green", max_tokens=16)
    used = sorted(text.lower().split() for text in contents(context["memories"]))
    assert used == [["green", "red"], ["red", "green"]]
    assert context["omitted"] == {"budget": 1, "duplicate": 2}
    assert memory.get_context("red", max_tokens=0)["omitted"] == {"budget": 5, "duplicate": 0}
    assert memory.get_context("red", tier="short")["omitted"] == {"budget": 0, "duplicate": 0}


def a_context_has_the_passages_of_a_memory_that_exceeds_it(memory):
    lines = [f"Day {number}: nothing of note happened on this day." for number in range(200)]
    lines.insert(150, "The key of the cellar is under the blue pot.")
    made = memory.memories.create(" ".join(lines), tier="long", content_type="document")
    memory.memories.create("The cellar is damp", tier="long")
    for form in ("text", "json"):
        context = memory.get_context("key of the cellar", max_tokens=300, format=form)
        assert context["token_count"] == count_tokens(context["context"]) <= 300
        passages = next(each["content"] for each in context["memories"] if each["id"] == made["id"])
        assert "under the blue pot" in passages
        assert passages.startswith("… ")
        assert passages in context["context"]
        assert "The cellar is damp" in contents(context["memories"])
        assert context["omitted"] == {"budget": 0, "duplicate": 0}
    # A memory of which passages are used counts as accessed, and keeps its content.
    stored = memory.memories.get(made["id"])
    assert stored["content"] == made["content"]
    assert stored["access_count"] == 3


def the_threshold_bounds_the_results_and_is_0_7_by_default(memory):
    memory.memories.create("red green blue yellow", tier="long")
    memory.memories.create("red green", tier="long")
    # By their common words: 2 of √(3 · 2), about 0.82, and 2 of √(3 · 4), about 0.58.
    for threshold, expected in ((0, 2), (0.57, 2), (0.59, 1), (0.81, 1), (0.83, 0), (1, 0)):
        found = memory.search("red green purple", threshold=threshold)
        assert (found["threshold"], len(found["results"])) == (threshold, expected)
    found = memory.search("red green purple")
    assert (found["threshold"], contents(found["results"])) == (0.7, ["red green"])


def a_search_hands_out_at_most_the_limit_and_the_best_of_all(memory):
    for number in range(25):
        memory.memories.create(f"red {'blue ' * number}", tier="long")
    assert len(memory.search("red", threshold=0)["results"]) == 20
    assert len(memory.search("red", threshold=0, limit=100)["results"]) == 25
    (best,) = memory.search("red", threshold=0, limit=1)["results"]
    assert best["content"] == "red "


def of_equally_similar_memories_the_more_important_comes_first(memory):
    for importance in (0.2, 0.9, 0.5):
        memory.memories.create("red", "long", importance_score=importance, source_id="s")
    found = memory.search("red")["results"]
    assert [result["combined_score"] for result in found] == sorted(
        (result["combined_score"] for result in found), reverse=True
    )
    ids = [result["id"] for result in found]
    assert [memory.memories.get(one)["importance_score"] for one in ids] == [0.9, 0.5, 0.2]


def a_search_can_be_narrowed_by_each_property_and_by_several(memory):
    alan = memory.entities.create("Alan", "person")["id"]
    grace = memory.entities.create("Grace", "person")["id"]
    memory.memories.create("red 1", "long", "fact", "semantic", metadata={"tags": ["a", "b"]})
    memory.memories.create("red 2", "medium", "event", "episodic", metadata={"tags": ["a"]})
    memory.memories.create("red 3", metadata={"entities": [alan, grace], "tags": ["b"]})
    memory.memories.create("red 4", metadata={"entities": [alan]})
    for narrowed, expected in (
        ({"tier": "long"}, {"red 1"}),
        ({"memory_nature": "episodic"}, {"red 2"}),
        ({"tags": ["a"]}, {"red 1", "red 2"}),
        ({"tags": ["a", "b"]}, {"red 1"}),
        ({"tags": ["c"]}, set()),
        ({"tags": []}, {"red 1", "red 2", "red 3", "red 4"}),
        ({"entities": [alan]}, {"red 3", "red 4"}),
        ({"entities": [alan, grace]}, {"red 3"}),
        ({"entities": [alan], "tags": ["b"], "tier": "short"}, {"red 3"}),
        ({"tier": "short", "memory_nature": "semantic"}, set()),
    ):
        found = memory.search("red", threshold=0, **narrowed)["results"]
        assert set(contents(found)) == expected, narrowed


def each_way_of_reading_can_be_narrowed_by_the_same_filters(memory):
    made = [
        memory.memories.create(f"red {number}", tier="long", **fields)
        for number, fields in enumerate(
            (
                {"external_id": "a", "metadata": {"user": "ada", "n": 1, "tags": ["x", "y"]}},
                {"external_id": "b", "metadata": {"user": "ada", "n": True, "tags": ["x"]}},
                {"content_type": "fact", "metadata": {"user": None, "o": {"p": 1, "q": [1.5]}}},
                {"external_id": "a", "metadata": {"user": "bo"}, "memory_nature": "semantic"},
            )
        )
    ]
    third = made[2]["created_at"]
    for filters, expected in (
        ({"tags": ["x"]}, [0, 1]),
        ({"tags": ["y", " x "]}, [0]),
        ({"content_type": "fact"}, [2]),
        ({"memory_nature": "semantic"}, [3]),
        ({"external_id": "a"}, [0, 3]),
        ({"external_id": "A"}, []),
        ({"metadata": {"user": "ada"}}, [0, 1]),
        ({"metadata": {"user": "ada", "n": 1.0}}, [0]),
        ({"metadata": {"user": None}}, [2]),
        ({"metadata": {"missing": None}}, []),
        ({"metadata": {"o": {"q": [1.5], "p": 1}}}, [2]),
        ({"metadata": {}}, [0, 1, 2, 3]),
        ({"created_after": third}, [2, 3]),
        ({"created_before": third}, [0, 1]),
        ({"created_after": third, "external_id": "a", "metadata": {"user": "bo"}}, [3]),
    ):
        page = memory.memories.list(**filters)
        found = memory.search("red", threshold=0, **filters)["results"]
        used = memory.get_context("red", **filters)["memories"]
        assert [int(content[-1]) for content in contents(page["data"])] == expected[::-1], filters
        assert page["meta"]["total"] == len(expected)
        for answer in (found, used):
            assert sorted(int(content[-1]) for content in contents(answer)) == expected, filters


def each_memory_of_a_context_comes_with_its_metadata(memory):
    for metadata in ({"tags": ["x"], "n": 1.5}, {}):
        memory.memories.create(f"red {len(metadata)}", tier="long", metadata=metadata)
    used = memory.get_context("red")["memories"]
    assert {one["content"]: one["metadata"] for one in used} == {
        "red 2": {"tags": ["x"], "n": 1.5},
        "red 0": {},
    }


def a_search_shows_the_passages_and_the_parts_of_the_score_if_asked(memory):
    lines = [f"Day {number}: nothing of note happened on this day." for number in range(60)]
    lines.insert(40, "The key of the cellar is under the blue pot.")
    memory.memories.create(" ".join(lines), tier="long", content_type="document")
    memory.memories.create("The cellar is damp", tier="long")
    plain = memory.search("key of the cellar", threshold=0)["results"]
    full = memory.search("key of the cellar", threshold=0, highlights=True, explain=True)["results"]
    assert [set(result) & {"highlights", "explanation"} for result in plain] == [set(), set()]
    for result in full:
        assert (
            abs(
                sum(part["share"] for part in result["explanation"]["parts"])
                - result["combined_score"]
            )
            < 1e-9
        )
        assert "cellar" in result["highlights"][0]
        assert all(passage in result["content"] for passage in result["highlights"])


def a_search_follows_an_update_of_the_labels(memory):
    made = memory.memories.create("red", metadata={"tags": ["old"]})
    memory.memories.update(made["id"], metadata={"tags": ["new"]})
    assert memory.search("red", tags=["old"])["results"] == []
    assert contents(memory.search("red", tags=["new"])["results"]) == ["red"]


def a_new_content_is_embedded_anew(memory):
    made = memory.memories.create("red", tier="long")
    assert contents(memory.search("red")["results"]) == ["red"]
    memory.memories.update(made["id"], content="blue")
    assert memory.search("red")["results"] == []
    assert contents(memory.search("blue")["results"]) == ["blue"]


def a_new_tier_is_where_the_memory_is_found(memory):
    made = memory.memories.create("red", tier="short")
    memory.memories.update(made["id"], tier="long")
    assert memory.search("red", tier="short")["results"] == []
    assert contents(memory.search("red", tier="long")["results"]) == ["red"]


def an_embedding_finds_what_its_text_would(memory):
    for content in ("red green blue", "red green", "yellow"):
        memory.memories.create(content, tier="long")
    by_text = memory.search("red green", threshold=0.5)
    by_vector = memory.search(embedding=padded_vector("red green"), threshold=0.5)
    longer = memory.search(embedding=[7 * x for x in padded_vector("red green")], threshold=0.5)
    expected = contents(by_text["results"])
    assert contents(by_vector["results"]) == contents(longer["results"]) == expected


def a_search_for_an_entity_finds_who_mentions_it_by_an_alias(memory):
    memory.memories.create("The Countess likes tea", tier="long")
    memory.memories.create("A countess-to-be likes tea", tier="long")
    memory.memories.create("Bo likes tea", tier="long")
    ada = memory.entities.create("Ada Lovelace", "person", ["the countess"])["id"]
    found = memory.search("tea", threshold=0, entities=[ada])
    assert contents(found["results"]) == ["The Countess likes tea"]


def a_context_holds_the_memories_under_their_tiers_and_natures(memory):
    memory.memories.create("Ada is away", tier="short")
    memory.memories.create("Ada plans a trip", tier="medium", memory_nature="episodic")
    memory.memories.create("Ada likes tea\nand cake", tier="long", memory_nature="semantic")
    context = memory.get_context("Ada")
    assert context["context"].split("\n\n") == [
        "Long-term knowledge:\n- Ada likes tea\n  and cake",
        "Medium-term events:\n- Ada plans a trip",
        "Short-term memory:\n- Ada is away",
    ]
    assert len(context["memories"]) == 3
    scores = [used["score"] for used in context["memories"]]
    assert scores == sorted(scores, reverse=True)
    assert context["token_count"] == count_tokens(context["context"])


def a_context_finds_something_however_little_the_query_says(memory):
    memory.memories.create("Ada likes tea", tier="long")
    assert "Ada likes tea" in memory.get_context("help me with my request")["context"]


def a_json_context_is_a_json_document(memory):
    memory.memories.create('Ada said "ja" 🙂', tier="long", memory_nature="episodic")
    memory.memories.create("Ada likes tea", tier="short")
    context = memory.get_context("Ada tea", format="json")
    told = json.loads(context["context"])["groups"]
    assert [(one["tier"], one["memory_nature"]) for one in told] == [
        ("long", "episodic"),
        ("short", None),
    ]
    assert [contents(one["memories"]) for one in told] == [['Ada said "ja" 🙂'], ["Ada likes tea"]]
    assert len(context["memories"]) == 2


def a_context_is_of_the_tier_that_is_asked_for(memory):
    memory.memories.create("Ada is away", tier="short")
    memory.memories.create("Ada likes tea", tier="long")
    context = memory.get_context("Ada", tier="long")
    assert contents(context["memories"]) == ["Ada likes tea"]
    assert "away" not in context["context"]
    assert memory.get_context("Ada", tier="medium")["context"] == ""


def no_context_exceeds_its_budget_however_tight(memory):
    for number in range(12):
        memory.memories.create(f"Ada noted {'very ' * number}much on day {number} 🗓️", tier="long")
    for form in ("text", "json"):
        sizes = []
        for budget in (0, 1, 2, 5, 8, 13, 20, 21, 22, 23, 50, 51, 52, 53, 100, 1_000):
            context = memory.get_context("Ada noted", max_tokens=budget, format=form)
            assert context["token_count"] == count_tokens(context["context"]) <= budget
            for used in context["memories"]:
                assert used["content"] in context["context"]
            sizes.append(len(context["memories"]))
        assert sizes == sorted(sizes)
        assert (sizes[0], sizes[-1]) == (0, 12)


def a_budget_of_nothing_is_an_empty_context(memory):
    memory.memories.create("Ada likes tea", tier="long")
    for form in ("text", "json"):
        context = memory.get_context("tea", max_tokens=0, format=form)
        assert (context["context"], context["memories"], context["token_count"]) == ("", [], 0)


def a_memory_too_long_for_the_budget_makes_room_for_a_shorter_one(memory):
    memory.memories.create("tea " * 500, tier="long")
    memory.memories.create("Ada likes tea", tier="long")
    context = memory.get_context("tea", max_tokens=30)
    assert contents(context["memories"]) == ["Ada likes tea"]
