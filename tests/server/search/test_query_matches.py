"""Where the words of a query stand in a text."""

from __future__ import annotations

import pytest

from memoryos_server.search.query_matches import QueryMatcher

pytestmark = pytest.mark.local_server


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("wifi password", "the wifiPassword", [(4, 0), (4, 1)]),
        ("wifi password", "wifi_passwords", [(0, 0), (0, 1)]),
        ("Which teas?", "Tea, and a teapot", [(0, 0)]),
        ("बैठक कब है", "कल बैठकों में", [(3, 0)]),
        ("医生叫什么名字", "他的医生叫李雷", [(2, 0), (3, 1)]),
        ("ไปตลาดเมื่อไหร่", "ฉันไปตลาด", [(3, 0), (4, 1), (5, 2), (6, 3), (7, 4)]),
        ("カフェ青い", "ｶﾌｪ青い", [(0, 0), (0, 1), (0, 2), (3, 3)]),
        ("ﾊﾟｽ青い", "このパス、青い", [(2, 0), (5, 2)]),
        ("パス", "青いハ\u309aス", [(2, 0)]),
        ("비밀", "\u1102\u1162 \u1107\u1175\u1106\u1175\u11af", [(3, 0)]),
        ("the price in €", "it costs 5 €", [(11, 1)]),
        ("C++", "he likes C++.", [(9, 0), (9, 1)]),
        ("Who is it?", "who is that", [(0, 0), (4, 1)]),
        ("tea", "x" * 70 + "tealeaf", []),
        ("leaf", "x" * 70 + "tealeaf", [(73, 0)]),
        ("", "anything", []),
    ],
)
def test_the_words_of_a_query_in_a_text(query, text, found):
    matcher = QueryMatcher(query)
    assert [tuple(match) for match in matcher.matches(text)] == found
    assert matcher.word_count >= len({number for _, number in found})


def test_question_words_are_looked_for_only_alone():
    assert QueryMatcher("什么").matches("什么")
    assert not QueryMatcher("什么名字").matches("说什么")
