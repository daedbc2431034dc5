"""Feature scores of memories for a query; see `memoryos_server.search.features`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from .conversations import neighbour_rows
from .features import COSINE_WINDOW, FEATURE_WEIGHTS, FEATURES, NEIGHBOUR_DECAY, WORD_WINDOW, idf
from .neighbour_scores import neighbour_scores
from .text_analysis import QUESTION_TERM, TIME_TERM

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from .conversations import Conversations
    from .postings import Postings

    Rows = NDArray[np.intp]

__all__ = ["AnalyzedQuery", "FeatureScorer", "RowSource", "TermStatistics"]

_, WORD_WEIGHT, SPEAKER_WEIGHT, _, _, TIME_WEIGHT = FEATURE_WEIGHTS
_WORD_DECAY = NEIGHBOUR_DECAY ** np.arange(1, WORD_WINDOW + 1, dtype=np.float32)
_COSINE_DECAY = NEIGHBOUR_DECAY ** np.arange(1, COSINE_WINDOW + 1, dtype=np.float32)


class AnalyzedQuery(NamedTuple):
    """An analyzed query.

    Attributes:
        vector: Embedding of the query, of unit length.
        words: Terms of the query's words.
        speakers: Terms of messages by speakers whose name occurs in the query.
        texts: The query's words, in the order of their terms.
        months: Terms of the months in the query.
        date_parts: Terms of the days and years of these months.
        asks_for_time: Whether the query asks for a time.
    """

    vector: NDArray[np.float32]
    words: Sequence[int] = ()
    speakers: Sequence[int] = ()
    texts: Sequence[str] = ()
    months: Sequence[int] = ()
    date_parts: Sequence[int] = ()
    asks_for_time: bool = False


class TermStatistics(NamedTuple):
    """Number of memories, and number of memories that contain each word of the query."""

    memory_count: int
    document_frequencies: Sequence[int]


class RowSource(Protocol):
    """The memories to score: all or some of an owner's."""

    @property
    def postings(self) -> Postings:
        """The rows that contain each term."""

    @property
    def conversations(self) -> Conversations:
        """The conversations of the rows."""

    def __len__(self) -> int:
        """Return the number of rows."""

    def cosines(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the cosine of `query` and each row, possibly approximate."""

    def exact_cosines(
        self, query: NDArray[np.float32], rows: NDArray[np.integer]
    ) -> NDArray[np.float32]:
        """Return the exact cosine of `query` and each of `rows`."""


class FeatureScorer:
    """Computes the features of rows for a query.

    Args:
        source: The rows.
        query: The query.
        hidden: Mask of rows to ignore, also as neighbours, or None.
        statistics: Term statistics of all memories of the owner, if the rows are only some of them.
        related: Mask of the rows that count as neighbours of each other, or None if all do.
    """

    def __init__(
        self,
        source: RowSource,
        query: AnalyzedQuery,
        hidden: NDArray[np.bool_] | None,
        statistics: TermStatistics | None = None,
        related: NDArray[np.bool_] | None = None,
    ) -> None:
        self._source = source
        conversations = source.conversations
        self._conversations = conversations if related is None else conversations.among(related)
        self._vector = query.vector
        self._hidden = hidden
        # The extra last element is 0: `NO_ROW` is the index -1.
        self._cosines = np.zeros(len(source) + 1, np.float32)
        self._cosines[:-1] = source.cosines(query.vector)
        if hidden is not None:
            self._cosines[:-1][hidden] = 0
        total = len(source) if hidden is None else int(np.count_nonzero(~hidden))
        matching_rows = [self._visible(source.postings.rows(term)) for term in query.words]
        known = statistics or TermStatistics(total, [len(rows) for rows in matching_rows])
        idfs = [idf(frequency, known.memory_count) for frequency in known.document_frequencies]
        self._words = list(zip(idfs, matching_rows, strict=True))
        self.word_scores = np.zeros(len(source), np.float32)
        for weight, rows in self._words:
            self.word_scores[rows] += weight
        self._is_speaker = self._mark(map(source.postings.rows, query.speakers))
        self._time_values = self._time_scores(query)

    @property
    def max_word_score(self) -> float:
        """Sum of the idf of all words of the query."""
        return sum(weight for weight, _ in self._words)

    def own_scores(self) -> NDArray[np.float32]:
        """Return the score of every row without its neighbours."""
        own: NDArray[np.float32] = self._cosines[:-1] + np.float32(WORD_WEIGHT) * self.word_scores
        own[self._is_speaker[:-1]] += SPEAKER_WEIGHT
        if self._time_values is not None:
            own += np.float32(TIME_WEIGHT) * self._time_values
        return own

    def all_scores(self) -> NDArray[np.float32]:
        """Return the score of every row, neighbours included."""
        scores = self.own_scores()
        conversations = self._conversations
        if conversations.has_any:
            asks = self._mark([self._source.postings.rows(QUESTION_TERM)])
            messages = conversations.messages
            scores[messages.rows] += neighbour_scores(messages, self._words, self._cosines, asks)
            if len(conversations.stale_rows):
                stale = self.affected_rows(conversations.stale_rows)
                scores[stale] = self.features(stale) @ np.array(FEATURE_WEIGHTS)
        return scores

    def compute_exact_cosines(self, rows: Rows) -> None:
        """Replace approximate cosines of these rows by exact ones."""
        seen = self._visible(rows)
        self._cosines[seen] = self._source.exact_cosines(self._vector, seen)

    def features(self, rows: Rows) -> NDArray[np.float32]:
        """Return a matrix with one row per row and one column per feature of `FEATURES`."""
        features = np.zeros((len(rows), len(FEATURES)), np.float32)
        features[:, 0] = self._cosines[rows]
        features[:, 1] = self.word_scores[rows]
        features[:, 2] = self._is_speaker[rows]
        if self._conversations.has_any:
            steps = self._steps(rows, WORD_WINDOW)
            features[:, 1] = self._neighbour_word_scores(rows, steps)
            cosines = self._cosines[steps[:, :COSINE_WINDOW]].sum(axis=0)
            features[:, 3] = _COSINE_DECAY @ cosines
            asks = self._mark([self._source.postings.rows(QUESTION_TERM)])
            before = steps[0, 0]
            features[:, 4] = asks[before] * self._cosines[before]
        if self._time_values is not None:
            features[:, 5] = self._time_values[rows]
        return features

    def affected_rows(self, rows: Rows) -> Rows:
        """Return these rows and all rows whose scores depend on them."""
        near = self._mark([rows, self._steps(rows, WORD_WINDOW)])
        return np.flatnonzero(near[:-1])

    def _time_scores(self, query: AnalyzedQuery) -> NDArray[np.float32] | None:
        """Return the time feature of each row, or None if the query doesn't refer to time."""
        if not (query.months or query.asks_for_time):
            return None
        postings = self._source.postings
        in_month = self._mark(map(postings.rows, query.months))[:-1]
        times = in_month.astype(np.float32)
        for part in query.date_parts:
            rows = postings.rows(part)
            times[rows] += in_month[rows]
        if query.asks_for_time:
            times[postings.rows(TIME_TERM)] += 1
        return times

    def _neighbour_word_scores(self, rows: Rows, steps: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the word feature of rows, neighbours included with decay by distance."""
        scores = np.zeros(len(rows), np.float32)
        for weight, holding in self._words:
            holds = self._mark([holding])
            nearest = holds[rows].astype(np.float32)
            around = holds[steps].any(axis=0) * _WORD_DECAY[:, np.newaxis]
            scores += weight * np.maximum(nearest, around.max(axis=0, initial=0))
        return scores

    def _steps(self, rows: Rows, reach: int) -> NDArray[np.int32]:
        """Return the rows before and after, by direction and distance."""
        conversations = self._conversations
        return np.stack(
            [
                neighbour_rows(rows, step, reach)
                for step in (conversations.before, conversations.after)
            ]
        )

    def _visible(self, rows: NDArray[np.integer]) -> NDArray[np.integer]:
        return rows if self._hidden is None else rows[~self._hidden[rows]]

    def _mark(self, groups: Iterable[NDArray[np.integer]]) -> NDArray[np.bool_]:
        marked = np.zeros(len(self._source) + 1, np.bool_)
        for rows in groups:
            marked[rows] = True
        return marked
