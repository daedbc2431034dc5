"""Search and context, by meaning and by words."""

from __future__ import annotations

import json

import pytest

from memoryos_server.model.errors import ServiceError

pytestmark = pytest.mark.both_stores


@pytest.fixture
def by_words(start, user_of):
    """A user of a service without an embedder."""
    return user_of(start(embedder=None))


def test_a_search_says_how_it_ran_and_what_it_found(either, request):
    memory = either.create("Ada likes tea", tier="long", metadata={"a": 1})
    answer = either.search("Ada likes tea", threshold=0.5)
    assert answer["search_type"] in request.node.name
    assert answer["threshold"] == 0.5
    (result,) = answer["results"]
    kept = ("id", "content", "content_type", "tier", "memory_nature", "metadata", "created_at")
    assert {name: result[name] for name in kept} == {name: memory[name] for name in kept}
    assert result["similarity"] == pytest.approx(1)
    assert 0.3 < result["combined_score"] < 1


def test_only_what_reaches_the_threshold_is_found(either):
    for content in ("red green blue", "red green", "red", "none of it"):
        either.create(content, tier="long")
    similar = {
        r["content"]: r["similarity"] for r in either.search("red green", threshold=0)["results"]
    }
    assert similar["red green"] == pytest.approx(1)
    for threshold in (0, similar["red"], 0.9, 1):
        expected = {content for content, value in similar.items() if value >= threshold}
        assert set(either.found("red green", threshold=threshold)) == expected


def test_a_threshold_of_0_leaves_nothing_out(either):
    for content in ("red green", "blue"):
        either.create(content, tier="long")
    results = either.search("red green", threshold=0)["results"]
    assert [(r["content"], r["similarity"] > 0.9) for r in results] == [
        ("red green", True),
        ("blue", False),
    ]


def test_results_come_by_combined_score_and_no_more_than_asked_for(either):
    for number in range(9):
        metadata = {"n": number}
        either.create("tea for two", tier="long", importance_score=number / 10, metadata=metadata)
    results = either.search("tea for two", limit=4)["results"]
    assert [result["metadata"]["n"] for result in results] == [8, 7, 6, 5]
    scores = [result["combined_score"] for result in results]
    assert scores == sorted(set(scores), reverse=True)


def test_importance_and_accesses_never_put_a_memory_before_one_that_fits_clearly_better(
    either, clock
):
    """However old and unimportant that one is."""
    wanted = either.create("The spare key hangs in the shed", tier="long", importance_score=0)
    clock.advance(days=300)
    for number in range(20):
        other = either.create(f"The key of song {number}", tier="long", importance_score=1)
        either.get(other["id"])
    results = either.search("Where does the spare key hang?", threshold=0)["results"]
    assert results[0]["id"] == wanted["id"]


def test_of_equal_memories_the_newest_come_first(either):
    """Also if there are more of them than results, or than candidates."""
    for number in range(130):
        either.create("tea for two", tier="long", metadata={"n": number})
    results = either.search("tea", threshold=0, limit=3)["results"]
    assert [result["metadata"]["n"] for result in results] == [129, 128, 127]
    results = either.search("coffee", threshold=0, limit=3)["results"]
    assert [result["metadata"]["n"] for result in results] == [129, 128, 127]


def test_what_others_store_changes_no_score(either, user_of):
    for content in ("Ada likes tea", "Bo likes coffee"):
        either.create(content, tier="long")
    before = either.search("Who likes tea?", threshold=0)["results"]
    other = user_of(either.service, "other")
    for number in range(9):
        other.create(f"tea, coffee and more {number}", tier="long")
    after = either.search("Who likes tea?", threshold=0)["results"]
    kept = ("id", "similarity", "combined_score")
    assert [[r[k] for k in kept] for r in after] == [[r[k] for k in kept] for r in before]


def test_expired_and_deleted_memories_change_no_score(either, clock):
    for content in ("Ada likes tea", "Bo likes coffee"):
        either.create(content, tier="long", importance_score=0)
    expected = {
        r["content"]: r["combined_score"]
        for r in either.search("Who likes tea?", threshold=0, explain=True)["results"]
    }
    for number in range(3):
        either.create(f"tea, tea and tea {number}", tier="short")
    either.delete(either.create("tea again", tier="long")["id"])
    clock.advance(hours=25)
    found = {
        r["content"]: r["combined_score"]
        for r in either.search("Who likes tea?", threshold=0, explain=True)["results"]
    }
    # A day later, they are less fresh by the same small part.
    assert found == pytest.approx(expected, abs=2e-3)
    assert set(found) == set(expected)


def test_each_filter_of_a_search_filters_alone_and_together(either):
    ada = either.create_entity("Ada")["id"]
    bo = either.create_entity("Bo")["id"]
    either.create("tea a", tier="long", memory_nature="semantic", metadata={"tags": ["x", "y"]})
    either.create("tea b", tier="long", metadata={"tags": ["x"], "entities": [ada]})
    either.create("tea c", tier="short", metadata={"tags": ["y"], "entities": [ada, bo]})
    either.create("tea d", tier="medium", metadata={"tags": "x", "entities": {"x": ada}})

    def found(**filters):
        return "".join(
            sorted(content[-1] for content in either.found("tea", threshold=0, **filters))
        )

    assert found() == "abcd"
    assert found(tier="long") == "ab"
    assert found(memory_nature="semantic") == "a"
    assert found(tags=["x"]) == "ab"
    assert found(tags=["x", "y"]) == "a"
    assert found(tags=["x", "x", " x "]) == "ab"
    assert found(tags=["X"]) == ""
    assert found(entities=[ada]) == "bc"
    assert found(entities=[ada.upper(), bo]) == "c"
    assert found(tier="long", tags=["x"], entities=[ada]) == "b"
    assert found(entities=["nobody"]) == ""


def test_an_entity_is_found_by_its_name_and_its_aliases_in_the_text(either, user_of):
    """As whole words, in any case, with or without accents; whenever it was registered."""
    texts = {
        "a": "ADA  LOVELACE likes tea",
        "b": "tea with the countess of Lôvelace",
        "c": "tea for two countesses",
        "d": "Ada's tea, and Lovelace's",
        "e": "tea: Zoë?",
        "f": "tea in the zoetrope",
    }
    for name, text in texts.items():
        either.create(f"{text} .{name}", tier="long")
    ada = either.create_entity("Ada Lovelace", aliases=["Countess", "🍵", ""])["id"]
    zoe = either.create_entity("zoe", aliases=['" OR "tea'])["id"]

    def found(*entities):
        results = either.found("tea", threshold=0, entities=list(entities))
        return "".join(sorted(content[-1] for content in results))

    assert found(ada) == "ab"
    assert found(zoe) == "e"
    assert found(ada, zoe) == ""
    memory = either.create("tea .g", tier="long", metadata={"entities": [zoe]})
    assert found(zoe) == "eg"
    either.update(memory["id"], content="tea, says Ada Lovelace .g")
    assert found(ada, zoe) == "g"
    other = user_of(either.service, "other")
    other.create("Ada Lovelace likes tea", tier="long")
    assert other.found("tea", threshold=0, entities=[ada]) == []


def test_who_is_only_nearly_mentioned_takes_no_place_of_who_is(either):
    """The limit counts those that are handed out."""
    rose = either.create_entity("Rose")["id"]
    for number in range(60):
        either.create(f"roses {number}", tier="long", importance_score=1)
    for number in range(3):
        either.create(f"Rose has a garden {number}", tier="long", importance_score=0)
    found = either.found("roses", threshold=0, entities=[rose], limit=3)
    assert sorted(found) == [f"Rose has a garden {number}" for number in range(3)]


def test_filters_follow_an_update_of_the_metadata(either):
    memory = either.create("tea", tier="long", metadata={"tags": ["x"]})
    either.update(memory["id"], metadata={"tags": ["y"]})
    assert either.found("tea", tags=["x"]) == []
    assert either.found("tea", tags=["y"]) == ["tea"]


def test_a_changed_tier_moves_a_memory_between_searches(either):
    memory = either.create("tea", tier="long")
    assert either.found("tea", tier="long") == ["tea"]
    either.update(memory["id"], tier="medium")
    assert either.found("tea", tier="long") == []
    assert either.found("tea", tier="medium") == ["tea"]


def test_a_deleted_memory_is_not_found(either):
    keep = [either.create(f"tea {n}", tier="long")["id"] for n in range(5)]
    either.delete(keep.pop(1))
    either.delete(keep.pop(3))
    results = either.search("tea", threshold=0)["results"]
    assert {result["id"] for result in results} == set(keep)


def test_an_embedding_finds_what_its_text_finds(user, embedder):
    user.create("Ada likes tea", tier="long")
    padded = [*embedder.embed(["Ada likes tea"])[0].tolist(), *[0.0] * (1536 - 384)]
    doubled = [2 * number for number in padded]
    for embedding in (padded, doubled):
        answer = user.search("the embedding ranks", embedding=embedding)
        assert answer["results"][0]["similarity"] == pytest.approx(1)


def test_an_embedding_counts_whatever_the_language_of_the_query(start, user_of):
    """The language matters only where the query's vector comes from its text."""
    from memoryos_server.embedders.hashing_embedder import HashingEmbedder

    embedder = HashingEmbedder()
    embedder.languages = frozenset({"en"})
    user = user_of(start(embedder=embedder))
    for content in ("Ada likes tea", "Bo likes coffee", "Cy likes milk"):
        user.create(content, tier="long")
    padded = [*embedder.embed(["Ada likes tea"])[0].tolist(), *[0.0] * (1536 - 384)]
    answer = user.search("\u8c01\u559c\u6b22\u8336", embedding=padded, threshold=0, explain=True)
    parts = {part["name"]: part for part in answer["results"][0]["explanation"]["parts"]}
    assert answer["results"][0]["content"] == "Ada likes tea"
    assert parts["cosine"]["share"] > 0.3


@pytest.mark.parametrize(
    "embedding", [[0.1] * 1536, [0.0] * 1536, [0.0] * 1535 + [1], [10**400] * 1536]
)
def test_an_embedding_of_another_model_is_refused_by_the_name_of_ours(user, embedding):
    with pytest.raises(ServiceError) as refused:
        user.search(embedding=embedding)
    assert (refused.value.status, refused.value.code) == (400, "VALIDATION_ERROR")
    (error,) = refused.value.details["errors"]
    assert error["field"] == "body.embedding"
    assert refused.value.message == f"body.embedding: {error['message']}"
    if any(embedding) and 10**400 not in embedding:
        assert "hashing-384" in refused.value.message


def test_without_an_embedder_an_embedding_alone_is_refused(by_words):
    with pytest.raises(ServiceError, match="needs an embedder"):
        by_words.search(embedding=[0.1] * 1536)
    assert by_words.search("tea", embedding=[0.1] * 1536)["search_type"] == "text"


def test_words_are_found_by_their_stems_at_the_default_threshold(by_words):
    by_words.create("User prefers dark mode and Python", tier="long")
    by_words.create("Ada bought a bicycle", tier="long")
    found = by_words.found("What are the user's preferences?")
    assert found == ["User prefers dark mode and Python"]


def test_accents_and_case_do_not_matter_to_words(by_words):
    by_words.create("Café CRÈME", tier="long")
    assert by_words.found("cafe creme") == ["Café CRÈME"]


@pytest.mark.parametrize(
    "query",
    [
        '"',
        "'",
        "tea*",
        "tea AND",
        "NOT tea",
        "NEAR(tea, 2)",
        "content:tea",
        "-tea",
        "^tea",
        "(",
        "tea\0tea",
        "{tea} : x",
        "' OR 1=1 --",
        "%",
        "_",
        "tea + likes",
        "💥",
        "\u202e",
        "²",
    ],
)
def test_no_query_is_syntax(by_words, query):
    by_words.create("Ada likes tea", tier="long")
    assert by_words.found(query) in ([], ["Ada likes tea"])
    assert "Ada likes tea" in by_words.context(query)["context"]


def test_a_context_holds_what_fits_best_first(either):
    either.create("Ada likes tea", tier="long", memory_nature="semantic")
    either.create("Bo met Ada today", tier="short", memory_nature="episodic")
    either.create("nothing to do with it", tier="medium")
    context = either.context("Ada likes tea")
    assert context["context"] == (
        "Long-term knowledge:\n- Ada likes tea\n\n"
        "Medium-term memory:\n- nothing to do with it\n\n"
        "Short-term events:\n- Bo met Ada today"
    )
    scores = [memory["score"] for memory in context["memories"]]
    assert scores == sorted(scores, reverse=True)
    assert [memory["content"] for memory in context["memories"]] == [
        "Ada likes tea",
        "Bo met Ada today",
        "nothing to do with it",
    ]
    assert context["retrieval_time_ms"] >= 0


def test_a_context_is_never_empty_for_a_query_that_fits_nothing(either):
    either.create("User prefers dark mode and Python", tier="long")
    context = either.context("Help with this request")
    assert "dark mode" in context["context"]


def test_a_context_keeps_to_its_tier_form_and_budget(either):
    for number in range(40):
        either.create(f"Ada visited city number {number}", tier="long")
    either.create("Ada sleeps", tier="short")
    from memoryos_server.text.token_counts import count_tokens

    context = either.context("Ada", tier="long", max_tokens=100, format="json")
    (group,) = json.loads(context["context"])["groups"]
    assert (group["tier"], group["memory_nature"]) == ("long", None)
    assert 0 < len(group["memories"]) == len(context["memories"])
    assert context["token_count"] == count_tokens(context["context"]) <= 100
    assert either.context("Ada", max_tokens=0)["context"] == ""
    assert either.context("Ada", max_tokens=10**30)["token_count"] > 100


def test_memories_stored_without_an_embedder_get_their_vectors_later(start, user_of, place):
    without = user_of(start(place, embedder=None))
    memory = without.create("Ada likes tea", tier="long")
    both = user_of(start(place))
    assert both.found("Ada likes tea") == ["Ada likes tea"]
    without.update(memory["id"], content="Bo likes coffee")
    assert both.found("Ada likes tea") == []
    assert both.found("Bo likes coffee") == ["Bo likes coffee"]
    assert both.search("Bo likes coffee")["search_type"] == "semantic"


def test_what_one_embedder_filled_is_refused_to_another(start, user_of, place):
    from memoryos_server.embedders.hashing_embedder import HashingEmbedder

    first = user_of(start(place))
    first.create("Ada likes tea", tier="long")
    other = user_of(start(place, embedder=HashingEmbedder(64)))
    for call in (lambda: other.create("x"), lambda: other.search("x")):
        with pytest.raises(ServiceError, match=r"hashing-384.*hashing-64") as refused:
            call()
        assert refused.value.status == 500
    assert len(other.list()) == 1


@pytest.mark.parametrize("repeats", [110, 450])
def test_a_context_has_the_other_memories_after_any_number_of_equal_ones(either, repeats):
    """More of them than the candidates that are retrieved at first."""
    others = [f"The plan of day {day} names town {day}" for day in range(3)]
    for content in (*others, *["What is the plan"] * repeats):
        either.create(content, tier="long")
    context = either.context("What is the plan", max_tokens=200)
    assert {item["content"] for item in context["memories"]} == {"What is the plan", *others}
    assert context["omitted"] == {"budget": 0, "duplicate": repeats - 1}


def test_a_search_has_the_memory_of_an_entity_after_many_that_only_seem_to_name_it(either):
    wanted = either.create("The driver in C is written", tier="long")["id"]
    for number in range(110):
        either.create(f"The tool in C++ is written {number}", tier="long")
    entity = either.create_entity("C", type="thing")["id"]
    results = either.search("tool in C++ is written", threshold=0, entities=[entity])["results"]
    assert [result["id"] for result in results] == [wanted]


def test_candidates_are_not_retrieved_without_end(by_words, monkeypatch):
    from memoryos_server.service import search

    monkeypatch.setattr(search, "MAX_CANDIDATES", 150)
    for content in ("other", *["tea"] * 160):
        by_words.create(content, tier="long")
    context = by_words.context("tea", max_tokens=200)
    assert context["omitted"] == {"budget": 0, "duplicate": 149}
    monkeypatch.setattr(search, "MAX_CANDIDATES", 10_000)
    monkeypatch.setattr(search, "MAX_READ_CHARACTERS", 100)
    context = by_words.context("tea", max_tokens=200)
    assert context["omitted"] == {"budget": 0, "duplicate": 99}
