"""Some of an owner's memories, as the scoring of the index in memory takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from memoryos_server.search.conversations import Conversations
from memoryos_server.search.postings import Postings
from memoryos_server.search.terms import QUESTION_TERM, TERM_BYTES, split_lengths
from memoryos_server.stores.row_mapper import DamagedValueError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from memoryos_server.search.feature_scores import AnalyzedQuery

__all__ = ["CandidateSet", "Columns"]


class Columns(NamedTuple):
    """What a search reads of memories: a column each, with the values in PostgreSQL's binary form.

    Attributes:
        numbers: Numbers of the memories, 64-bit.
        cosines: Cosine of the query's vector and each memory's, 64-bit floating point.
        conversations: Equal for lines of one conversation, 64-bit; 0 for no conversation.
        created: Times of creation in microseconds since 1970, 64-bit.
        sizes: Length of each memory's terms in bytes, 32-bit.
        terms: Terms of all memories, each behind the number of words, as little-endian 32-bit
            numbers.
    """

    numbers: bytes = b""
    cosines: bytes = b""
    conversations: bytes = b""
    created: bytes = b""
    sizes: bytes = b""
    terms: bytes = b""

    def joined(self, others: Columns) -> Columns:
        """Return the columns of these memories and of others."""
        return Columns(*(one + other for one, other in zip(self, others, strict=True)))


class CandidateSet:
    """The memories, one row for each, as far as one query is concerned.

    Args:
        columns: the memories.
        query: what is looked for; terms that it does not ask for are left out.
    """

    def __init__(self, columns: Columns, query: AnalyzedQuery) -> None:
        self.numbers = _integers(columns.numbers)
        self.postings = Postings()
        self.conversations = Conversations()
        self._cosines: NDArray[np.float32] = np.frombuffer(columns.cosines, ">f8").astype("f4")
        self._add_terms(columns, query)
        self.conversations.extend(
            _integers(columns.conversations), self.numbers, _integers(columns.created)
        )

    def __len__(self) -> int:
        return len(self.numbers)

    def cosines(self, query: NDArray[np.float32]) -> NDArray[np.float32]:  # noqa: ARG002 - is known
        """Return the cosine of the query and each row."""
        return self._cosines

    def exact_cosines(
        self,
        query: NDArray[np.float32],  # noqa: ARG002 - is known
        rows: NDArray[np.integer],
    ) -> NDArray[np.float32]:
        """Return the cosine of the query and each of `rows`."""
        chosen: NDArray[np.float32] = self._cosines[rows]
        return chosen

    def _add_terms(self, columns: Columns, query: AnalyzedQuery) -> None:
        asked = np.array(sorted(_asked(query)), np.uint32)
        counts = np.frombuffer(columns.sizes, ">i4") // TERM_BYTES
        try:
            self.lengths, terms = split_lengths(np.frombuffer(columns.terms, "<u4"), counts)
            rows = np.arange(len(counts), dtype=np.int32)
            rows = np.repeat(rows, np.maximum(counts - 1, 0))
            positions = np.minimum(np.searchsorted(asked, terms), len(asked) - 1)
            is_asked = asked[positions] == terms
            self.postings.add(terms[is_asked], rows[is_asked])
        except (IndexError, ValueError) as error:  # terms of an invalid length
            raise DamagedValueError from error


def _integers(column: bytes) -> NDArray[np.int64]:
    return np.frombuffer(column, ">i8").astype(np.int64)


def _asked(query: AnalyzedQuery) -> set[int]:
    terms = query.terms
    words = (*terms.words, *terms.functional)
    return {
        *(word.term for word in words),
        *(term for word in words for term in word.frequency_terms),
        *terms.grams,
        *terms.speakers,
        *terms.months,
        *terms.date_parts,
        *terms.times,
        QUESTION_TERM,
    }
