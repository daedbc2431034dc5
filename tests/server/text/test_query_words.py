"""Function words and the language of a query."""

# ruff: noqa: RUF001 - Turkish letters and Chinese punctuation

from __future__ import annotations

import pytest

from memoryos_server.text.function_words import LANGUAGES, function_words
from memoryos_server.text.languages import language_of
from memoryos_server.text.query_words import query_words, split_query_words

pytestmark = pytest.mark.local_server


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("When does the museum open?", "en"),
        ("Wann öffnet das Museum?", "de"),
        ("¿Cuándo abre el museo?", "es"),
        ("Quand est-ce que le musée ouvre ?", "fr"),
        ("Quando apre il museo?", "it"),
        ("Quando é que o museu abre? Não sei.", "pt"),
        ("Wanneer gaat het museum open?", "nl"),
        ("När öppnar museet? Jag vet inte.", "sv"),
        ("Kiedy jest otwarte muzeum? Nie wiem, czy jest.", "pl"),
        ("Müze ne zaman açılıyor ve kaç para?", "tr"),
        ("Когда открывается музей?", "ru"),
        ("संग्रहालय कब खुलता है?", "hi"),
        ("متى يفتح المتحف؟", "ar"),
        ("博物馆什么时候开门？", "zh"),
        ("博物館はいつ開きますか", "ja"),
        ("박물관은 언제 열어요?", "ko"),
        ("พิพิธภัณฑ์เปิดเมื่อไหร่", "th"),
        ("Πότε ανοίγει το μουσείο;", "el"),
        ("מתי המוזיאון נפתח?", "he"),
        ("The kanji 猫 means cat", "en"),
        ("猫", "zh"),
        ("iPhoneを買いました", "ja"),
        ("Straßenbahn", "de"),
        ("When is La Traviata on?", "en"),
        ("Museum", ""),
        ("42", ""),
        ("", ""),
    ],
)
def test_the_language_of_a_text(text, language):
    assert language_of(text) == language


def test_only_the_beginning_of_a_text_is_looked_at():
    assert language_of("the cat is here " * 200 + "кошка " * 5000) == "en"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("Wann hat meine Schwester Geburtstag?", ("schwester", "geburtstag")),
        ("¿Dónde vive mi hermana?", ("vive", "hermana")),
        ("मेरी बहन कब आएगी", ("बहन", "आएगी")),
        ("我妹妹的生日是什么时候？", ("我妹", "妹妹", "妹的", "的生", "生日", "日是")),
        ("姉の誕生日はいつですか", ("姉の", "の誕", "誕生", "生日", "日は")),
        ("I want the die cast", ("want", "die", "cast")),
        ("Wer bist du?", ("wer", "bist", "du")),
        ("什么？", ("什么",)),
    ],
)
def test_the_function_words_of_a_language_are_left_out(query, words):
    assert query_words(query) == words


def test_every_word_of_a_query_is_of_one_kind():
    informative, functional = split_query_words("Who is the sister of Ada, the sister?")
    assert informative == ("sister", "ada")
    assert functional == ("who", "is", "the", "of")


def test_all_languages_have_function_words_and_no_other_has():
    assert all(map(function_words, LANGUAGES))
    assert not function_words("xx")
