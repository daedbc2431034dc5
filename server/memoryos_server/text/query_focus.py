"""The question inside a long query, such as a chat message with pasted text."""

# ruff: noqa: RUF001 - full-width punctuation

from __future__ import annotations

import re
from itertools import groupby, islice, takewhile
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from .segmentation import split_sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["MIN_SPLIT_CHARACTERS", "QueryParts", "is_request", "split_query"]

MIN_SPLIT_CHARACTERS = 400
"""Length from which a query is divided; a shorter one is a question as a whole."""

MAX_QUESTION_CHARACTERS = 400
"""Approximate maximum length of the question."""

_MAX_SENTENCE_BYTES = 400
_MAX_OWN_SENTENCES = 3
_MAX_SIGNATURE_LINES, _MAX_SIGNATURE_LINE = 4, 40  # lines, and characters of one

# Pasted by their form: code, quotations, and lines of mails and logs.
_PASTED = re.compile(
    r"^(?P<fence>```|~~~|\"\"\"|''')[^\n]*\n.*?(?:^(?P=fence)|\Z)[^\n]*"
    r"|^[ \t]*(?:>|\|)[^\n]*"
    r"|^(?:From|To|Cc|Bcc|Sent|Date|Subject|Reply-To|Von|An|Betreff|Gesendet|De|Para|Asunto|Objet)"
    r": [^\n]*"
    r"|^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d[^\n]*",
    re.MULTILINE | re.DOTALL,
)
_QUESTION_END = re.compile(
    r"[?？؟\u037e](?:[\"'”’»)\]」』）]|\s)*\Z|(?:か|吗|呢|嗎|ไหม|มั้ย)[。.！!]?\s*\Z"
)
_OPENING = (
    r"[\W_]{0,8}(?:(?:so|and|but|ok|okay|hi|hey|also|now|und|y|et)\b[,\s]{1,4}){0,3}"
    r"(?:please|bitte|por favor|s'il (?:te|vous) plaît)?[,\s]{0,4}"
)
# Without a question mark, as far as the sentence has no full stop.
_QUESTION_START = re.compile(
    rf"{_OPENING}(?:what|who|whom|whose|which|where|when|why|how|do|does|did|is|are|was|were|has|have"
    r"|should|wer|wen|wem|was|wo|wann|warum|wie|welche[mnrs]?|qué|quién|cuál|dónde|cuándo|cómo"
    r"|qui|quel(?:le)?s?|où|quand|comment|pourquoi)(?:'s)?\b[^\n]*(?<![.!,;])\Z",
    re.IGNORECASE,
)
_REQUEST_START = re.compile(
    rf"{_OPENING}(?:(?:can|could|would|will) you|let me know|i(?:'d| would) like|i (?:need|want)"
    r"|summari[sz]e|write|draft|reply|answer|respond|tell|explain|suggest|recommend|propose|plan"
    r"|book|find|list|remind|show|help|translate|compare|rewrite|rephrase|shorten|describe|check"
    r"|kannst|könntest|schreib|fasse?|erkläre?|nenne?|schlage?|hilf|suche?|plane?|antworte"
    r"|übersetze?|gib|zeige?|puedes|podrías|escribe|resume|dime|explica|sugiere|recomienda|busca"
    r"|haz|ayúdame|traduce|responde|peux-tu|pouvez-vous|écri[st]|résume|explique|suggère|propose"
    r"|trouve|aide|tradui[st]|réponds?|rédige)\b|[请請帮幫]|(?:总结|總結|写|寫|कृपया|बताओ|बताइए|लिखो)",
    re.IGNORECASE,
)
_REQUEST_END = re.compile(
    r"(?:ください|下さい|教えて|書いて|まとめて|बताओ|बताइए|लिखो)[。.！!।]?\s*\Z"
)
# What stands after a question without being part of it, and before a first one.
_CLOSING = re.compile(
    r"\W*(?:(?:many )?thanks?(?: you)?(?: (?:so much|a lot|in advance))?|please|pls|thx|cheers"
    r"|danke(?: (?:dir|schön|im voraus))?|(?:muchas )?gracias|merci(?: d'avance)?|谢谢|謝謝"
    r"|ありがとう(?:ございます)?|धन्यवाद)?\W*\Z",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"\W*(?:hi|hey|hello|hallo|hola|bonjour|salut|good (?:morning|evening|afternoon)|你好"
    r"|こんにちは|नमस्ते)[^\n,.!?]{0,30}\W*\Z",
    re.IGNORECASE,
)
_REFERS_DOWN = re.compile(r"[:：]\s*\Z|\b(?:below|following)\b", re.IGNORECASE)
_REFERS_UP = re.compile(r"\babove\b", re.IGNORECASE)
# Of persons, whose names stand in the sentence before.
_PRONOUN = re.compile(
    r"\b(?:he|she|they|him|her|them|his|hers|their|er|sie|ihm|ihr|él|ella|il|elle|lui)\b",
    re.IGNORECASE,
)


class QueryParts(NamedTuple):
    """A query in two parts.

    Attributes:
        question: What is asked.
        background: The other text, such as what was pasted, or "".
    """

    question: str
    background: str = ""


class _Sentence(NamedTuple):
    """A sentence without the spaces around it, where it starts, and the number of its line."""

    text: str
    start: int
    line: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def split_query(text: str) -> QueryParts:
    """Return the question of a query, and its other text.

    A query of less than 400 characters is a question as a whole, and so is a text that asks
    nothing. Otherwise the question is what stands beside quotations and code if that is short, or
    the last or first sentences if they ask or request something.
    """
    if len(text) < MIN_SPLIT_CHARACTERS:
        return QueryParts(text)
    own = _PASTED.sub(lambda match: "\n" * len(match[0]), text)
    sentences = _sentences(own)
    if own != text and sum(len(each.text) for each in sentences) < MAX_QUESTION_CHARACTERS:
        asked: Sequence[_Sentence] = sentences
    else:
        asked = _asked(sentences)
    if not asked:
        return QueryParts(text)
    ends = [0, *(each.end for each in asked)]
    starts = [*(each.start for each in asked), len(text)]
    background = "".join(text[end:start] for end, start in zip(ends, starts, strict=True))
    return QueryParts(" ".join(each.text for each in asked), background.strip())


def is_request(sentence: str) -> bool:
    """Return whether a sentence asks or requests something, by its form."""
    patterns = (_QUESTION_END.search, _REQUEST_END.search)
    starts = (_QUESTION_START.match, _REQUEST_START.match)
    return any(matches(sentence) for matches in (*patterns, *starts))


def _sentences(text: str) -> list[_Sentence]:
    sentences: list[_Sentence] = []
    line, last_end = 0, 0
    for start, end in split_sentences(text, _MAX_SENTENCE_BYTES, min_length=1):
        part = text[start:end]
        stripped = part.strip()
        if stripped:
            first = start + part.index(stripped)
            line += "\n" in text[last_end:first]
            last_end = first + len(stripped)
            sentences.append(_Sentence(stripped, first, line))
    return sentences


def _asked(sentences: Sequence[_Sentence]) -> Sequence[_Sentence]:
    """Return the sentences that ask something: the last or first ones, or the only such line."""
    first, last = _first_request(sentences), _last_request(sentences)
    if first and last:
        return first if _first_weight(sentences, first) > _last_weight(sentences, last) else last
    asked = first or last or _last_request(_without_signature(sentences))
    if asked:
        return asked
    lines = [line for line in _lines(sentences) if _is_own_line(line)]
    return lines[0] if len(lines) == 1 else ()


def _first_request(sentences: Sequence[_Sentence]) -> Sequence[_Sentence]:
    lines = (line for line in _lines(sentences) if not _GREETING.match(_text(line)))
    line = next(lines, ())
    if _is_own_line(line):
        return line
    return list(takewhile(lambda each: is_request(each.text), line[:_MAX_OWN_SENTENCES]))


def _last_request(sentences: Sequence[_Sentence]) -> Sequence[_Sentence]:
    count = len(sentences)
    while count and _CLOSING.match(sentences[count - 1].text):
        count -= 1
    line = next(iter(_lines(sentences[:count][::-1])), ())[::-1]
    if not line or not is_request(line[-1].text):
        return ()
    if _is_own_line(line):
        return line
    asking = list(
        takewhile(lambda each: is_request(each.text), line[: -_MAX_OWN_SENTENCES - 1 : -1])
    )
    if _PRONOUN.search(_text(asking)):  # the name is in the sentence before
        asking = line[::-1][: len(asking) + 1]
    return asking[::-1]


def _without_signature(sentences: Sequence[_Sentence]) -> Sequence[_Sentence]:
    lines = list(_lines(sentences))
    short = takewhile(lambda line: len(_text(line)) <= _MAX_SIGNATURE_LINE, reversed(lines[1:]))
    return sentences[: len(sentences) - sum(map(len, islice(short, _MAX_SIGNATURE_LINES)))]


def _lines(sentences: Iterable[_Sentence]) -> Iterator[list[_Sentence]]:
    return (list(line) for _, line in groupby(sentences, key=attrgetter("line")))


def _is_own_line(line: Sequence[_Sentence]) -> bool:
    """Return whether a line asks something and is short enough to be no part of a pasted text."""
    return (
        len(line) <= _MAX_OWN_SENTENCES
        and len(_text(line)) <= MAX_QUESTION_CHARACTERS
        and any(is_request(each.text) for each in line)
    )


def _text(sentences: Sequence[_Sentence]) -> str:
    return " ".join(each.text for each in sentences)


def _first_weight(sentences: Sequence[_Sentence], first: Sequence[_Sentence]) -> int:
    behind = next((each for each in sentences if each.start > first[-1].start), first[-1])
    return 2 * (behind.line != first[-1].line) + 2 * bool(_REFERS_DOWN.search(_text(first)))


def _last_weight(sentences: Sequence[_Sentence], last: Sequence[_Sentence]) -> int:
    before = next((each for each in reversed(sentences) if each.start < last[0].start), last[0])
    return 1 + 2 * (before.line != last[0].line) + 2 * bool(_REFERS_UP.search(_text(last)))
