"""Without an embedder, any part of a memory in a script without spaces is found, in every store."""

from __future__ import annotations

import pytest

from memoryos_server.text.words import pieces_in

pytestmark = pytest.mark.local_server

MEMORIES = (
    "昨天我和李雷在北京吃了烤鸭",
    "明日の会議は午後三時からです",
    "เมื่อวานนี้ฉันไปตลาดกับแม่",
    "बैठक कल सुबह दस बजे है",
    "어제 저녁에 회의가 있었다",
    "Grüße aus Zürich",
)


@pytest.fixture(params=["sqlite", "postgres"])
def user(request, start, user_of, tmp_path):
    """A user of each store, with the memories."""
    is_file = request.param == "sqlite"
    place = str(tmp_path / "m.db") if is_file else request.getfixturevalue("new_database")()
    user = user_of(start(place, embedder=None))
    for text in MEMORIES:
        user.create(text, tier="long")
    return user


def parts(text):
    """Parts of a text from anywhere within it; of whole words, where it has spaces."""
    pieces, joint = (text.split(), " ") if " " in text else (pieces_in(text), "")
    steps = [(start, end) for start in range(len(pieces)) for end in range(start + 1, len(pieces))]
    return [joint.join(pieces[start : end + 1]) for start, end in steps[::3]]


@pytest.mark.parametrize("text", MEMORIES)
def test_any_part_of_a_memory_finds_it(user, text):
    asked = parts(text)
    assert asked
    for part in asked:
        assert user.found(part)[:1] == [text], part


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("鸭", MEMORIES[0]),
        ("李雷昨天吃了什么？", MEMORIES[0]),  # noqa: RUF001
        ("会議は何時から始まりますか", MEMORIES[1]),
        ("बैठक कब है?", MEMORIES[3]),
        ("grusse", MEMORIES[5]),
    ],
)
def test_a_question_finds_a_memory_by_its_words(user, query, text):
    assert user.found(query, threshold=0.3)[:1] == [text]
