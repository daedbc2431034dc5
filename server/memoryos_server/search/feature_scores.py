"""What speaks for the rows of an index, given a query; see `memoryos_server.search.features`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from .conversations import walk
from .features import COSINE_WINDOW, FEATURES, NEIGHBOUR_DECAY, WEIGHTS, WORD_WINDOW, idf
from .neighbour_scores import neighbour_scores
from .text_analysis import QUESTION_TERM, TIME_TERM

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from .conversations import Conversations
    from .index.postings import Postings

    Rows = NDArray[np.intp]

__all__ = ["AnalyzedQuery", "Counts", "FeatureScorer", "Scored"]

_, WORD_WEIGHT, SPEAKER_WEIGHT, _, _, TIME_WEIGHT = WEIGHTS
_FADED_WORDS = NEIGHBOUR_DECAY ** np.arange(1, WORD_WINDOW + 1, dtype=np.float32)
_FADED_COSINES = NEIGHBOUR_DECAY ** np.arange(1, COSINE_WINDOW + 1, dtype=np.float32)


class AnalyzedQuery(NamedTuple):
    """What is looked for.

    Attributes:
        vector: of unit length.
        words: the terms of the query's words.
        speakers: the terms that lines spoken by somebody it names have.
        texts: the query's words themselves, in the order of their terms.
        months: the terms of memories of the months that are asked about.
        date_parts: those of the days and years that are named with them.
        asks_for_time: whether a time is asked for.
    """

    vector: NDArray[np.float32]
    words: Sequence[int] = ()
    speakers: Sequence[int] = ()
    texts: Sequence[str] = ()
    months: Sequence[int] = ()
    date_parts: Sequence[int] = ()
    asks_for_time: bool = False


class Counts(NamedTuple):
    """How many memories there are in all, and how many hold each of the query's words."""

    total: int
    holding: Sequence[int]


class Scored(Protocol):
    """What is scored: all memories of an owner, or some."""

    @property
    def postings(self) -> Postings:
        """Which rows hold which terms."""

    @property
    def conversations(self) -> Conversations:
        """Which rows follow one another."""

    def __len__(self) -> int:
        """Return how many rows there are."""

    def cosines(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the cosine of `query` and each row, or an estimate."""

    def exact_cosines(
        self, query: NDArray[np.float32], rows: NDArray[np.integer]
    ) -> NDArray[np.float32]:
        """Return the cosine of `query` and each of `rows`."""


class FeatureScorer:
    """The signs for each row: first those of its own, for all; then those around, for some.

    Args:
        candidates: the rows.
        probe: what is looked for.
        hidden: rows that count for nothing, not even for their neighbours; None for none.
        counts: of all the owner's memories, where the rows are only some of them.
    """

    def __init__(
        self,
        candidates: Scored,
        probe: AnalyzedQuery,
        hidden: NDArray[np.bool_] | None,
        counts: Counts | None = None,
    ) -> None:
        self._rows = candidates
        self._vector = probe.vector
        self._hidden = hidden
        # One place more than there are rows: `conversations.NONE` leads to it; nothing is there.
        self._cosines = np.zeros(len(candidates) + 1, np.float32)
        self._cosines[:-1] = candidates.cosines(probe.vector)
        if hidden is not None:
            self._cosines[:-1][hidden] = 0
        total = len(candidates) if hidden is None else int(np.count_nonzero(~hidden))
        held = [self._seen(candidates.postings.rows(term)) for term in probe.words]
        known = counts or Counts(total, [len(rows) for rows in held])
        rarities = [idf(holding, known.total) for holding in known.holding]
        self._words = list(zip(rarities, held, strict=True))
        self.own_words = np.zeros(len(candidates), np.float32)
        for telling, rows in self._words:
            self.own_words[rows] += telling
        self._speaks = self._marked(map(candidates.postings.rows, probe.speakers))
        self._times = self._timely(probe)

    @property
    def all_words(self) -> float:
        """What all words of the query together tell."""
        return sum(telling for telling, _ in self._words)

    def own(self) -> NDArray[np.float32]:
        """Return the evidence of every row by itself."""
        own: NDArray[np.float32] = self._cosines[:-1] + np.float32(WORD_WEIGHT) * self.own_words
        own[self._speaks[:-1]] += SPEAKER_WEIGHT
        if self._times is not None:
            own += np.float32(TIME_WEIGHT) * self._times
        return own

    def everywhere(self) -> NDArray[np.float32]:
        """Return the evidence of every row, with what the lines around it add."""
        evidence = self.own()
        conversations = self._rows.conversations
        if conversations.exist:
            asks = self._marked([self._rows.postings.rows(QUESTION_TERM)])
            lines = conversations.lines
            evidence[lines.order] += neighbour_scores(lines, self._words, self._cosines, asks)
            if len(conversations.moved):
                moved = self.around(conversations.moved)
                evidence[moved] = self.features(moved) @ np.array(WEIGHTS)
        return evidence

    def compare(self, rows: Rows) -> None:
        """Compute the cosines of these rows in full, where they were only estimated."""
        seen = self._seen(rows)
        self._cosines[seen] = self._rows.exact_cosines(self._vector, seen)

    def features(self, rows: Rows) -> NDArray[np.float32]:
        """Return a matrix: one row for each of `rows`, one column for each of `FEATURES`."""
        features = np.zeros((len(rows), len(FEATURES)), np.float32)
        features[:, 0] = self._cosines[rows]
        features[:, 1] = self.own_words[rows]
        features[:, 2] = self._speaks[rows]
        if self._rows.conversations.exist:
            steps = self._steps(rows, WORD_WINDOW)
            features[:, 1] = self._words_around(rows, steps)
            cosines = self._cosines[steps[:, :COSINE_WINDOW]].sum(axis=0)
            features[:, 3] = _FADED_COSINES @ cosines
            asks = self._marked([self._rows.postings.rows(QUESTION_TERM)])
            before = steps[0, 0]
            features[:, 4] = asks[before] * self._cosines[before]
        if self._times is not None:
            features[:, 5] = self._times[rows]
        return features

    def around(self, rows: Rows) -> Rows:
        """Return these rows, and all those that they may count for."""
        near = self._marked([rows, self._steps(rows, WORD_WINDOW)])
        return np.flatnonzero(near[:-1])

    def _timely(self, probe: AnalyzedQuery) -> NDArray[np.float32] | None:
        """Return how far each row's time is what is asked about; None where that is no time."""
        if not (probe.months or probe.asks_for_time):
            return None
        postings = self._rows.postings
        in_month = self._marked(map(postings.rows, probe.months))[:-1]
        times = in_month.astype(np.float32)
        for part in probe.date_parts:
            rows = postings.rows(part)
            times[rows] += in_month[rows]
        if probe.asks_for_time:
            times[postings.rows(TIME_TERM)] += 1
        return times

    def _words_around(self, rows: Rows, steps: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return what the words tell that rows hold, or rows around them, fading with distance."""
        told = np.zeros(len(rows), np.float32)
        for telling, holding in self._words:
            holds = self._marked([holding])
            nearest = holds[rows].astype(np.float32)
            around = holds[steps].any(axis=0) * _FADED_WORDS[:, np.newaxis]
            told += telling * np.maximum(nearest, around.max(axis=0, initial=0))
        return told

    def _steps(self, rows: Rows, reach: int) -> NDArray[np.int32]:
        """Return the rows before and after, by direction and distance."""
        conversations = self._rows.conversations
        return np.stack(
            [walk(rows, step, reach) for step in (conversations.before, conversations.after)]
        )

    def _seen(self, rows: NDArray[np.integer]) -> NDArray[np.integer]:
        return rows if self._hidden is None else rows[~self._hidden[rows]]

    def _marked(self, groups: Iterable[NDArray[np.integer]]) -> NDArray[np.bool_]:
        marked = np.zeros(len(self._rows) + 1, np.bool_)
        for rows in groups:
            marked[rows] = True
        return marked
