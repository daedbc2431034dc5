"""Text analysis: the terms by which lexical and conversational features find a memory.

The terms of a text are its distinct stems, how often they occur, its date, and the kinds of time
that it mentions; in languages other than English also the parts of its words. Messages of a
conversation have terms for their speaker (`Ada: …`) and for questions as well, and the number of
their conversation. Stores keep all of this as bytes next to the vector.
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from typing import TYPE_CHECKING

from memoryos_server.text.languages import language_of
from memoryos_server.text.metadata_dates import metadata_date
from memoryos_server.text.stemming import has_stem, stem
from memoryos_server.text.temporal_expressions import extract_dates
from memoryos_server.text.time_mentions import time_kinds
from memoryos_server.text.words import grams_of, words_in

from .conversation_ids import NO_CONVERSATION, conversation_id
from .terms import (
    FREQUENCIES,
    QUESTION_TERM,
    TERM_BYTES,
    date_term,
    frequency_term,
    gram_term,
    packed,
    speaker_term,
    time_term,
    word_term,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from memoryos_server.model.records import Memory

__all__ = ["analyze_memory", "parse_analysis", "stems_of"]

MAX_STEMMED_WORDS = 10_000
"""Number of distinct words of a memory that are stemmed; further ones are kept as they are.

Stemming is slow, and no ordinary text of the maximum size has as many words.
"""

MAX_WORDS_WITH_GRAMS = 5_000
"""Number of distinct words of a memory whose parts are terms."""

_FORMAT_VERSION = 3
_HEADER = struct.Struct("<Iq")
_HEADER_SIZE = _HEADER.size
_unpacked_header = _HEADER.unpack_from
_CONVERSATION = "conversation"
_SPEAKER = re.compile(r"\s*([^\W\d_][\w.'’-]{0,31}(?: [\w.'’-]{1,32}){0,2}):\s")  # noqa: RUF001
_QUESTION_MARKS = ("?", "？", "؟", "՞", ";")  # noqa: RUF001
_ENGLISH = "en"


def analyze_memory(memory: Memory) -> bytes:
    """Return the encoded analysis of a memory, as the stores keep it."""
    words = words_in(memory.content)
    terms = {*_word_terms(words), *_gram_terms(memory.content, words), *_time_terms(memory)}
    conversation = NO_CONVERSATION
    if memory.content_type == _CONVERSATION:
        conversation = conversation_id(memory)
        terms.update(_message_terms(memory.content))
    return _HEADER.pack(_FORMAT_VERSION, conversation) + packed([len(words), *sorted(terms)])


def stems_of(words: Iterable[str]) -> Counter[str]:
    """Return how often each stem occurs among words."""
    stems: Counter[str] = Counter()
    remaining = MAX_STEMMED_WORDS
    for word, count in Counter(words).items():
        is_stemmed = remaining > 0 and has_stem(word)
        remaining -= is_stemmed
        stems[stem(word) if is_stemmed else word] += count
    return stems


def parse_analysis(stored: bytes) -> tuple[int, bytes] | None:
    """Decode a stored analysis.

    Returns:
        The conversation number and the terms as little-endian 32-bit numbers, behind the number of
        words of the text. None if another version of this module encoded it, so that the memory
        must be analyzed again.

    Raises:
        ValueError: `stored` is damaged.
    """
    if len(stored) < _HEADER_SIZE or len(stored) % TERM_BYTES:
        raise ValueError("not the analysis of a memory")
    version, conversation = _unpacked_header(stored)
    return (conversation, stored[_HEADER_SIZE:]) if version == _FORMAT_VERSION else None


def _word_terms(words: Iterable[str]) -> Iterator[int]:
    for one, count in stems_of(words).items():
        yield word_term(one)
        yield from (frequency_term(one, least) for least in FREQUENCIES if count >= least)


def _gram_terms(content: str, words: Iterable[str]) -> Iterator[int]:
    if language_of(content) == _ENGLISH:
        return
    for word in list(dict.fromkeys(words))[:MAX_WORDS_WITH_GRAMS]:
        yield from map(gram_term, grams_of(word))


def _time_terms(memory: Memory) -> Iterator[int]:
    dates = metadata_date(memory.metadata)
    if not dates.months and memory.content_type == _CONVERSATION:
        dates = extract_dates(memory.created_at.date().isoformat())
    for labels in dates:
        yield from map(date_term, labels)
    yield from map(time_term, time_kinds(memory.content))


def _message_terms(content: str) -> Iterator[int]:
    speaker = _SPEAKER.match(content)
    if speaker is not None:
        yield from map(speaker_term, words_in(speaker[1]))
    if content.rstrip().endswith(_QUESTION_MARKS):
        yield QUESTION_TERM
