"""Some of an owner's memories, as the scoring of the index in memory takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from memoryos_server.search.conversations import Conversations
from memoryos_server.search.postings import Postings
from memoryos_server.search.text_analysis import QUESTION_TERM, TERM_BYTES, TIME_TERM
from memoryos_server.stores.row_mapper import DamagedValueError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from memoryos_server.search.feature_scores import AnalyzedQuery

__all__ = ["Candidate", "CandidateSet"]


class Candidate(NamedTuple):
    """What a search reads of one memory.

    Attributes:
        number: the memory's.
        cosine: of the query's vector and the memory's.
        conversation: equal for lines of one conversation; 0 for what is none.
        created: when, in microseconds since 1970.
        terms: what it is found by, as little-endian 32-bit numbers.
    """

    number: int
    cosine: float
    conversation: int
    created: int
    terms: bytes


class CandidateSet:
    """The memories, one row for each, as far as one query is concerned.

    Args:
        lines: the memories.
        query: what is looked for; terms that it does not ask for are left out.
    """

    def __init__(self, lines: Sequence[Candidate], query: AnalyzedQuery) -> None:
        self.numbers: NDArray[np.int64] = np.array([line.number for line in lines], np.int64)
        self.postings = Postings()
        self.conversations = Conversations()
        self._cosines: NDArray[np.float32] = np.array([line.cosine for line in lines], np.float32)
        self._add_terms(lines, query)
        self.conversations.extend(
            np.array([line.conversation for line in lines], np.int64),
            self.numbers,
            np.array([line.created for line in lines], np.int64),
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

    def _add_terms(self, lines: Sequence[Candidate], query: AnalyzedQuery) -> None:
        asked = np.array(sorted(_asked(query)), np.uint32)
        counts = [len(line.terms) // TERM_BYTES for line in lines]
        try:
            terms = np.frombuffer(b"".join(line.terms for line in lines), dtype="<u4")
            rows = np.repeat(np.arange(len(lines), dtype=np.int32), counts)
            positions = np.minimum(np.searchsorted(asked, terms), len(asked) - 1)
            is_asked = asked[positions] == terms
            self.postings.add(terms[is_asked], rows[is_asked])
        except (IndexError, ValueError) as error:  # terms of an invalid length
            raise DamagedValueError from error


def _asked(query: AnalyzedQuery) -> set[int]:
    return {
        *query.words,
        *query.speakers,
        *query.months,
        *query.date_parts,
        QUESTION_TERM,
        TIME_TERM,
    }
