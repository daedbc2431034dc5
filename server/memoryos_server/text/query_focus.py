"""The question inside a long query, such as a chat message with pasted text."""

# ruff: noqa: RUF001 - full-width punctuation

from __future__ import annotations

import re
from itertools import chain, dropwhile, islice, takewhile
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from .segmentation import split_sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["MIN_SPLIT_CHARACTERS", "QueryParts", "is_request", "split_query"]

MIN_SPLIT_CHARACTERS = 400
"""Length from which a query is divided; a shorter one is a question as a whole."""

MAX_QUESTION_CHARACTERS = 400
"""Approximate maximum length of the question."""

_MAX_SENTENCE_BYTES = 400
_MAX_OWN_SENTENCES = 3
_MAX_SIGNATURE_LINES, _MAX_SIGNATURE_LINE = 4, 40  # lines, and characters of one

# Pasted by their form: code, quotations, and lines of mails, logs and chats.
_PASTED = re.compile(
    r"^(?P<fence>```|~~~|\"\"\"|''')[^\n]*\n.*?(?:^(?P=fence)|\Z)[^\n]*"
    r"|^[ \t]*(?:>|\|)[^\n]*"
    r"|^(?:From|To|Cc|Bcc|Sent|Date|Subject|Reply-To|Von|An|Betreff|Gesendet|De|Para|Asunto|Objet)"
    r": [^\n]*"
    r"|^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d[^\n]*"
    r"|^\[\d{1,2}:\d\d[^\n]*"
    r"|^\d{1,2}:\d\d(?::\d\d)?(?: ?[AaPp]\.?[Mm])?[ \t-]{1,4}[^\s:]{1,30}:[^\n]*",
    re.MULTILINE | re.DOTALL,
)
# Of pasted code, whose other lines ask nothing.
_COMMENT = re.compile(r"^[ \t]*(?:#+|//+|/\*)[ \t][^\n]*", re.MULTILINE)
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
# Sentences around a question without being part of it, and questions that name no subject.
_COURTESY = re.compile(
    r"\W*(?:(?:hi|hey|hello|hallo|hola|bonjour|salut|dear|good (?:morning|evening|afternoon)|你好"
    r"|こんにちは|नमस्ते)[^\n,.!?]{0,30}"
    r"|(?:many )?thanks?(?: you)?(?: (?:so much|a lot|in advance))?|please|pls|thx|cheers"
    r"|danke(?: (?:dir|schön|im voraus))?|(?:muchas )?gracias|merci(?: d'avance)?|谢谢|謝謝"
    r"|ありがとう(?:ございます)?|धन्यवाद"
    r"|(?:do you have )?any (?:ideas?|thoughts|suggestions|tips|advice)|thoughts"
    r"|(?:so )?what (?:do you think|should i do|now|would you do)"
    r"|(?:can|could) you (?:please )?help(?: me)?(?: out)?"
    r"|was meinst du|was soll ich tun|qué opinas|qué hago|qu'en penses-tu)?\W*\Z",
    re.IGNORECASE,
)
_REFERS_DOWN = re.compile(r"[:：]\s*\Z|\b(?:below|following)\b", re.IGNORECASE)
_REFERS_UP = re.compile(r"\babove\b", re.IGNORECASE)
# Of persons, whose names stand in the sentence before.
_PRONOUN = re.compile(
    r"\b(?:he|she|they|him|her|them|his|hers|their|er|sie|ihm|ihr|él|ella|il|elle|lui)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"\s[^\W\d_a-z]\w")


class QueryParts(NamedTuple):
    """A query in two parts.

    Attributes:
        question: What is asked.
        background: The other text, such as what was pasted, or "".
    """

    question: str
    background: str = ""


class _Sentence(NamedTuple):
    """A sentence without the spaces around it, where it starts, and whether it asks something."""

    text: str
    start: int
    asks: bool

    @property
    def end(self) -> int:
        return self.start + len(self.text)


class _Candidate(NamedTuple):
    """Sentences that may be the question; those with the highest weight are."""

    weight: int
    sentences: Sequence[_Sentence]


def split_query(text: str) -> QueryParts:
    """Return the question of a query, and its other text.

    A query of less than 400 characters is a question as a whole, and so is a text that asks
    nothing. Otherwise the question is what stands beside quotations and code if that is short, or
    the last or first sentences if they ask or request something.
    """
    if len(text) < MIN_SPLIT_CHARACTERS:
        return QueryParts(text)
    own = _PASTED.sub(_blank, text)
    lines = list(_lines(_COMMENT.sub(_blank, own)))
    if own != text and sum(len(_text(line)) for line in lines) < MAX_QUESTION_CHARACTERS:
        asked: Sequence[_Sentence] = list(chain.from_iterable(lines))
    else:
        asked = _asked(lines)
    if not asked:
        return QueryParts(text)
    ends = [0, *(each.end for each in asked)]
    starts = [*(each.start for each in asked), len(text)]
    background = "".join(text[end:start] for end, start in zip(ends, starts, strict=True))
    return QueryParts(_text(asked), background.strip())


def _blank(match: re.Match[str]) -> str:
    return "\n" * len(match[0])


def is_request(sentence: str) -> bool:
    """Return whether a sentence asks or requests something, by its form."""
    patterns = (_QUESTION_END.search, _REQUEST_END.search)
    starts = (_QUESTION_START.match, _REQUEST_START.match)
    return any(matches(sentence) for matches in (*patterns, *starts))


def _lines(text: str) -> Iterator[list[_Sentence]]:
    """Yield the sentences of each line that is more than a greeting or thanks."""
    line: list[_Sentence] = []
    last_end = 0
    for start, end in split_sentences(text, _MAX_SENTENCE_BYTES, min_length=1):
        part = text[start:end].strip()
        if _COURTESY.match(part):
            continue
        first = text.index(part, start)
        if line and "\n" in text[last_end:first]:
            yield line
            line = []
        line.append(_Sentence(part, first, is_request(part)))
        last_end = first + len(part)
    if line:
        yield line


def _asked(lines: Sequence[Sequence[_Sentence]]) -> Sequence[_Sentence]:
    """Return the sentences that ask something: the last or first ones, or a line between."""
    if not lines:
        return ()
    candidates = [
        _last_request(lines[-1]),
        _first_request(lines[0]),
        *(_Candidate(2, line) for line in reversed(lines) if _is_pure(line)),
        _last_request(lines[-1 - _signature_length(lines)]),
    ]
    asking = (candidate for candidate in candidates if candidate.sentences)
    return max(asking, key=attrgetter("weight"), default=_Candidate(0, ())).sentences


def _last_request(line: Sequence[_Sentence]) -> _Candidate:
    most = _MAX_OWN_SENTENCES if _is_pure(line) else 1  # others may belong to a pasted text
    asked = list(takewhile(attrgetter("asks"), line[: -most - 1 : -1]))[::-1]
    weight = 4 if _is_pure(line) else 2
    return _Candidate(
        weight + 2 * bool(_REFERS_UP.search(_text(asked))), _with_context(line, asked)
    )


def _first_request(line: Sequence[_Sentence]) -> _Candidate:
    start = line[:_MAX_OWN_SENTENCES]
    if _is_short(line):
        start = list(dropwhile(lambda each: not each.asks, line))
    asked = list(takewhile(attrgetter("asks"), start))
    weight = 3 if _is_pure(line) else 1 + _is_short(line)
    weight += 2 * bool(_REFERS_DOWN.search(_text(line[:_MAX_OWN_SENTENCES])))
    return _Candidate(weight, _with_context(line, asked))


def _with_context(line: Sequence[_Sentence], asked: Sequence[_Sentence]) -> Sequence[_Sentence]:
    """Return sentences of a line, and the one before them if it names whom they are about."""
    text = _text(asked)
    if _PRONOUN.search(text) is None or _NAME.search(text):
        return asked
    first = line.index(asked[0])
    return line[max(first - 1, 0) : first + len(asked)]


def _is_short(line: Sequence[_Sentence]) -> bool:
    return len(line) <= _MAX_OWN_SENTENCES and len(_text(line)) <= MAX_QUESTION_CHARACTERS


def _is_pure(line: Sequence[_Sentence]) -> bool:
    return _is_short(line) and all(each.asks for each in line)


def _signature_length(lines: Sequence[Sequence[_Sentence]]) -> int:
    """Return the number of lines at the end that may be a signature."""
    is_brief = (len(_text(line)) <= _MAX_SIGNATURE_LINE for line in reversed(lines[1:]))
    return sum(takewhile(bool, islice(is_brief, _MAX_SIGNATURE_LINES)))


def _text(sentences: Sequence[_Sentence]) -> str:
    return " ".join(each.text for each in sentences)
