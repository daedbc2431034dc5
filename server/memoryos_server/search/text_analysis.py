"""Text analysis: the terms by which lexical and conversational features find a memory.

The terms of a text are its distinct stems, its date, and whether it mentions a time. Messages of a
conversation also have terms for their speaker (`Ada: …`) and for questions, and the number of their
conversation. Stores keep all of this as bytes next to the vector.
"""

from __future__ import annotations

import re
import struct
import zlib
from array import array
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from memoryos_server.model.normalization import normalize, remove_marks
from memoryos_server.text.metadata_dates import metadata_date
from memoryos_server.text.query_words import query_words
from memoryos_server.text.stemming import has_stem, stem
from memoryos_server.text.temporal_expressions import extract_dates
from memoryos_server.text.time_mentions import time_kinds
from memoryos_server.text.time_questions import parse_query_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from memoryos_server.model.records import Memory

__all__ = [
    "NO_CONVERSATION",
    "QUESTION_TERM",
    "TERM_BYTES",
    "TIME_TERM",
    "QueryTerms",
    "analyze_memory",
    "analyze_query",
    "encode_terms",
    "parse_analysis",
]

TERM_BYTES = 4
"""Size of a stored term."""

MAX_STEMMED_WORDS = 10_000
"""Number of distinct words of a memory that are stemmed; further ones are kept as they are.

Stemming is slow, and no ordinary text of the maximum size has as many words.
"""

NO_CONVERSATION = 0
"""Conversation number of a memory that belongs to none."""

_FORMAT_VERSION = 2
_HEADER = struct.Struct("<Iq")
_HEADER_SIZE = _HEADER.size
_unpacked_header = _HEADER.unpack_from
_CONVERSATION = "conversation"
_WORD = re.compile(r"\w+")
_SPEAKER = re.compile(r"\s*([^\W\d_][\w.'’-]{0,31}(?: [\w.'’-]{1,32}){0,2}):\s")  # noqa: RUF001
_MAX_QUERY_NAMES = 64
# A ligature of 18 letters, and its abbreviation.
_LIGATURES = str.maketrans({"\ufdfa": "\ufdf5"})

# Metadata fields that identify a conversation. `sessionId` and `session_uuid` count as `session`;
# `thread_ts` is Slack's.
_CONVERSATION_FIELDS = frozenset(
    [
        "session",
        "conversation",
        "thread",
        "threadts",
        "chat",
        "channel",
        "dialog",
        "dialogue",
        "meeting",
        "room",
    ]
)
_ID_SUFFIXES = ("uuid", "guid", "id", "key")
_NOT_A_LETTER = re.compile(r"[\W\d_]+")


def _term(text: str) -> int:
    """Return the 32-bit hash of a word or other term."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


QUESTION_TERM = _term("?")
"""Term of a message that ends with a question mark; no word has this term."""

TIME_TERM = _term("@when")
"""Term of a text that mentions a time; no word has this term."""


class QueryTerms(NamedTuple):
    """The terms of a query.

    Attributes:
        words: Distinct terms of its words without stop words.
        speakers: Terms of messages by speakers whose name occurs in the query.
        texts: The words, in the order of their terms.
        months: Terms of the months in the query.
        date_parts: Terms of the days and years of these months.
        asks_for_time: Whether the query asks for a time.
    """

    words: tuple[int, ...]
    speakers: tuple[int, ...]
    texts: tuple[str, ...] = ()
    months: tuple[int, ...] = ()
    date_parts: tuple[int, ...] = ()
    asks_for_time: bool = False


def analyze_memory(memory: Memory) -> bytes:
    """Return the encoded analysis of a memory, as the stores keep it."""
    words = {*_terms(memory.content), *_time_terms(memory)}
    conversation = NO_CONVERSATION
    if memory.content_type == _CONVERSATION:
        conversation = _conversation(memory)
        words.update(_message_terms(memory.content))
    terms = array("I", sorted(words))
    return _HEADER.pack(_FORMAT_VERSION, conversation) + _little_endian(terms)


def encode_terms(content: str) -> bytes:
    """Return the terms of a text outside a conversation as little-endian 32-bit numbers."""
    return _little_endian(array("I", sorted(set(_terms(content)))))


def parse_analysis(stored: bytes) -> tuple[int, bytes] | None:
    """Decode a stored analysis.

    Returns:
        The conversation number and the terms as little-endian 32-bit numbers, or None if another
        version of this module encoded it, so that the memory must be analyzed again.

    Raises:
        ValueError: `stored` is damaged.
    """
    if len(stored) < _HEADER_SIZE or len(stored) % TERM_BYTES:
        raise ValueError("not the analysis of a memory")
    version, conversation = _unpacked_header(stored)
    return (conversation, stored[_HEADER_SIZE:]) if version == _FORMAT_VERSION else None


def analyze_query(query: str | None) -> QueryTerms:
    """Return the terms of a query, none for None."""
    if query is None:
        return QueryTerms((), ())
    words: dict[int, str] = {}
    for word in query_words(_fold(query)):
        words.setdefault(_term(stem(word)), word)
    names = dict.fromkeys(_WORD.findall(_fold(query)))
    speakers = tuple(_term(f"{name}:") for name in names)[:_MAX_QUERY_NAMES]
    time = parse_query_time(query)
    months, parts = (tuple(map(_date_term, signs)) for signs in time[:2])
    return QueryTerms(
        tuple(words), speakers, tuple(words.values()), months, parts, bool(time.asks_for)
    )


def _terms(content: str) -> Iterable[int]:
    remaining = MAX_STEMMED_WORDS
    for word in dict.fromkeys(_WORD.findall(_fold(content))):
        if remaining and has_stem(word):
            remaining -= 1
            yield _term(stem(word))
        else:
            yield _term(word)


def _time_terms(memory: Memory) -> Iterable[int]:
    dates = metadata_date(memory.metadata)
    if not dates.months and memory.content_type == _CONVERSATION:
        dates = extract_dates(memory.created_at.date().isoformat())
    for signs in dates:
        yield from map(_date_term, signs)
    if time_kinds(memory.content):
        yield TIME_TERM


def _date_term(text: str) -> int:
    return _term(f"@{text}")


def _message_terms(content: str) -> Iterable[int]:
    speaker = _SPEAKER.match(content)
    if speaker is not None:
        yield from (_term(f"{name}:") for name in _WORD.findall(_fold(speaker[1])))
    if content.rstrip().endswith("?"):
        yield QUESTION_TERM


def _conversation(memory: Memory) -> int:
    """Return a number that identifies the conversation of a message."""
    shared = [f"{name}={memory.metadata[name]!r}" for name in _conversation_names(memory.metadata)]
    origin = [memory.parent_memory_id, memory.source_id, *sorted(shared)]
    digest = blake2b(repr(origin).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True) or 1


def _conversation_names(metadata: Mapping[str, object]) -> list[str]:
    return [name for name in metadata if _normalized_field(name) in _CONVERSATION_FIELDS]


def _normalized_field(name: str) -> str:
    field = _NOT_A_LETTER.sub("", name).casefold()
    return field.removesuffix(next(filter(field.endswith, _ID_SUFFIXES), ""))


def _fold(text: str) -> str:
    """Return `text` in lower case without accents."""
    if text.isascii():
        return text.casefold()
    expanded = text.casefold().translate(_LIGATURES)
    return normalize("NFC", remove_marks(normalize("NFKD", expanded)))


def _little_endian(terms: array[int]) -> bytes:
    import sys

    if sys.byteorder == "big":
        terms.byteswap()
    return terms.tobytes()
