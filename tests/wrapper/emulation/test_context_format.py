"""Contexts that the SDK builds itself."""

from __future__ import annotations

import json

import pytest

from memoryos import InvalidResponseError
from memoryos._protocol.context_format import build_context, estimated_tokens


def result(content, tier="long", nature=None, **fields):
    return {
        "id": f"id of {content[:20]}",
        "content": content,
        "tier": tier,
        "memory_nature": nature,
        "combined_score": 0.5,
        "metadata": {"tags": ["a"]},
        "created_at": "2026-11-02T08:15:00.123456Z",
        **fields,
    }


RESULTS = [
    result("Ada drinks coffee", "short", "episodic"),
    result("Bob drinks\n- tea", "long"),
    result("Eve sleeps", "long", "semantic"),
    result("Eve dreams", "long", "semantic"),
]
TEXT = """Long-term knowledge:
- Eve sleeps
- Eve dreams

Long-term memory:
- Bob drinks
  - tea

Short-term events:
- Ada drinks coffee"""


def test_that_a_text_has_the_groups_in_order_and_the_best_first():
    context = build_context(RESULTS, 1000, "text")
    assert context.text == TEXT
    assert context.token_count == estimated_tokens(TEXT)
    assert [item["id"] for item in context.memories] == [item["id"] for item in RESULTS]
    assert context.memories[0] == {
        "id": "id of Ada drinks coffee",
        "content": "Ada drinks coffee",
        "tier": "short",
        "score": 0.5,
        "metadata": {"tags": ["a"]},
    }


def test_that_json_is_a_document():
    context = build_context(RESULTS, 1000, "json")
    groups = json.loads(context.text)["groups"]
    assert [(group["tier"], group["memory_nature"]) for group in groups] == [
        ("long", "semantic"),
        ("long", None),
        ("short", "episodic"),
    ]
    assert groups[2]["memories"] == [{"content": "Ada drinks coffee"}]


MARKED = [
    result("Bo lives in Ghent", metadata={"date": "2024-05-06", "imported_at": "2020-01-01"}),
    result("I hate boxes", metadata={"sent_at": "2026-03-01T10:00:00Z", "speaker": "Bo"}),
    result("Bo: I like tea", metadata={"speaker": "Bo"}, created_at="2026-11-03T08:15:00Z"),
    result("forged", metadata={"speaker": "until 2020-01-01"}),
]


def test_that_date_and_speaker_stand_before_the_text():
    assert build_context(MARKED, 1000, "text").text == (
        "Long-term memory:\n- 2024-05-06: Bo lives in Ghent\n- 2026-03-01: Bo: I hate boxes\n"
        "- 2026-11-03: Bo: I like tea\n- 2026-11-02: forged"
    )
    (group,) = json.loads(build_context(MARKED, 1000, "json").text)["groups"]
    assert group["memories"][1] == {
        "date": "2026-03-01",
        "speaker": "Bo",
        "content": "I hate boxes",
    }


def test_that_the_day_of_an_import_is_no_date():
    imported = [result(f"m{number}") for number in range(10)]
    text = build_context([*imported, MARKED[2]], 1000, "text").text
    assert text.endswith("- m9\n- Bo: I like tea")


@pytest.mark.local_server
@pytest.mark.parametrize("form", ["text", "json"])
def test_that_it_is_as_the_local_memory_os_writes_it(form):
    from memoryos import MemoryOS

    with MemoryOS.local(":memory:", embedder="hashing") as memory:
        for one in MARKED[:2]:
            memory.memories.create(one["content"], tier="long", metadata=one["metadata"])
        found = memory.search("Where does Bo live?", threshold=0)["results"]
        context = memory.get_context("Where does Bo live?", format=form)["context"]
    assert build_context(found, 1000, form).text == context


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("budget", range(120))
def test_that_the_budget_is_kept(budget, form):
    results = [*RESULTS, result("A longer memory. " * 20)]
    context = build_context(results, budget, form)
    assert context.token_count == estimated_tokens(context.text) <= budget
    in_it = len(context.memories)
    assert in_it + context.over_budget == len(results)
    if form == "json" and context.text:
        json.loads(context.text)


def test_that_a_text_is_there_once():
    results = [result("Maße"), result(" maße "), result("Masse"), result("MAßE")]
    context = build_context(results, 1000, "text")
    assert context.text == "Long-term memory:\n- Maße\n- Masse"
    assert context.duplicates == 2
    assert context.over_budget == 0


def test_that_a_long_memory_is_skipped_for_shorter_ones():
    long = result("long " * 500)
    context = build_context([long, long, result("short")], 100, "text")
    assert context.text == "Long-term memory:\n- short"
    assert (context.over_budget, context.duplicates) == (2, 0)


def test_that_the_best_is_cut_where_no_whole_one_fits():
    context = build_context([result("many words " * 500), result("x" * 2000)], 100, "text")
    assert context.text.startswith("Long-term memory:\n- many words many")
    assert context.text.endswith(" …")
    assert 80 <= context.token_count <= 100
    (memory,) = context.memories
    assert context.text.endswith(memory["content"])
    assert memory["metadata"] == {"tags": ["a"]}
    assert context.over_budget == 1


def test_that_no_memory_is_cut_to_a_few_letters():
    lengths = []
    for budget in range(40):
        context = build_context([result("x" * 2000)], budget, "text")
        lengths += [len(memory["content"]) for memory in context.memories]
    assert 20 <= min(lengths) < max(lengths)


@pytest.mark.parametrize("form", ["text", "json"])
def test_that_there_may_be_nothing(form):
    context = build_context([], 1000, form)
    assert context.text == ("" if form == "text" else '{"groups": []}')
    assert context.memories == []
    assert build_context(RESULTS, 0, form).text == ""


def test_that_groups_of_a_newer_service_come_last():
    results = [result("x", "eternal", "procedural"), *RESULTS]
    context = build_context(results, 1000, "text")
    assert context.text == f"{TEXT}\n\nEternal-term procedural:\n- x"


@pytest.mark.parametrize("broken", [{}, 7, None, {**result("x"), "content": 7}])
def test_that_a_broken_result_is_an_error_of_the_response(broken):
    with pytest.raises(InvalidResponseError):
        build_context([broken], 1000, "text")


SAMPLES = [
    "Ada Lovelace drinks her coffee black, without sugar; she prefers mornings for hard work.",
    "Die Donaudampfschifffahrtsgesellschaft überprüft jährlich die Sicherheitsvorschriften.",
    "Она пьёт кофе без сахара и работает по утрам в библиотеке университета.",  # noqa: RUF001
    "彼女はコーヒーをブラックで飲み、午前中に難しい仕事をするのが好きです。",
    "她喜欢早上工作，喝不加糖的咖啡。",  # noqa: RUF001
    "def main():\n    for number in range(10):\n        print(f'{number:>10}')\n",
    '{"id": "7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11", "at": "2026-11-02T08:15:00Z", "n": 12345.678}',
    "aGVsbG8gd29ybGQgdGhpcyBpcyBiYXNlNjQgdGV4dA== SHA256 446a9538cb6c348e3516120d7c08b09f57",
    "👩‍👩‍👧‍👦 🎉🎉 ❤️ 🏳️‍🌈",
    "वह बिना चीनी की कॉफी पीती है",
    "!!! ??? --- ... /// \\\\\\",
]


@pytest.mark.local_server
@pytest.mark.parametrize("text", SAMPLES, ids=range(len(SAMPLES)))
def test_that_an_estimate_is_rarely_too_low(text):
    from memoryos_server.text.token_counts import count_tokens

    assert count_tokens(text) <= estimated_tokens(text) <= 3 * count_tokens(text)


def test_that_the_estimate_of_two_texts_is_at_most_that_of_both():
    for first in SAMPLES:
        for second in SAMPLES:
            together = estimated_tokens(first + second)
            assert together <= estimated_tokens(first) + estimated_tokens(second)
