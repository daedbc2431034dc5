"""The words of texts in all scripts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_server.search.entity_mentions import mentions
from memoryos_server.text.stemming import stem
from memoryos_server.text.words import grams_of, pieces_and_others_in, pieces_in, words_in

pytestmark = pytest.mark.local_server


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ada's crème brûlée, 3 cups", ["ada", "s", "creme", "brulee", "3", "cups"]),
        ("बैठक कल है।", ["बैठक", "कल", "है"]),
        ("Ёлка Ελλάδα", ["елка", "ελλαδα"]),
        ("مَدْرَسَة", ["مدرسة"]),
        ("東京タワー", ["東京", "京タ", "タワ", "ワー"]),
        ("猫", ["猫"]),
        ("ที่นี่", ["ที่นี่"]),
        ("김철수는 왔다", ["김철", "철수", "수는", "왔다"]),
        ("2024年に", ["2024", "年に"]),
        ("🎂 cake", ["🎂", "cake"]),
        ("snake_case", ["snake", "case"]),
        ("C++, C# and F# by R&D", ["c", "c", "and", "f", "by", "r", "d", "c++", "c#", "f#", "r&d"]),
        ("an E-Mail", ["an", "e", "mail", "email"]),
        ("getHTTPCode", ["gethttpcode", "get", "http", "code"]),
        ("xAxis by userId", ["xaxis", "by", "userid", "axis", "user", "id"]),
        ("", []),
    ],
)
def test_words_in_a_text(text, words):
    assert words_in(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "昨天我和李雷在北京吃了烤鸭",
        "明日の会議は午後三時からです",
        "เมื่อวานนี้ฉันไปตลาดกับแม่",
        "ມື້ວານນີ້ຂ້ອຍໄປຕະຫຼາດ",
        "어제저녁에회의가있었다",
    ],
)
def test_any_part_of_an_unspaced_text_has_its_words(text):
    """From any whole character to any other, at least two."""
    pieces = pieces_in(text)
    assert "".join(pieces) == text
    words = set(words_in(text))
    for start in range(len(pieces) - 1):
        for end in range(start + 2, len(pieces) + 1):
            assert words.issuperset(words_in("".join(pieces[start:end])))


def test_the_words_that_are_no_pieces_are_pairs_and_compounds():
    pieces = ["猫", "東", "京", "e", "mail"]
    assert pieces_and_others_in("猫 東京 E-Mail") == (pieces, ["東京", "email"])


@pytest.mark.parametrize(
    ("word", "grams"),
    [
        ("haus", ("_hau", "haus", "aus_")),
        ("ab", ("_ab_",)),
        ("a", ("_a_",)),
        ("医生", ("医", "生")),
        ("aaaaaaa", ("_aaa", "aaaa", "aaa_")),
    ],
)
def test_parts_of_a_word(word, grams):
    assert grams_of(word) == grams


def test_compounds_and_inflected_words_share_parts():
    assert set(grams_of("zahnarzttermin")) & set(grams_of("zahnarzt"))
    assert set(grams_of("médico")) & set(grams_of("médicos"))


@pytest.mark.parametrize(
    ("word", "other"),
    [("городами", "город"), ("लड़कियों", "लड़की"), ("المكتبات", "مكتب"), ("preferences", "prefer")],
)
def test_the_script_of_a_word_chooses_its_stemmer(word, other):
    (word,), (other,) = words_in(word), words_in(other)
    assert stem(word) == stem(other)


CHARACTERS = "aB1_-'+#& .é\u0301東京がアー한ก\u0e32\u0e31\u0e33बै\u094dက\u102b👍\U0001f3fd\u200d"
texts = st.text(st.sampled_from(CHARACTERS), max_size=8)


def _contains(pieces, part):
    return any(pieces[at : at + len(part)] == part for at in range(len(pieces) - len(part) + 1))


@given(texts, texts, texts)
def test_a_text_that_mentions_a_name_contains_its_pieces(before, name, after):
    """The stores look for the pieces, before they compare the name itself."""
    text = before + name + after
    if name.strip() and mentions(text, [name]):
        assert _contains(pieces_in(text), pieces_in(name))
