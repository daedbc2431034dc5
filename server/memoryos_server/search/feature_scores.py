"""What speaks for the rows of a shelf, given a query; see `memoryos_server.search.features`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from .conversations import walk
from .features import COSINE_REACH, FADING, FEATURES, WEIGHTS, WORD_REACH, rarity
from .neighbour_scores import surroundings
from .text_analysis import ASKS, SAYS_WHEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from .conversations import Threads
    from .index.postings import Postings

    Rows = NDArray[np.intp]

__all__ = ["Counts", "Probe", "Scored", "Scoring"]

_, WORD_WEIGHT, SPEAKER_WEIGHT, _, _, TIME_WEIGHT = WEIGHTS
_FADED_WORDS = FADING ** np.arange(1, WORD_REACH + 1, dtype=np.float32)
_FADED_COSINES = FADING ** np.arange(1, COSINE_REACH + 1, dtype=np.float32)


class Probe(NamedTuple):
    """What is looked for.

    Attributes:
        vector: of unit length.
        words: the terms of the query's words.
        speakers: the terms that lines spoken by somebody it names have.
        texts: the query's words themselves, in the order of their terms.
        months: the terms of memories of the months that are asked about.
        date_parts: those of the days and years that are named with them.
        asks_when: whether a time is asked for.
    """

    vector: NDArray[np.float32]
    words: Sequence[int] = ()
    speakers: Sequence[int] = ()
    texts: Sequence[str] = ()
    months: Sequence[int] = ()
    date_parts: Sequence[int] = ()
    asks_when: bool = False


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
    def threads(self) -> Threads:
        """Which rows follow one another."""

    def __len__(self) -> int:
        """Return how many rows there are."""

    def cosines(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the cosine of `query` and each row, or an estimate."""

    def exact_cosines(
        self, query: NDArray[np.float32], rows: NDArray[np.integer]
    ) -> NDArray[np.float32]:
        """Return the cosine of `query` and each of `rows`."""


class Scoring:
    """The signs for each row: first those of its own, for all; then those around, for some.

    Args:
        shelf: the rows.
        probe: what is looked for.
        hidden: rows that count for nothing, not even for their neighbours; None for none.
        counts: of all the owner's memories, where the rows are only some of them.
    """

    def __init__(
        self,
        shelf: Scored,
        probe: Probe,
        hidden: NDArray[np.bool_] | None,
        counts: Counts | None = None,
    ) -> None:
        self._shelf = shelf
        self._vector = probe.vector
        self._hidden = hidden
        # One place more than there are rows: `threads.NONE` leads to it, and nothing is there.
        self._cosines = np.zeros(len(shelf) + 1, np.float32)
        self._cosines[:-1] = shelf.cosines(probe.vector)
        if hidden is not None:
            self._cosines[:-1][hidden] = 0
        total = len(shelf) if hidden is None else int(np.count_nonzero(~hidden))
        held = [self._seen(shelf.postings.rows(term)) for term in probe.words]
        known = counts or Counts(total, [len(rows) for rows in held])
        rarities = [rarity(holding, known.total) for holding in known.holding]
        self._words = list(zip(rarities, held, strict=True))
        self.own_words = np.zeros(len(shelf), np.float32)
        for telling, rows in self._words:
            self.own_words[rows] += telling
        self._speaks = self._marked(map(shelf.postings.rows, probe.speakers))
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
        threads = self._shelf.threads
        if threads.exist:
            asks = self._marked([self._shelf.postings.rows(ASKS)])
            lines = threads.lines
            evidence[lines.order] += surroundings(lines, self._words, self._cosines, asks)
            if len(threads.moved):
                moved = self.around(threads.moved)
                evidence[moved] = self.features(moved) @ np.array(WEIGHTS)
        return evidence

    def compare(self, rows: Rows) -> None:
        """Compute the cosines of these rows in full, where they were only estimated."""
        seen = self._seen(rows)
        self._cosines[seen] = self._shelf.exact_cosines(self._vector, seen)

    def features(self, rows: Rows) -> NDArray[np.float32]:
        """Return a matrix: one row for each of `rows`, one column for each of `FEATURES`."""
        features = np.zeros((len(rows), len(FEATURES)), np.float32)
        features[:, 0] = self._cosines[rows]
        features[:, 1] = self.own_words[rows]
        features[:, 2] = self._speaks[rows]
        if self._shelf.threads.exist:
            steps = self._steps(rows, WORD_REACH)
            features[:, 1] = self._words_around(rows, steps)
            cosines = self._cosines[steps[:, :COSINE_REACH]].sum(axis=0)
            features[:, 3] = _FADED_COSINES @ cosines
            asks = self._marked([self._shelf.postings.rows(ASKS)])
            before = steps[0, 0]
            features[:, 4] = asks[before] * self._cosines[before]
        if self._times is not None:
            features[:, 5] = self._times[rows]
        return features

    def around(self, rows: Rows) -> Rows:
        """Return these rows, and all those that they may count for."""
        near = self._marked([rows, self._steps(rows, WORD_REACH)])
        return np.flatnonzero(near[:-1])

    def _timely(self, probe: Probe) -> NDArray[np.float32] | None:
        """Return how far each row's time is what is asked about; None where that is no time."""
        if not (probe.months or probe.asks_when):
            return None
        postings = self._shelf.postings
        in_month = self._marked(map(postings.rows, probe.months))[:-1]
        times = in_month.astype(np.float32)
        for part in probe.date_parts:
            rows = postings.rows(part)
            times[rows] += in_month[rows]
        if probe.asks_when:
            times[postings.rows(SAYS_WHEN)] += 1
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
        threads = self._shelf.threads
        return np.stack([walk(rows, step, reach) for step in (threads.before, threads.after)])

    def _seen(self, rows: NDArray[np.integer]) -> NDArray[np.integer]:
        return rows if self._hidden is None else rows[~self._hidden[rows]]

    def _marked(self, groups: Iterable[NDArray[np.integer]]) -> NDArray[np.bool_]:
        marked = np.zeros(len(self._shelf) + 1, np.bool_)
        for rows in groups:
            marked[rows] = True
        return marked
