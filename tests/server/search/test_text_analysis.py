"""What a memory can be found by besides its meaning: words, speaker, question, conversation."""

from __future__ import annotations

import sys
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_server.model.timestamps import utc_now
from memoryos_server.search.text_analysis import (
    NO_CONVERSATION,
    QUESTION_TERM,
    TIME_TERM,
    analyze_memory,
    analyze_query,
    encode_terms,
    parse_analysis,
)
from memoryos_server.service.memory_changes import new_memory
from memoryos_server.text.stemming import stem


def memory(content, content_type="conversation", **body):
    body = {"content": content, "content_type": content_type, "tier": "long", **body}
    return new_memory(body, owner="ada", memory_id="m", now=utc_now())


def numbers(terms):
    found = array("I")
    found.frombytes(terms)
    if sys.byteorder == "big":
        found.byteswap()
    return set(found)


def terms(one):
    return numbers(parse_analysis(analyze_memory(one))[1])


def thread(**body):
    return parse_analysis(analyze_memory(memory("Ada: hello", **body)))[0]


@pytest.mark.parametrize(
    ("query", "content"),
    [
        ("preferences", "User prefers tea"),
        ("What did she paint?", "She was painting all day"),
        ("PYTHON", "python"),
        ("brulee", "Crème brûlée"),
        ("Crème", "creme"),
        ("東京", "東京 へ 行く"),
        ("x" * 500, "x" * 500),
    ],
)
def test_a_word_is_found_in_all_its_forms(query, content):
    """Endings, case and accents do not matter."""
    (word,) = analyze_query(query).words
    assert word in numbers(encode_terms(content))


def test_stop_words_of_a_query_are_not_looked_for():
    assert analyze_query("What is the user's name?").words == analyze_query("user name").words
    assert not any(analyze_query(None))


def test_a_word_counts_once_however_often_it_is_said():
    assert analyze_query("tea, tea and more tea").words == analyze_query("tea").words
    assert encode_terms("tea tea") == encode_terms("tea")


@pytest.mark.parametrize(
    ("content", "asked", "speaks"),
    [
        ("Ada: I like tea", "What does Ada like?", True),
        ("ada: I like tea", "ADA", True),
        ("Ada Byron: I like tea", "What does Byron like?", True),
        ("Zoë: hi", "What did Zoe say?", True),
        ("User: I like tea", "What does the user like?", True),
        ("Bo: Ada likes tea", "What does Ada like?", False),
        ("Ada likes tea in the evening: green", "What does Ada like?", False),
        ("https://ada.example/tea", "https", False),
        ("12:30: lunch", "12", False),
    ],
)
def test_the_name_before_the_colon_speaks(content, asked, speaks):
    assert bool(terms(memory(content)) & set(analyze_query(asked).speakers)) == speaks


@pytest.mark.parametrize(
    ("content", "asks"), [("Do you like tea?", True), ("Tea? \n", True), ("Tea? Yes.", False)]
)
def test_a_line_that_ends_with_a_question_mark_asks(content, asks):
    assert (QUESTION_TERM in terms(memory(content))) == asks


def test_only_a_line_of_a_conversation_has_a_speaker_a_question_and_a_thread():
    """`Note: call Ada?` is no conversation."""
    note = memory("Note: call Ada?", content_type="text", metadata={"session": "1"})
    assert parse_analysis(analyze_memory(note)) == (
        NO_CONVERSATION,
        encode_terms("Note: call Ada?"),
    )


def test_a_memory_is_of_the_date_in_its_metadata():
    """A line of a conversation is otherwise of the date when it was stored; a fact is of none."""
    asked = analyze_query("Who came on 8 May 2023?")
    at = {"at": "1:56 pm on 8 May, 2023"}
    for content_type in ("text", "conversation"):
        dated = terms(memory("Bo came", content_type, metadata=at))
        assert {*asked.months, *asked.date_parts} <= dated
    line = memory("Bo came")
    stored = analyze_query(line.created_at.strftime("%d %B %Y"))
    assert {*stored.months, *stored.date_parts} <= terms(line)
    assert not {*stored.months} & terms(memory("Bo came", "text"))


def test_a_text_that_says_a_time_is_marked_and_a_question_for_it_known():
    assert TIME_TERM in terms(memory("Bo came yesterday", "text"))
    assert TIME_TERM not in terms(memory("Bo came", "text"))
    assert analyze_query("When did Bo come?").asks_for_time
    assert not analyze_query("Who came when Bo left?").asks_for_time


def test_what_a_conversation_is_known_by():
    """Its parent, its source, and the names of a session in the metadata, however written."""
    assert thread() == thread(metadata={"at": "noon", "tags": ["x"]}) != NO_CONVERSATION
    by_session = thread(metadata={"session": "1"})
    assert by_session == thread(metadata={"session": "1", "turn": 7})
    different = [
        thread(),
        by_session,
        thread(metadata={"session": "2"}),
        thread(metadata={"sessionId": "1"}),
        thread(metadata={"conversation_id": "1"}),
        thread(metadata={"Thread-ID": 1}),
        thread(metadata={"thread_ts": "1.5"}),
        thread(metadata={"session_uuid": "1"}),
        thread(metadata={"conversationKey": "1"}),
        thread(source_id="1"),
        thread(parent_memory_id="00000000-0000-4000-8000-000000000001"),
    ]
    assert len(set(different)) == len(different)


@given(st.text(), st.sampled_from(["text", "conversation"]))
def test_any_text_has_cues_and_they_can_be_read(content, content_type):
    one = memory(content, content_type)
    read_thread, read_terms = parse_analysis(analyze_memory(one))
    assert (read_thread != NO_CONVERSATION) == (content_type == "conversation")
    assert numbers(encode_terms(content)) <= numbers(read_terms)


def test_cues_of_another_version_are_to_be_made_anew():
    stored = analyze_memory(memory("tea"))
    assert parse_analysis(b"\1" + stored[1:]) is None


@pytest.mark.parametrize("stored", [b"", b"\2\0\0\0", analyze_memory(memory("tea")) + b"\0"])
def test_damaged_cues_are_refused(stored):
    with pytest.raises(ValueError, match="not the analysis"):
        parse_analysis(stored)


def test_a_long_run_of_characters_is_taken_as_it_is():
    """To look for endings in a megabyte would take long, and it is no word."""
    assert stem("a" * 65 + "ing") == "a" * 65 + "ing"
