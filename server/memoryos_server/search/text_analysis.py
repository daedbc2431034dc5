"""What a memory can be found by, besides its meaning: words, who speaks, what comes before.

The words of a text are its stems, each once. Then there is its date, and whether it says a time.
A line of a conversation tells more: who says it (`Ada: …`), whether it asks (then the next line may
be the answer), and which thread it belongs to, so that its neighbours are known. All of it is kept
as one string of bytes beside the vector.
"""

from __future__ import annotations

import re
import struct
import unicodedata
import zlib
from array import array
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from memoryos_server.text.query_words import query_words
from memoryos_server.text.stemming import stem
from memoryos_server.text.temporal_expressions import asks_when, date_of, dates_in, says_when

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from memoryos_server.model.records import Memory

__all__ = [
    "ASKS",
    "NO_THREAD",
    "SAYS_WHEN",
    "QueryCues",
    "cues",
    "parsed",
    "query_cues",
    "terms_of",
]

NO_THREAD = 0
"""The thread of a memory that is no line of a conversation."""

_VERSION = 2
_HEADER = struct.Struct("<Iq")
_HEADER_SIZE = _HEADER.size
_unpacked_header = _HEADER.unpack_from
_TERM_SIZE = 4
_CONVERSATION = "conversation"
_WORD = re.compile(r"\w+")
_SPEAKER = re.compile(r"\s*([^\W\d_][\w.'’-]{0,31}(?: [\w.'’-]{1,32}){0,2}):\s")  # noqa: RUF001
_MAX_ASKED_NAMES = 64

# The names, in metadata, of what lines of one conversation have in common. `sessionId`,
# `session_id` and `session` are the same name.
_THREAD_NAMES = frozenset(
    [
        "session",
        "conversation",
        "thread",
        "chat",
        "channel",
        "dialog",
        "dialogue",
        "meeting",
        "room",
    ]
)
_NOT_A_LETTER = re.compile(r"[\W\d_]+")


def _term(text: str) -> int:
    """Return the 32 bits that stand for a word, or for another sign of one text."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


ASKS = _term("?")
"""The term of a line that ends with a question mark. No word has it."""

SAYS_WHEN = _term("@when")
"""The term of a text that says a time. No word has it."""


class QueryCues(NamedTuple):
    """What a query says besides its meaning.

    Attributes:
        words: the terms of its telling words, each once.
        speakers: the terms that lines spoken by somebody it names have.
        texts: the words themselves, in the order of their terms.
        months: the terms of memories of the months it names.
        date_parts: those of the days and years that it names with them.
        asks_when: whether it asks for a time.
    """

    words: tuple[int, ...]
    speakers: tuple[int, ...]
    texts: tuple[str, ...] = ()
    months: tuple[int, ...] = ()
    date_parts: tuple[int, ...] = ()
    asks_when: bool = False


def cues(memory: Memory) -> bytes:
    """Return what `memory` can be found by, as it is stored."""
    words = {*_terms(memory.content), *_signs_of_time(memory)}
    thread = NO_THREAD
    if memory.content_type == _CONVERSATION:
        thread = _thread(memory)
        words.update(_signs_of_a_line(memory.content))
    terms = array("I", sorted(words))
    return _HEADER.pack(_VERSION, thread) + _little_endian(terms)


def terms_of(content: str) -> bytes:
    """Return the terms of a text that stands alone, as little-endian 32-bit numbers."""
    return _little_endian(array("I", sorted(set(_terms(content)))))


def parsed(stored: bytes) -> tuple[int, bytes] | None:
    """Return the thread, and the terms as little-endian 32-bit numbers.

    None where another version of this module wrote `stored`: then they are to be made anew.

    Raises:
        ValueError: `stored` is damaged.
    """
    if len(stored) < _HEADER_SIZE or len(stored) % _TERM_SIZE:
        raise ValueError("not the cues of a memory")
    version, thread = _unpacked_header(stored)
    return (thread, stored[_HEADER_SIZE:]) if version == _VERSION else None


def query_cues(query: str | None) -> QueryCues:
    """Return the cues in a query; there are none in None."""
    if query is None:
        return QueryCues((), ())
    words: dict[int, str] = {}
    for word in query_words(_folded(query)):
        words.setdefault(_term(stem(word)), word)
    names = dict.fromkeys(_WORD.findall(_folded(query)))
    speakers = tuple(_term(f"{name}:") for name in names)[:_MAX_ASKED_NAMES]
    months, parts = (tuple(map(_sign, signs)) for signs in dates_in(query))
    return QueryCues(tuple(words), speakers, tuple(words.values()), months, parts, asks_when(query))


def _terms(content: str) -> Iterable[int]:
    return (_term(stem(word)) for word in set(_WORD.findall(_folded(content))))


def _signs_of_time(memory: Memory) -> Iterable[int]:
    dates = date_of(memory.metadata)
    if not dates.months and memory.content_type == _CONVERSATION:
        dates = dates_in(memory.created_at.date().isoformat())
    for signs in dates:
        yield from map(_sign, signs)
    if says_when(memory.content):
        yield SAYS_WHEN


def _sign(text: str) -> int:
    return _term(f"@{text}")


def _signs_of_a_line(content: str) -> Iterable[int]:
    speaker = _SPEAKER.match(content)
    if speaker is not None:
        yield from (_term(f"{name}:") for name in _WORD.findall(_folded(speaker[1])))
    if content.rstrip().endswith("?"):
        yield ASKS


def _thread(memory: Memory) -> int:
    """Return a number that lines of the same conversation share, and no others."""
    shared = [f"{name}={memory.metadata[name]!r}" for name in _thread_names(memory.metadata)]
    origin = [memory.parent_memory_id, memory.source_id, *sorted(shared)]
    digest = blake2b(repr(origin).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True) or 1


def _thread_names(metadata: Mapping[str, object]) -> list[str]:
    return [name for name in metadata if _bare(name) in _THREAD_NAMES]


def _bare(name: str) -> str:
    return _NOT_A_LETTER.sub("", name).casefold().removesuffix("id")


def _folded(text: str) -> str:
    """Return `text` without regard to case and accents."""
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return unicodedata.normalize("NFC", bare)


def _little_endian(terms: array[int]) -> bytes:
    import sys

    if sys.byteorder == "big":
        terms.byteswap()
    return terms.tobytes()
