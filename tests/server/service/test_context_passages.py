"""Memories that a context has no room for: their passages, within the budget, marked as cut."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import datetime, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memoryos_server.model.errors import ServiceError
from memoryos_server.search.combined_score import RankedMemory
from memoryos_server.search.passages import ELLIPSIS, MAX_EMBEDDED_TEXTS, PassageFinder
from memoryos_server.service.context import MAX_CUT_MEMORIES, build_context
from memoryos_server.service.memory_changes import new_memory

count_tokens = pytest.importorskip(
    "memoryos_server.text.token_counts", reason="needs the extra [local]"
).count_tokens

NOW = datetime(2026, 11, 22, 10, tzinfo=timezone.utc)
FORMATS = ["text", "json"]


def ranked(content, memory_id=None):
    body = {"content": content, "tier": "long", "content_type": "document"}
    memory = new_memory(body, owner="o", memory_id=memory_id or content[:40], now=NOW)
    return RankedMemory(memory, 0.9, 1.0, 0.9)


def no_cosines(texts):
    return [0.0] * len(texts)


def context_of(items, query, budget, form="text", cosines=no_cosines):
    finder = PassageFinder(query, cosines)
    context = build_context(
        items, budget=budget, count=count_tokens, output_format=form, finder=finder
    )
    assert context.token_count == count_tokens(context.text) <= budget
    if context.text:
        assert_shown(context, form)
    return context


def assert_shown(context, form):
    """Each memory stands in the text as it is listed."""
    if form == "json":
        groups = json.loads(context.text)["groups"]
        shown = [each["content"] for group in groups for each in group["memories"]]
        assert sorted(shown) == sorted(item.content for item in context.memories)
        return
    for item in context.memories:
        assert "\n  ".join(item.content.splitlines()) in context.text


def numbered(count, form="On day {} the ferry to island {} was late again."):
    return [form.format(number, number) for number in range(count)]


def with_answer(answer, sentences, place=0.6, separator=" "):
    sentences.insert(int(len(sentences) * place), answer)
    return separator.join(sentences)


TEXTS = {
    "English": (
        with_answer("Ada is severely allergic to peanuts.", numbered(250)),
        "What is Ada allergic to?",
        "allergic to peanuts",
    ),
    "at the start": (
        with_answer("Ada is severely allergic to peanuts.", numbered(250), 0),
        "What is Ada allergic to?",
        "allergic to peanuts",
    ),
    "at the end": (
        with_answer("Ada is severely allergic to peanuts.", numbered(250), 1),
        "What is Ada allergic to?",
        "allergic to peanuts",
    ),
    "inflected": (
        with_answer("The meetings were moved to Tuesday.", numbered(250)),
        "When is the meeting moving?",
        "moved to Tuesday",
    ),
    "code": (
        with_answer(
            "def parse_token(raw):\n    return raw.split('.')[1]",
            numbered(200, "def step_{}(x):\n    return x + {}"),
            separator="\n\n",
        ),
        "parse token split",
        "    return raw.split('.')[1]",
    ),
    "JSON on a line": (
        json.dumps([*({"id": n, "pet": "cat"} for n in range(300)), {"id": 300, "pet": "axolotl"}]),
        "axolotl",
        '"pet": "axolotl"',
    ),
    "keys in JSON": (
        json.dumps(dict.fromkeys(numbered(250, "setting_{}"), 0) | {"wifi_password": "axolotl"}),
        "What is the password of the WiFi?",
        '"wifi_password": "axolotl"',
    ),
    "names in code": (
        with_answer(
            "const resetCode = 'axolotl';", numbered(250, "const step{} = {};"), separator="\n"
        ),
        "Which code does a reset need?",
        "'axolotl'",
    ),
    "a line without spaces": (
        "x7f" * 3000 + "RESETCODE" + "q9z" * 3000,
        "resetcode",
        "RESETCODE",
    ),
    "Japanese": (
        "彼は毎日公園を散歩します。" * 150
        + "アダはピーナッツにアレルギーがあります。"
        + "天気はとても良いです。" * 150,
        "アダは何のアレルギーがありますか",
        "ピーナッツ",
    ),
    "Chinese without punctuation": (
        "他每天在公园散步" * 300 + "艾达对花生过敏" + "今天天气很好" * 300,
        "艾达对什么过敏",
        "花生",
    ),
    "Hindi": (
        "वह रोज़ पार्क में टहलता है। " * 150 + "आदा को मूंगफली से एलर्जी है। " + "आज मौसम अच्छा है। " * 150,
        "आदा को किससे एलर्जी है?",
        "मूंगफली",
    ),
    "Thai": (
        "เขาเดินเล่นในสวนทุกวัน" * 150 + "เอดาแพ้ถั่วลิสง" + "วันนี้อากาศดี" * 150,
        "เอดาแพ้อะไร",
        "ถั่วลิสง",
    ),
    "Arabic": (
        "يمشي كل يوم في الحديقة. " * 150
        + "آدا لديها حساسية من الفول السوداني. "
        + "الطقس جميل. " * 150,
        "ما حساسية آدا؟",
        "السوداني",
    ),
    "emoji": (
        "😀🎉🐶" * 800 + "🥜🚫" + "👨‍👩‍👧‍👦🏳️‍🌈" * 300,
        "🥜",
        "🥜🚫",
    ),
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("budget", [1500, 300, 150])
@pytest.mark.parametrize("name", TEXTS)
def test_of_a_long_memory_a_context_has_the_passage_that_answers(name, budget, form):
    text, query, answer = TEXTS[name]
    assert count_tokens(text) > 1500
    (item,) = context_of([ranked(text)], query, budget, form).memories
    assert answer in item.content
    assert ELLIPSIS in item.content
    assert item.memory.content == text


@pytest.mark.parametrize("name", TEXTS)
def test_a_passage_is_text_of_the_memory_cut_between_words(name):
    text, query, _ = TEXTS[name]
    (item,) = context_of([ranked(text)], query, 300).memories
    for part in item.content.split(ELLIPSIS):
        assert part.strip() in text
    start = item.content.removeprefix(ELLIPSIS).split(ELLIPSIS)[0].strip()
    if name in ("English", "Arabic"):
        before = text[: text.index(start)].rstrip()
        assert not before or before[-1] == "."
    assert not start.startswith(("\u200d", "\ufe0f", "\u093e", "\u0e31"))


@pytest.mark.parametrize("budget", [70, 110])
@pytest.mark.parametrize("shift", range(0, 420, 30))
def test_a_passage_has_what_follows_the_words_of_the_query(shift, budget):
    """Wherever the text is divided into chunks."""
    lines = ["x" * shift, *numbered(80), "Ada: What is the door code?", "Bo: 4711.", *numbered(80)]
    text = "\n".join(lines)
    (item,) = context_of([ranked(text)], "door code", budget).memories
    assert "4711" in item.content


def test_lines_keep_their_indentation():
    text, query, _ = TEXTS["code"]
    (item,) = context_of([ranked(text)], query, 200).memories
    for line in item.content.split("\n"):
        assert line == ELLIPSIS or line in text.split("\n")


def cosines_for(word):
    return lambda texts: [0.9 if word in text else 0.1 for text in texts]


def test_the_embedder_finds_an_answer_that_has_no_word_of_the_query():
    text = with_answer("She grew up in Lisbon.", numbered(100))
    query = "Where did the woman spend her childhood?"
    for budget in (300, 60, 30):
        (item,) = context_of([ranked(text)], query, budget, cosines=cosines_for("Lisbon")).memories
        assert "She grew up in Lisbon." in item.content


def test_at_most_so_many_passages_are_embedded_for_a_context():
    embedded = []

    def cosines(texts):
        embedded.extend(texts)
        return no_cosines(texts)

    items = [ranked(" ".join(numbered(3000)) + str(n), f"m{n}") for n in range(5)]
    context_of(items, "the weather of tomorrow", 3000, cosines=cosines)
    assert 0 < len(embedded) <= MAX_EMBEDDED_TEXTS
    assert max(map(len, embedded)) <= 500


def test_without_its_service_the_embedder_is_not_asked_again_and_words_decide():
    asked = []

    def cosines(texts):
        asked.append(texts)
        raise ServiceError(503, "UNAVAILABLE", "no")

    text, query, answer = TEXTS["English"]
    context = context_of([ranked(text), ranked(text + "!", "2")], query, 600, cosines=cosines)
    assert answer in context.text
    assert len(asked) == 1


@pytest.mark.parametrize("form", FORMATS)
def test_a_long_memory_does_not_keep_out_the_others(form):
    text, query, answer = TEXTS["English"]
    notes = [ranked(f"Note {n}: Ada likes the number {n}") for n in range(5)]
    context = context_of([ranked(text), *notes], query, 600, form)
    assert len(context.memories) == 6
    assert context.memories[1:] == tuple(notes)
    assert answer in context.memories[0].content


def test_what_remains_extends_the_passages():
    text, query, _ = TEXTS["English"]
    context = context_of([ranked(text), ranked("Ada likes tea")], query, 1000)
    assert context.token_count > 850


def test_a_memory_that_fits_only_an_unused_budget_is_cut_to_the_rest():
    first = ranked(" ".join(numbered(40, "The tide table of harbour {} is on page {}.")))
    second = ranked(with_answer("Ada is allergic to peanuts.", numbered(40)))
    budget = int(1.6 * count_tokens(first.content))
    context = context_of([first, second, ranked("Ada likes tea")], "allergic Ada", budget)
    assert [item.memory for item in context.memories[:2]] == [first.memory, second.memory]
    assert context.memories[0].content == first.content
    assert "allergic to peanuts" in context.memories[1].content
    assert context.memories[2].content == "Ada likes tea"


def test_a_memory_that_takes_most_of_the_budget_is_cut_only_for_others():
    long = ranked(" ".join(numbered(40, "The tide table of harbour {} is on page {}.")))
    budget = int(1.2 * count_tokens(long.content))
    (alone,) = context_of([long], "tides", budget).memories
    assert alone.content == long.content
    notes = [ranked(f"Note {n}: Ada likes the number {n}") for n in range(200)]
    first, *others = context_of([long, *notes], "tides", budget).memories
    assert 0 < len(first.content) < len(long.content)
    assert len(others) > 10


@pytest.mark.parametrize("form", FORMATS)
def test_a_budget_too_small_for_a_passage_gives_none(form):
    text, query, _ = TEXTS["English"]
    assert context_of([ranked(text)], query, 10, form).memories == ()
    room_for_little = count_tokens("Long-term memory:\n- Ada likes tea") + 30
    context = context_of([ranked("Ada likes tea"), ranked(text)], query, room_for_little)
    assert [item.content for item in context.memories] == ["Ada likes tea"]


def test_the_smallest_budgets_give_what_a_sentence_or_a_symbol_needs():
    for name, budget in (("English", 22), ("emoji", 40), ("Japanese", 40)):
        text, query, answer = TEXTS[name]
        (item,) = context_of([ranked(text)], query, budget).memories
        assert answer in item.content


def test_only_so_many_memories_of_a_context_are_cut():
    items = [ranked(" ".join(numbered(300)) + str(n), f"m{n}") for n in range(30)]
    context = context_of(items, "ferry", 8000)
    cut = [item for item in context.memories if item.passages is not None]
    assert len(cut) == MAX_CUT_MEMORIES


def test_of_equal_long_memories_one_is_cut_and_the_others_are_duplicates():
    text, query, _ = TEXTS["English"]
    items = [ranked(text, "1"), ranked(text.upper(), "2"), ranked("  " + text, "3")]
    context = context_of(items, query, 600)
    assert len(context.memories) == 1
    assert context.duplicates == 2


def test_blanks_are_no_passage():
    text = " " * 60_000 + "Ada is allergic to peanuts." + "\n" * 60_000
    (item,) = context_of([ranked(text)], "weather", 60).memories
    assert item.content == "Ada is allergic to peanuts."


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        " ",
        "\n",
        ".",
        "a.",
        "! ",
        "日",
        "👍",
        "🇫🇷",
        "e\u0301",
        "\u0301",
        "क्",
        "\u200d",
        "w ",
        '"',
    ],
)
def test_a_memory_of_a_megabyte_is_cut_in_little_time(unit):
    """A quadratic rule would take minutes."""
    item = ranked("Ada")
    item = replace(
        item, memory=replace(item.memory, content=unit * (1_000_000 // len(unit.encode())))
    )
    count_tokens("")  # loads the table
    started = time.process_time()
    context_of([item], "w a 日 👍 weather", 500)
    assert time.process_time() - started < 10


@pytest.mark.parametrize("blank", [" ", "\n", "\u3000", "\t\n"])
def test_a_passage_does_not_grow_over_white_space(blank):
    """One of thousands of blank sentences was counted again with each sentence added."""
    text = f"{blank * 100_000}Ada likes tea.{blank * 100_000}"
    counted = []

    def cost(passages):
        counted.append(len(passages))
        return count_tokens(passages)

    best = PassageFinder("What does Ada like?", no_cosines).passages(text).best(1000, cost)
    assert "Ada likes tea." in best
    assert sum(counted) < 20_000


def test_passages_are_not_counted_once_for_each_chunk_too_many():
    """In a context, a line takes more tokens than by itself."""
    text = f"{'-' * 200}\n" * 2000 + "Ada likes tea.\n" + f"{'-' * 200}\n" * 2000
    counted = []

    def cost(passages):
        counted.append(len(passages))
        return count_tokens(passages) + 3 * passages.strip().count("\n")

    best = PassageFinder("What does Ada like?", no_cosines).passages(text).best(4000, cost)
    assert "Ada likes tea." in best
    assert 3600 < cost(best) <= 4000
    assert sum(counted) < 20 * len(best)


texts = st.lists(
    st.sampled_from(
        [
            "Ada likes tea. ",
            "peanuts",
            "\n",
            "  ",
            "。",
            "日本語",
            "👨‍👩‍👧",
            "e\u0301",
            "🇫🇷",
            '"\\',
            "x" * 300,
            "…",
        ]
    )
    | st.text(max_size=20),
    min_size=1,
    max_size=120,
).map("".join)


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=100, deadline=None)
@given(st.lists(texts, min_size=1, max_size=4), st.text(max_size=12), st.integers(0, 400))
def test_no_context_exceeds_its_budget_whatever_is_cut(form, contents, query, budget):
    items = [ranked(text, str(number)) for number, text in enumerate(contents)]
    context = context_of(items, query or "Ada peanuts", budget, form)
    for item in context.memories:
        for part in item.content.split(ELLIPSIS):
            assert part.strip() in item.memory.content
