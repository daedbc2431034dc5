"""The question inside a long query."""

# ruff: noqa: RUF001 - full-width punctuation

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_server.text.query_focus import (
    MAX_QUESTION_CHARACTERS,
    MIN_SPLIT_CHARACTERS,
    QueryParts,
    is_request,
    split_query,
)

PASTED = (
    "Beans are up and the slugs are down. Shall we order more compost? Rosa thinks nobody minds. "
    "The shed needs paint before the frost. Nobody has seen the good spade since the open day."
)
PAGE = "\n\n".join([PASTED] * 4)
QUOTED = "\n".join(f"> {line}" for line in [PASTED] * 4)
MAIL = f"From: Rosa <rosa@allotment.example>\nSubject: Compost\n\n{PAGE}\n\nBest,\nRosa"
QUESTION = "Where did Bo leave his spade?"


@pytest.mark.parametrize(
    "text",
    [
        f"{PAGE}\n\n{QUESTION}",
        f"{PAGE}\n{QUESTION}",
        f"{PASTED * 4} {QUESTION}",
        f"{PAGE}\n\n{QUESTION} Thanks!",
        f"{PAGE}\n\n{QUESTION}\n\nBest,\nAna",
        f"{QUESTION}\n\n{PAGE}",
        f"Hi!\n{QUESTION}\n{PASTED * 4}",
        f"{QUESTION}\n\n{MAIL}",
        f"{MAIL}\n\n{QUESTION}",
        f"{PAGE}\n\n{QUESTION}\n\n{PAGE}",
        f"{QUOTED}\n{QUESTION}",
        f"{QUESTION}\n{QUOTED}",
        f"```\n{PAGE}\n```\n{QUESTION}",
        f"2026-03-02 17:30:01 started\n{PAGE}\n{QUESTION}",
        f"{QUESTION}\n\n{PAGE}\n[17:30] Rosa: has anyone watered?",
        f"{QUESTION}\n\n{PAGE}\n17:30 - Rosa: has anyone watered?",
        f"{QUESTION}\n\n{PAGE}\nsell(beans)\n    # why beans?",
        f"{QUESTION}\n\n{PAGE}\nsell(beans);\n// why beans?",
    ],
)
def test_the_question_is_found_beside_a_pasted_text(text):
    question, background = split_query(text)
    assert question == QUESTION
    assert "slugs" in background
    assert QUESTION not in background


@pytest.mark.parametrize(
    "request_",
    [
        "Summarise this for Bo's mother",
        "please write a reply that Bo would like",
        "what does Bo eat on Fridays",
        "Was isst Bo am Freitag",
        "Escribe una respuesta para Bo",
        "小明喜欢吃什么？",
        "请给小明写一封回信",
        "太郎は何が好きですか",
        "太郎への返事を書いてください",
        "राम क्या खाता है?",
        "ماذا يأكل سمير؟",
    ],
)
def test_requests_of_many_languages_are_questions(request_):
    assert is_request(request_)
    assert split_query(f"{PAGE}\n\n{request_}").question == request_
    assert split_query(f"{request_}\n\n{PAGE}").question == request_


@pytest.mark.parametrize(
    "sentence", ["When I came, it rained.", "What a day!", "Bo has a dog.", "Plants need water."]
)
def test_statements_are_no_requests(sentence):
    assert not is_request(sentence)


def test_a_first_line_that_refers_to_the_text_below_is_the_question():
    text = f"Answer this mail as Bo would:\n\n{PAGE}\n\nShall we meet?"
    assert split_query(text).question == "Answer this mail as Bo would:"
    assert split_query(f"Shall we meet?\n\n{PAGE}\n\n{QUESTION}").question == QUESTION


def test_what_stands_beside_quotations_is_the_question_without_asking_anything():
    assert split_query(f"{QUOTED}\nBo left his spade there.").question == "Bo left his spade there."


def test_of_questions_in_the_line_of_a_pasted_text_only_the_last_counts():
    assert split_query(f"{PASTED * 4} Who has seen it? {QUESTION}").question == QUESTION


def test_a_line_that_only_asks_counts_before_a_question_at_the_end_of_a_pasted_text():
    assert split_query(f"{QUESTION}\n\n{PASTED * 4} Shall we meet?").question == QUESTION


def test_a_pronoun_keeps_the_sentence_that_names_its_person():
    asked = "Ana comes on Sunday. What does she eat?"
    assert split_query(f"{PAGE}\n\n{asked}").question == asked
    assert split_query(f"{PASTED * 4} {asked}").question == asked


def test_a_message_that_asks_only_for_ideas_is_a_question_as_a_whole():
    text = "I plan a party for Ana. The garden is wet, so we stay inside. " * 8 + "Any ideas?"
    assert split_query(text) == QueryParts(text)


def test_a_text_that_asks_nothing_is_a_question_as_a_whole():
    text = "Beans are up and the slugs are down. " * 20
    assert split_query(text) == QueryParts(text)


def test_a_short_query_is_never_divided():
    text = f"{PASTED}\n\n{QUESTION}"
    assert len(text) < MIN_SPLIT_CHARACTERS
    assert split_query(text) == QueryParts(text)


@given(st.text(st.sampled_from("ab .?!>\n`'\"？。:"), max_size=60), st.integers(1, 40))
def test_nothing_is_added_and_the_question_is_never_empty(text, times):
    whole = f"a{text}" * times
    question, background = split_query(whole)
    assert question.strip()
    assert question == whole or len(question) <= 4 * MAX_QUESTION_CHARACTERS
    assert set(question + background) <= set(whole) | {" "}
