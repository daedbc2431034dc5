"""Some of an owner's memories, as the scoring of the index in memory takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from memoryos_server.search.conversations import Conversations
from memoryos_server.search.postings import Postings
from memoryos_server.search.text_analysis import QUESTION_TERM, TIME_TERM

from .columns import DamagedValueError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from memoryos_server.search.feature_scores import AnalyzedQuery

__all__ = ["Frame", "Line"]

_TERM_BYTES = 4


class Line(NamedTuple):
    """What a search reads of one memory.

    Attributes:
        number: the memory's.
        cosine: of the query's vector and the memory's.
        thread: equal for lines of one conversation; 0 for what is none.
        created: when, in microseconds since 1970.
        terms: what it is found by, as little-endian 32-bit numbers.
    """

    number: int
    cosine: float
    thread: int
    created: int
    terms: bytes


class Frame:
    """The memories, one row for each, as far as one query is concerned.

    Args:
        lines: the memories.
        probe: what is looked for; terms that it does not ask for are left out.
    """

    def __init__(self, lines: Sequence[Line], probe: AnalyzedQuery) -> None:
        self.numbers: NDArray[np.int64] = np.array([line.number for line in lines], np.int64)
        self.postings = Postings()
        self.threads = Conversations()
        self._cosines: NDArray[np.float32] = np.array([line.cosine for line in lines], np.float32)
        self._add_terms(lines, probe)
        self.threads.extend(
            np.array([line.thread for line in lines], np.int64),
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

    def _add_terms(self, lines: Sequence[Line], probe: AnalyzedQuery) -> None:
        asked = np.array(sorted(_asked(probe)), np.uint32)
        counts = [len(line.terms) // _TERM_BYTES for line in lines]
        try:
            terms = np.frombuffer(b"".join(line.terms for line in lines), dtype="<u4")
            rows = np.repeat(np.arange(len(lines), dtype=np.int32), counts)
            places = np.minimum(np.searchsorted(asked, terms), len(asked) - 1)
            is_asked = asked[places] == terms
            self.postings.add(terms[is_asked], rows[is_asked])
        except (IndexError, ValueError) as error:  # lengths that no cues have
            raise DamagedValueError from error


def _asked(probe: AnalyzedQuery) -> set[int]:
    return {
        *probe.words,
        *probe.speakers,
        *probe.months,
        *probe.date_parts,
        QUESTION_TERM,
        TIME_TERM,
    }
