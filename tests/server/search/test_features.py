"""Searches in conversations and by words, through the whole service."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")


@pytest.fixture
def line(user):
    """Store a line of a conversation."""

    def line(content, session="s1", **body):
        body = {"tier": "long", "content_type": "conversation", **body}
        return user.create(content, metadata={"session": session}, **body)

    return line


@pytest.fixture
def best(user):
    """Return what a search without a threshold finds first."""
    return lambda query, **body: user.found(query, threshold=0, **body)[0]


def test_an_answer_is_found_by_its_question(line, best):
    """It shares no word with the query; the line before it does, and asks.

    The question itself comes next.
    """
    line("Bo: nothing else happened")
    line("Ada: Which instrument are you learning these days?")
    line("Bo: Cello, since March")
    line("Ada: My car broke down again")
    assert best("instrument learning") == "Bo: Cello, since March"
    assert best("Bo learning instrument") == "Bo: Cello, since March"
    assert best("Ada learning instrument") == "Ada: Which instrument are you learning these days?"


def test_lines_of_another_session_are_no_neighbours(user, line):
    """The same lines, with a session between the question and the answer."""
    line("Ada: Which instrument are you learning?", session="s1")
    joined = line("Bo: Cello", session="s1")
    apart = line("Bo: Cello", session="s2")
    ids = [result["id"] for result in user.search("instrument", threshold=0)["results"]]
    assert ids.index(joined["id"]) < ids.index(apart["id"])


def test_who_is_named_speaks_first(line, best):
    line("Bo: green tea, always", session="s1")
    line("Ada: green tea, always", session="s2")
    assert best("What tea does Bo drink?") == "Bo: green tea, always"
    assert best("What tea does Ada drink?") == "Ada: green tea, always"


def test_the_month_that_is_asked_about_comes_first(user, best):
    """The lines say the same; their metadata tells them apart."""
    for at in ("1:56 pm on 8 May, 2023", "2023-06-09T13:56:00Z"):
        metadata = {"session": at, "at": at}
        body = {"tier": "long", "content_type": "conversation", "metadata": metadata}
        user.create(f"Ada: we went {'hiking' if 'May' in at else 'walking'}", **body)
    assert best("Where did they go in May 2023?") == "Ada: we went hiking"
    assert best("Where did they go on 9 June?") == "Ada: we went walking"


def test_who_asks_when_finds_a_time_first(line, best):
    line("Ada: the race was fun", session="s1")
    line("Ada: the race was yesterday", session="s2")
    line("Ada: the race was long", session="s3")
    assert best("When was the race?") == "Ada: the race was yesterday"


def test_neighbours_change_the_order_and_never_the_similarity(user, line):
    """The threshold is for what a memory says itself."""
    alone = user.create("Bo: Cello", tier="long")
    line("Ada: Which instrument are you learning?")
    answer = line("Bo: Cello")
    results = {r["id"]: r for r in user.search("instrument", threshold=0)["results"]}
    assert results[answer["id"]]["similarity"] == results[alone["id"]]["similarity"]
    assert results[answer["id"]]["combined_score"] > results[alone["id"]]["combined_score"]


def test_a_removed_or_expired_line_counts_for_nothing(user, line, clock):
    question = line("Ada: Which instrument are you learning?")
    line("Bo: Cello")
    before = user.search("instrument", threshold=0)["results"]
    user.delete(question["id"])
    (after,) = user.search("instrument", threshold=0)["results"]
    scores = {result["content"]: result["combined_score"] for result in before}
    assert after["combined_score"] < scores["Bo: Cello"]


def test_a_change_of_the_session_moves_a_line(user, line):
    line("Ada: Which instrument are you learning?")
    answer = line("Bo: Cello")
    near = user.search("instrument", threshold=0)["results"]
    user.update(answer["id"], metadata={"session": "elsewhere"})
    far = user.search("instrument", threshold=0)["results"]
    scores = [
        next(r["combined_score"] for r in results if r["id"] == answer["id"])
        for results in (near, far)
    ]
    assert scores[0] > scores[1]


def test_a_change_of_the_nature_shows_in_the_next_search(user):
    memory = user.create("tea", tier="long", memory_nature="semantic")
    assert user.found("tea", memory_nature="semantic") == ["tea"]
    user.update(memory["id"], memory_nature="episodic")
    assert user.found("tea", memory_nature="semantic") == []
    assert user.found("tea", memory_nature="episodic") == ["tea"]


def test_a_file_of_an_older_program_is_found_by_its_words_too(start, user_of, tmp_path):
    """What it did not store is worked out when it is read."""
    scores = []
    for name in ("new", "old"):
        with closing(start(tmp_path / f"{name}.db")) as service:
            user = user_of(service)
            user.create("Ada: Which instrument?", tier="long", content_type="conversation")
            user.create("Bo: Cello", tier="long", content_type="conversation")
        if name == "old":
            with closing(sqlite3.connect(tmp_path / "old.db")) as connection, connection:
                connection.execute("UPDATE vectors SET cues = NULL")
        user = user_of(start(tmp_path / f"{name}.db"))
        results = user.search("Which instrument does Bo play?", threshold=0)["results"]
        scores.append([(r["content"], r["similarity"], r["combined_score"]) for r in results])
    assert scores[0] == scores[1]


def test_damaged_cues_are_reported_as_a_damaged_database(start, user_of, tmp_path):
    from memoryos_server.model.errors import ServiceError

    with closing(start(tmp_path / "m.db")) as service:
        user_of(service).create("tea", tier="long")
    with closing(sqlite3.connect(tmp_path / "m.db")) as connection, connection:
        connection.execute("UPDATE vectors SET cues = x'0102'")
    with pytest.raises(ServiceError, match="is damaged"):
        user_of(start(tmp_path / "m.db")).search("tea")
