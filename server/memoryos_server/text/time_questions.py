"""Questions about time: the dates that a query names, and the kind of time that it asks for."""

# ruff: noqa: RUF001 - Cyrillic letters and apostrophes

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from .numeric_dates import with_ascii_digits
from .temporal_expressions import extract_dates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["QueryTime", "parse_query_time"]

_MAX_CHARACTERS = 2_000
_MAX_SHORT_CHARACTERS = 120
# What stands before the last question.
_LAST_QUESTION = re.compile(r"\A.*[?？؟](?=.*[?？؟])")

# `When is …`, but not `When the doctor comes, …`: the verb before the subject makes the question.
_VERB = (
    r"(?:is|are|was|were|am|do|does|did|will|would|shall|should|can|could|has|have|had|must|might"
    r"|may)(?:n't)?\b"
)
# `Do you know when the train leaves?`, but not `Tell me when you are back`.
_INDIRECT = (
    r"\b(?:know|wonder|forgot|forget|unsure|sure|idea|find out|look up|check|see|recall|tell me|ask"
    r"|hear|learn) when (?:(?!\b(?:you|i'm|we)\b)[^,.;:?!]){1,120}"
    r"(?:\b(?:is|are|was|were|starts?|begins?|ends?|opens?|closes?|happens?|happened|took place|due"
    r"|started|ended|born|leaves?|arrives?|returns?)\b|'s\b)"
)
_START = r"(?:^|[.!?,;:¿(]|\b(?:and|but|so|or|et|und|e|y|и)\b)\s*"
# A single clause, such as `Quand part le train ?`, `When we met Bo?`.
_ONE_CLAUSE = (
    r"(?:(?!\b(?:what|who|which|where|why|how|should|can|could|would|will|do|does|did)\b)"
    r"[^,;:?!]){1,120}\?"
)
_ALONE = r"(?:\s*\?|\s*\Z)"

# The first kinds with a pattern that matches count.
_PATTERNS: Mapping[str, Sequence[str]] = {
    "clock": (
        r"\b(?:what|which) (?:time|hour)s?\b(?! (?:of (?:the )?year|zone|period|frame|limit))",
        r"\bhow (?:late|early)\b",
        r"\bopening (?:hours|times)\b",
        r"\bum (?:wie ?viel|welche) uhr|\bwelche uhrzeit|\bwie (?:spät|früh)\b",
        r"\bqué horas?\b",
        r"\bquelle heure\b",
        r"\bche ora\b",
        r"\bque horas?\b",
        r"\bhoe laat\b",
        r"во сколько|в котором часу",
        r"几点|幾點",
        r"何時|なんじ",
        r"몇 ?시(?!간)",
        r"कितने बजे|किस समय",
        r"كم الساعة|أي ساعة",
        r"กี่โมง",
    ),
    "date year": (
        r"\b(?:how long ago|since when)\b",
        r"\b(?:seit|bis) wann\b",
        r"\b(?:desde|hasta) cuándo\b|\bcuánto hace\b",
        r"\bdepuis quand\b|\bjusqu'à quand\b",
        r"\bda quando\b",
        r"\bdesde quando\b",
        r"\bсо? каких пор\b",
    ),
    "frequency": (
        r"\bhow (?:often|frequently|many times|regularly)\b",
        r"\bwie (?:oft|häufig)\b",
        r"\bcon qué frecuencia\b|\bcada cuánto\b|\bcuántas veces\b",
        r"\bquelle fréquence\b|\bcombien de fois\b",
        r"\bquanto spesso\b|\bogni quanto\b",
        r"\bque frequência\b|\bquantas vezes\b",
        r"\bhoe vaak\b",
        r"\bкак часто\b",
        r"多久一次|几次",
        r"何回|どのくらいの頻度",
        r"얼마나 자주",
        r"कितनी बार",
        r"كم مرة",
        r"บ่อยแค่ไหน",
    ),
    "duration": (
        r"\bhow long\b(?! is (?:the|your|my|his|her|its) (?:river|table|rope|hair|list|name))",
        r"\bhow (?:much time|many (?:seconds|minutes|hours|days|nights|weeks|months|years))\b",
        r"\bwie ?lange?\b",
        r"\bcuánto (?:tiempo|dura|tard)|\bcuánt[ao]s (?:minutos|horas|días|semanas|meses|años)\b",
        r"\bcombien (?:de|d') ?(?:temps|minutes|heures|jours|semaines|mois|années)\b",
        r"\bquanto (?:tempo|dura)\b",
        r"\bhoe ?lang",
        r"\bкак долго\b|\bсколько (?:времени|часов|дней|лет|минут)\b",
        r"多久|多[长長][时時][间間]|几[个個]?(?:小时|小時|天|年|月|分钟)",
        r"どのくらい|どれくらい|何(?:時間|分|日間|年間|週間|か月|ヶ月)",
        r"얼마나 (?:오래|걸)|몇 ?(?:시간|분|년 ?동안)",
        r"कितनी देर|कितने (?:समय|घंटे|दिन|साल|मिनट|महीने)|कब तक",
        r"كم من الوقت|كم استغرق",
        r"นาน(?:แค่ไหน|เท่าไ)",
    ),
    "year": (
        r"\b(?:what|which) (?:year|decade)\b",
        r"\bwelche[mns]? jahr\b",
        r"\bqué año\b",
        r"\bquelle année\b",
        r"\bche anno\b",
        r"\bque ano\b",
        r"\bwelk jaar\b",
        r"\bкаком году\b",
        r"哪一?年",
        r"何年(?!間)",
        r"몇 년",
        r"किस (?:साल|वर्ष)",
        r"أي (?:عام|سنة)",
        r"ปีไหน",
    ),
    "date": (
        r"\b(?:what|which) (?:day|date|month|week|weekday|season|weekend)s?\b",
        (
            r"\bwhat(?:'s| is| was| are) (?:[^\s,.?!]{1,30} ){0,4}"
            r"(?:date|birthday|anniversary|deadline)\b"
        ),
        r"\bwelche[mnrs]? (?:tag|datum|monat|woche|wochentag)\b",
        r"\bqué (?:día|fecha|mes)\b",
        r"\bquel(?:le)? (?:jour|mois|date|semaine)\b",
        r"\bche (?:giorno|mese|data)\b",
        r"\bque (?:dia|mês|data)\b",
        r"\bwelke (?:dag|datum|maand)\b",
        r"\bкакого числа\b|\bкакой день\b",
        r"哪一?天|[几幾][号號月]|星期[几幾]|[周週][几幾]",
        r"何(?:日(?!間)|月|曜日)",
        r"며칠|무슨 요일|몇 월",
        r"किस (?:दिन|तारीख|महीने)",
        r"أي يوم",
        r"วันไหน|วันที่เท่าไ",
    ),
    "date clock year": (
        rf"\bwhen(?:'s\b| (?:exactly |precisely )?{_VERB}|{_ALONE})",
        r"\bwhen to \w{2,20}\b[^,;]{0,120}(?:\?|\Z)",
        rf"{_START}(?:when|cuando|quand|quando|wanneer|когда) {_ONE_CLAUSE}",
        rf"\b(?:quand|quando|wanneer|когда){_ALONE}",
        _INDIRECT,
        r"(?<!dann und )\bwann\b(?! immer)",
        r"\bcuándo\b|¿cuando\b",
        r"\bquand est-ce\b",
        r"什[么麼][时時]候|何[时時](?=[\u4e00-\u9fff])",
        r"いつ(?!も|でも|の間|か(?!ら))",
        r"언제(?!나|든)",
        r"(?<!\S)कब",
        r"متى",
        r"เมื่อไ[หร]",
    ),
}
_QUESTIONS = tuple(
    (frozenset(kinds.split()), re.compile("|".join(patterns), re.IGNORECASE))
    for kinds, patterns in _PATTERNS.items()
)


class QueryTime(NamedTuple):
    """What a query says about time.

    Attributes:
        months: Labels of the months that the query names, such as `month 5`.
        parts: Labels of the days and years of these dates.
        asks_for: The kinds of time, of `TIME_KINDS`, one of which an answer mentions; none if the
            query is no question about time.
    """

    months: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    asks_for: frozenset[str] = frozenset()


def parse_query_time(query: str) -> QueryTime:
    """Return the dates that a query names and the kinds of time that it asks for.

    `When` asks for a time before a verb, and not as a conjunction: "When is the wedding?" does,
    "When I cook, what should I avoid?" doesn't. In a longer text, such as turns of a dialogue, the
    last question counts. What follows the first 2,000 characters counts only as dates.
    """
    text = " ".join(query[:_MAX_CHARACTERS].replace("’", "'").split())
    if len(text) > _MAX_SHORT_CHARACTERS:
        text = _LAST_QUESTION.sub("", text, count=1)
    asked = (kinds for kinds, pattern in _QUESTIONS if pattern.search(text))
    return QueryTime(*extract_dates(with_ascii_digits(query)), next(asked, frozenset()))
