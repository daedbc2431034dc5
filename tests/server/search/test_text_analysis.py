"""The terms by which memories are found: words and their parts, speakers, dates, conversations."""

from __future__ import annotations

import sys
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_server.model.timestamps import utc_now
from memoryos_server.search.conversation_ids import NO_CONVERSATION
from memoryos_server.search.query_analysis import analyze_query
from memoryos_server.search.terms import QUESTION_TERM, split_lengths, word_term
from memoryos_server.search.text_analysis import analyze_memory, parse_analysis, stems_of
from memoryos_server.service.memory_changes import new_memory
from memoryos_server.text.stemming import stem
from memoryos_server.text.words import words_in


def memory(content, content_type="conversation", **body):
    body = {"content": content, "content_type": content_type, "tier": "long", **body}
    return new_memory(body, owner="ada", memory_id="m", now=utc_now())


def numbers(terms):
    found = array("I")
    found.frombytes(terms)
    if sys.byteorder == "big":
        found.byteswap()
    return list(found)


def length_and_terms(one):
    """Return the length of a memory in words, and its terms, each of them once."""
    length, *found = numbers(parse_analysis(analyze_memory(one))[1])
    assert len(found) == len(set(found))
    return length, set(found)


def terms(one):
    return length_and_terms(one)[1]


def text(content):
    return memory(content, "text")


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
    assert word.term in terms(text(content))


@pytest.mark.parametrize(("query", "content"), [("東京", "私は東京へ行く"), ("กาแฟ", "ชอบดื่มกาแฟ")])
def test_a_part_of_a_text_without_spaces_is_found(query, content):
    wanted = {word.term for word in analyze_query(query).words}
    assert wanted
    assert wanted <= terms(text(content))


def test_function_words_of_a_query_are_kept_apart():
    asked = analyze_query("What is the user's name?")
    assert asked.words == analyze_query("user name").words
    assert {"what", "is", "the"} <= {word.text for word in asked.functional}
    assert not any(analyze_query(None))


def test_a_query_of_function_words_alone_looks_for_these():
    asked = analyze_query("Who am I?")
    assert {word.text for word in asked.words} == {"who", "am", "i"}
    assert asked.functional == ()


def test_a_word_of_a_query_counts_once():
    (word,) = analyze_query("tea, tea and teas").words
    assert word.term == analyze_query("tea").words[0].term


def test_a_memory_has_terms_for_how_often_it_contains_a_word():
    """Two and four times."""
    (word,) = analyze_query("tea").words
    for times, often in ((1, []), (2, [1]), (3, [1]), (4, [1, 2]), (9, [1, 2])):
        found = terms(text(" ".join(["tea"] * times)))
        asked = (word.term, *word.frequency_terms)
        assert [place for place in (1, 2) if asked[place] in found] == often
        assert word.term in found


def test_the_length_of_a_memory_is_that_in_words():
    assert length_and_terms(text("Tea, tea and cake"))[0] == 4
    assert length_and_terms(text("…"))[0] == 0


def test_parts_of_words_are_terms_where_the_language_is_not_known_to_be_english():
    german = "Der Hausmeister putzt jeden Freitag die Treppe"
    english = "The caretaker cleans the stairs and the house every Friday"
    asked = set(analyze_query("Hausmeisterin").grams)
    assert len(asked & terms(text(german))) > 5
    assert not set(analyze_query("caretakers").grams) & terms(text(english))


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
    assert parse_analysis(analyze_memory(note))[0] == NO_CONVERSATION
    assert not {QUESTION_TERM, *analyze_query("note").speakers} & terms(note)


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


@pytest.mark.parametrize(
    ("query", "content", "is_found"),
    [
        ("When did Bo come?", "Bo came yesterday", True),
        ("When did Bo come?", "Bo came", False),
        ("When did Bo come?", "Bo came to room 204", False),
        ("When did Bo come?", "Bo came on Christmas Eve", True),
        ("How long is the flight?", "It takes five hours", True),
        ("How long is the flight?", "It starts at noon", False),
        ("What time does it start?", "It starts at noon", True),
        ("Who came when Bo left?", "Ada came yesterday", False),
    ],
)
def test_a_question_for_a_time_finds_texts_that_mention_one_of_its_kind(query, content, is_found):
    assert bool(set(analyze_query(query).times) & terms(text(content))) == is_found


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
def test_any_text_has_an_analysis_that_can_be_read(content, content_type):
    one = memory(content, content_type)
    read_thread, _ = parse_analysis(analyze_memory(one))
    assert (read_thread != NO_CONVERSATION) == (content_type == "conversation")
    stems = stems_of(words_in(content))
    assert set(map(word_term, stems)) <= terms(one)


@given(st.text())
def test_a_memory_is_found_by_its_own_text(content):
    words = analyze_query(content).words
    assert {word.term for word in words} <= terms(text(content))


def test_the_terms_of_several_memories_are_told_apart_from_their_lengths():
    """One of them was not analyzed; another has no words."""
    numpy = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")
    stored = numpy.array([3, 100, 101, 0, 1, 100], numpy.uint32)
    lengths, found = split_lengths(stored, numpy.array([3, 0, 1, 2]))
    assert lengths.tolist() == [3, 0, 0, 1]
    assert found.tolist() == [100, 101, 100]


def test_an_analysis_of_another_version_is_to_be_made_anew():
    stored = analyze_memory(memory("tea"))
    assert parse_analysis(b"\1" + stored[1:]) is None


@pytest.mark.parametrize("stored", [b"", b"\2\0\0\0", analyze_memory(memory("tea")) + b"\0"])
def test_a_damaged_analysis_is_refused(stored):
    with pytest.raises(ValueError, match="not the analysis"):
        parse_analysis(stored)


def test_a_long_run_of_characters_is_taken_as_it_is():
    """To look for endings in a megabyte would take long, and it is no word."""
    assert stem("a" * 65 + "ing") == "a" * 65 + "ing"
