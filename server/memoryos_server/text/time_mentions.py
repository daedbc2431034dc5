"""The kinds of times that a text mentions, in digits or in words."""

# ruff: noqa: RUF001 - digits of other scripts

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from .scanning import scan
from .time_words import ROLES, WORDS_BEFORE, fold_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    _Rule = Callable[["_Token", "_Token", "_Token"], Iterable[str]]

__all__ = ["TIME_KINDS", "time_kinds"]

TIME_KINDS = ("date", "clock", "year", "duration", "frequency")
"""A day, month, season or feast; a time of day; a year; a length of time; how often."""

_TOKEN = re.compile(r"[^\W_]{1,64}")
_FRACTIONS = {("half", "past"), ("quarter", "past"), ("quarter", "to"), ("viertel", "nach")}
_YEAR = re.compile(r"(?:1[89]|20)\d\ds?\Z")
_MAX_HOUR, _MAX_DAY = 24, 31
_CLAUSE_END = re.compile(r"\s{0,2}(?:[.,;!?)](?!\d)|\Z|(?:and|or|on|in|und|oder|y|et)\b)")

# From the beginning of a number: `17:30`, `5 pm`, `17h30`; `2026-03-02`, `3/5/2026`, `3.5.26`.
_CLOCK = re.compile(
    r"(?<![\d:.])(?:(?:[01]?\d|2[0-3]):[0-5]\d(?![\d.])|(?:[01]?\d|2[0-3])h(?:[0-5]\d)?\b"
    r"|(?:1[0-2]|0?\d)(?:[:.][0-5]\d)? ?(?:[ap]m\b|[ap]\.m\.))",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?<![\d./-])(?:(?:19|20)\d\d([-/.])\d{1,2}(?:\1\d{1,2})?(?![\d/-])"
    r"|\d{1,2}([-/.])\d{1,2}\2(?:19|20)?\d\d(?![\d/-]))"
)
_ORDINAL = re.compile(r"\d{1,2}(?:st|nd|rd|th)\Z")

_NUMBER = r"[\d０-９一二三四五六七八九十百两兩几幾数數半]"
_HINDI_NUMBER = r"(?:\d{1,4}|एक|दो|तीन|चार|पांच|पाँच|छह|सात|आठ|नौ|दस|आधे|आधा|कुछ|कई)"
# Chinese, Japanese, Korean, Hindi and Thai, whose words `\w` does not find.
_OTHER_SCRIPTS: Mapping[str, Sequence[str]] = {
    "year": (r"(?:19|20)\d\d\s?[年년]",),
    "clock": (
        rf"(?!一[点點]){_NUMBER}{{1,3}}\s?(?:[点點](?![点點])|[時时](?![間间代]))",
        r"[早晚]上|[中正]午|午[前後]|[上下]午|傍晚|凌晨|[半深]夜|夜[半中]",
        r"夕方|朝(?![鮮日])|明け方",
        r"\d\s?시(?!간)|새벽|아침|저녁|정오|자정|오[전후]",
        r"बजे|सुबह|शाम|दोपहर|आधी रात",
        r"โมง|เที่ยง|ทุ่ม|ตอนเช้า|ตอนเย็น",
    ),
    "date": (
        r"(?:\d{1,2}|[０-９]{1,2}|十?[一二三四五六七八九十])\s?月",
        r"[星礼禮][期拜]|[周週][一二三四五六日末]|[月火水木金土日]曜",
        r"[前昨今明后後]天|[昨今明][日晚]|[去今明昨来]年|[上下这這][个個]?[周週月]|[先今来][週月]",
        r"春[节節]|[圣聖][诞誕]|クリスマス|中秋|端午|国[庆慶]|元[旦宵]|除夕|新年|正月|お盆|大晦日",
        r"[春夏秋冬](?:[天季に休]|の)|暑假|寒假|假期|連休",
        r"\d{1,2}월|[월화수목금토일]요일|어제|오늘|내일|작년|내년|올해|지난|다음|주말|추석|설날",
        r"크리스마스|여름|겨울|봄|가을|휴가|방학",
        r"(?<!\S)(?:कल|आज|परसों)(?!\S)|(?:सोम|मंगल|बुध|गुरु|शुक्र|शनि|रवि)वार|पिछले|अगले",
        r"जनवरी|फरवरी|अप्रैल|जुलाई|अगस्त|सितंबर|अक्टूबर|नवंबर|दिसंबर",
        r"दिवाली|होली|ईद|क्रिसमस|गर्मि|सर्दि|छुट्टि",
        r"เมื่อวาน|วันนี้|พรุ่งนี้|วัน(?:จันทร์|อังคาร|พุธ|พฤหัส|ศุกร์|เสาร์|อาทิตย์)",
        r"ที่แล้ว|หน้าร้อน|สงกรานต์|ปีใหม่",
    ),
    "duration": (
        (
            rf"{_NUMBER}{{1,4}}\s?(?:[个個]?(?:小?[時时][间間]|小[时時]|星期|月(?=[间間])|半?[钟鐘])"
            r"|[个個かヶヵカ]月|分[钟鐘间間]|分(?!之)|天|[周週][间間]?|[年日][间間])"
        ),
        r"(?<!\d)\d{1,2}年|[一二三四五六七八九十两兩几幾半]年",
        r"\d\s?(?:시간|분|주일|개월)|동안",
        rf"{_HINDI_NUMBER}\s(?:घंट|मिनट|दिन|हफ्त|हफ़्त|सप्ताह|महीन|साल|वर्ष|सेकंड)",
        r"ชั่วโมง|นาที|สัปดาห์",
    ),
    "frequency": (
        r"每[天周週个個年月次逢日]|毎[日週月年朝晩]|[一两兩二三四五]次|週に|月に\d",
        r"매[일주월년]",
        r"हर (?:दिन|रोज|हफ्त|हफ़्त|महीन|साल|सोम|मंगल|शनि|रवि)|रोज़",
        r"ทุกวัน|ทุก(?:สัปดาห์|เดือน|ปี)",
    ),
}
_OTHER_SCRIPT = re.compile(
    "|".join(f"(?P<{kind}>{'|'.join(patterns)})" for kind, patterns in _OTHER_SCRIPTS.items())
)
_HAS_OTHER_SCRIPT = re.compile(
    "[\u0900-\u097f\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)


class _Token(NamedTuple):
    """A folded word and its role; `ends_clause` for numbers."""

    word: str = ""
    role: str = ""
    ends_clause: bool = False


def time_kinds(text: str) -> frozenset[str]:
    """Return which of `TIME_KINDS` a text mentions.

    Digits alone are no time: `room 204` and `2 cups` mention none.
    """
    kinds: set[str] = set()
    before, last = _Token(), _Token()
    for match in scan(_TOKEN, text):
        token = _token(match)
        if token.role:
            kinds.update(_RULES[token.role](before, last, token))
        before, last = last, token
        if len(kinds) == len(TIME_KINDS):
            break
    if _HAS_OTHER_SCRIPT.search(text):
        kinds.update(match.lastgroup or "" for match in scan(_OTHER_SCRIPT, text))
    return frozenset(kinds)


def _token(match: re.Match[str]) -> _Token:
    word = fold_word(match[0])
    role = _number_role(word, match) if word[0].isdecimal() else ROLES.get(word, "")
    return _Token(word, role, role == "number" and _ends_clause(match))


def _number_role(word: str, match: re.Match[str]) -> str:
    if _CLOCK.match(match.string, match.start()):
        return "clock"
    if _DATE.match(match.string, match.start()):
        return "numeric_date"
    return "year_number" if _YEAR.match(word) else "number"


def _ends_clause(match: re.Match[str]) -> bool:
    return _CLAUSE_END.match(match.string, match.end()) is not None


def _is_near(token: _Token) -> bool:
    return token.role in ("near", "near_behind")


def _date(_before: _Token, last: _Token, _token: _Token) -> Iterator[str]:
    yield "date"
    if last.role == "every":
        yield "frequency"


def _clock(_before: _Token, last: _Token, _token: _Token) -> Iterator[str]:
    yield "clock"
    if _is_near(last):
        yield "date"
    elif last.role == "every":
        yield "frequency"


def _clock_unit(before: _Token, last: _Token, _token: _Token) -> Iterator[str]:
    if "number" in (last.role, before.role):  # as in `8 Uhr` and `eight o'clock`
        yield "clock"


def _hour_unit(before: _Token, last: _Token, token: _Token) -> Iterator[str]:
    if last.role == "number" and before.word in WORDS_BEFORE["hour"]:
        yield "clock"
    else:
        yield from _unit(before, last, token)


def _unit(before: _Token, last: _Token, _token: _Token) -> Iterator[str]:
    if _is_near(last):
        yield "date"
    elif last.role == "every" or (
        last.word in WORDS_BEFORE["rate"] and before.role in ("times", "frequency")
    ):
        yield "frequency"
    elif last.role == "number":
        yield "duration"
        if before.word in WORDS_BEFORE["ago"]:
            yield "date"


def _near_behind(_before: _Token, last: _Token, _token: _Token) -> Iterator[str]:
    if last.role == "unit":  # as in `la semana pasada`
        yield "date"


def _ambiguous(before: _Token, last: _Token, _token: _Token) -> Iterator[str]:
    preposition = before if last.word == "the" else last
    if last.word.isdecimal() or _is_near(last) or preposition.word in WORDS_BEFORE["month"]:
        yield "date"


def _year_number(before: _Token, last: _Token, _token: _Token) -> Iterator[str]:
    # The last but one in `May 3, 2019`.
    previous = before if last.role == "number" else last
    if last.word in WORDS_BEFORE["year"] or previous.role in ("date", "ambiguous", "year_number"):
        yield "year"


def _number(before: _Token, last: _Token, token: _Token) -> Iterator[str]:
    if _is_hour(before, last, token):
        yield "clock"
    elif _is_day(before, last, token):
        yield "date"


def _is_hour(before: _Token, last: _Token, token: _Token) -> bool:
    if (before.word, last.word) in _FRACTIONS or last.word == "halb":
        return True
    return (
        last.word in WORDS_BEFORE["hour"]
        and token.ends_clause
        and _is_at_most(_MAX_HOUR, token.word)
    )


def _is_day(before: _Token, last: _Token, token: _Token) -> bool:
    if _ORDINAL.match(token.word):  # as in `on the 3rd.`
        return before.word in WORDS_BEFORE["ordinal"] and last.word == "the" and token.ends_clause
    return last.role == "ambiguous" and token.word.isdecimal() and _is_at_most(_MAX_DAY, token.word)


def _is_at_most(limit: int, number: str) -> bool:
    return not number.isdecimal() or (len(number) <= len(str(limit)) and int(number) <= limit)


def _always(*kinds: str) -> _Rule:
    return lambda _before, _last, _token: kinds


_RULES: Mapping[str, _Rule] = {
    "date": _date,
    "numeric_date": _always("date", "year"),
    "clock": _clock,
    "clock_unit": _clock_unit,
    "hour_unit": _hour_unit,
    "frequency": _always("frequency"),
    "year": _always("year"),
    "times": _always(),
    "every": _always(),
    "near": _always(),
    "near_behind": _near_behind,
    "unit": _unit,
    "number": _number,
    "year_number": _year_number,
    "ambiguous": _ambiguous,
}
