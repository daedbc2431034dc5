"""Features of memories for a query, and the evidence that they add up to; see `search.features`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from .conversations import NO_ROW
from .features import (
    COSINE_WINDOW,
    FEATURES,
    MAX_COSINE,
    NEIGHBOUR_DECAY,
    Reading,
    idf,
    weights,
)
from .neighbour_words import neighbour_words
from .terms import QUESTION_TERM

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from .conversations import Conversations
    from .postings import Postings
    from .query_analysis import QueryTerms, QueryWord

    Floats = NDArray[np.float32]
    Rows = NDArray[np.intp]

__all__ = ["AnalyzedQuery", "CosinePrior", "FeatureScorer", "RowSource", "TermStatistics"]

FUNCTIONAL_WEIGHT = 0.3
"""Weight of a function word of the query, as a share of its idf."""

FREQUENCY_SHARES = (0.6, 0.25, 0.15)
"""Share of a word's weight that a text has by containing it once, and more often: as in BM25."""

SHORT_TEXT_WORDS = 20
"""Number of words of a text of whose word matches half counts."""

RARITY_SCALE = 10.0
"""Sum of the idf of a query's words from which `rarity` equals `words`."""

PRIOR_MEMORIES = 20
"""Number of memories that the expected distribution of cosines counts as, for small stores."""

UNKNOWN_SPREAD = 0.13
"""Expected standard deviation of an unknown scale, as a share of what lies between mean and 1.

A direction that all vectors have in common raises every cosine, and leaves this share as it is.
"""

GRAM_CORRELATION = 2.4
"""Square root of the number of parts of a usual word: a text mostly contains all or none."""

MAX_ASSUMED = 2.0
"""By how many deviations an assumed mean may be below the lowest cosine."""

_MIN_ROOM = 0.02
_MIN_VARIANCE = 1e-3


class CosinePrior(NamedTuple):
    """Mean and standard deviation of the cosines of unrelated texts, as far as is known.

    `is_fitted` says whether they come from measured texts, and not from an assumed scale.
    """

    mean: float = 0.1
    deviation: float = 0.12
    is_fitted: bool = True


class AnalyzedQuery(NamedTuple):
    """An analyzed query.

    Attributes:
        vector: Embedding of the query, of unit length.
        terms: The terms of the query.
        reading: What the embedder makes of the query's language.
        prior: What cosines to expect.
    """

    vector: Floats
    terms: QueryTerms
    reading: Reading = "known"
    prior: CosinePrior = CosinePrior()


class TermStatistics(NamedTuple):
    """Statistics of all memories of an owner, if only some of them are scored.

    Attributes:
        memory_count: Their number.
        document_frequencies: Number of memories that contain each term of the query's words.
        average_length: Their average length in words, or None if it is unknown.
        cosines: Mean and standard deviation of their cosines, or None if these are unknown.
    """

    memory_count: int
    document_frequencies: dict[int, int]
    average_length: float | None = None
    cosines: CosinePrior | None = None


class RowSource(Protocol):
    """The memories to score: all or some of an owner's."""

    @property
    def postings(self) -> Postings:
        """The rows that contain each term."""

    @property
    def conversations(self) -> Conversations:
        """The conversations of the rows."""

    @property
    def lengths(self) -> NDArray[np.integer]:
        """The number of words of each row."""

    def __len__(self) -> int:
        """Return the number of rows."""

    def cosines(self, query: Floats) -> Floats:
        """Return the cosine of `query` and each row, possibly approximate."""

    def exact_cosines(self, query: Floats, rows: NDArray[np.integer]) -> Floats:
        """Return the exact cosine of `query` and each of `rows`."""


class FeatureScorer:
    """Computes the features of all rows for a query.

    Args:
        source: The rows.
        query: The query.
        hidden: Mask of rows to ignore, also as neighbours, or None.
        statistics: Statistics of all memories of the owner, if the rows are only some of them.
        related: Mask of the rows that count as neighbours of each other, or None if all do.

    Attributes:
        cosines: The cosine of each row, possibly approximate.
        held: The share (0 to 1) of the query's words that each row contains, weighted by idf.
        evidence: The weighted sum of the features of each row.
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
        self._query = query
        self._hidden = hidden
        self._size = len(source)
        conversations = source.conversations
        self._conversations = conversations if related is None else conversations.among(related)
        self._weights = weights(query.reading)
        self._visible_count = self._size - (0 if hidden is None else int(hidden.sum()))
        self._statistics = statistics or TermStatistics(self._visible_count, {})
        self._columns: dict[str, Floats] = {}
        self.cosines = self._visible_values(source.cosines(query.vector))
        self._distribution = self._cosine_distribution()
        self._columns["cosine"] = self._standardized(self.cosines)
        self._length_shares, self._length_norms = self._length_factors()
        words = [self._weighted_rows(word) for word in query.terms.words]
        self.held = self._add_words(words)
        self._add_chance(words)
        self._add_times()
        self._messages = np.flatnonzero(self._conversations.is_message)
        if len(self._messages):
            self._add_conversations(words)
        self.evidence = self._weighted_sum()

    @property
    def mean_cosine(self) -> float:
        """The mean cosine of the query and all memories, estimated where they are few."""
        return self._distribution.mean

    def features(self, rows: Rows) -> Floats:
        """Return a matrix with one row per row and one column per feature of `FEATURES`."""
        matrix = np.zeros((len(rows), len(FEATURES)), np.float32)
        for number, name in enumerate(FEATURES):
            if name in self._columns:
                matrix[:, number] = self._columns[name][rows]
        return matrix

    def weights(self, rows: Rows) -> NDArray[np.float64]:
        """Return the weights of the features of each row, in the same form as `features`."""
        is_message = self._conversations.is_message[rows]
        kinds = np.array([self._weights.memory, self._weights.message])
        chosen: NDArray[np.float64] = kinds[is_message.astype(np.intp)]
        return chosen

    def compute_exact_cosines(self, rows: Rows) -> None:
        """Replace approximate cosines of these rows by exact ones, and their evidence."""
        seen = rows if self._hidden is None else rows[~self._hidden[rows]]
        before = self._columns["cosine"][seen]
        self.cosines[seen] = self._source.exact_cosines(self._query.vector, seen)
        exact = self._standardized(self.cosines[seen])
        self._columns["cosine"][seen] = exact
        weight = self.weights(seen)[:, FEATURES.index("cosine")]
        self.evidence[seen] += (weight * (exact - before)).astype(np.float32)

    def _weighted_sum(self) -> Floats:
        evidence = np.zeros(self._size, np.float32)
        is_message = self._conversations.is_message
        for name, of_memory, of_message in zip(FEATURES, *self._weights, strict=True):
            column = self._columns.get(name)
            if column is not None and (of_memory or of_message):
                if of_memory == of_message or not len(self._messages):
                    evidence += np.float32(of_memory) * column
                else:
                    scale = np.where(is_message, np.float32(of_message), np.float32(of_memory))
                    evidence += scale * column
        return evidence

    def _cosine_distribution(self) -> CosinePrior:
        """Return the mean and deviation of all cosines; of few, these are estimates."""
        known, count = self._statistics.cosines, self._visible_count
        if known is None:
            total = float(self.cosines.sum(dtype=np.float64))
            squares = float(np.square(self.cosines, dtype=np.float64).sum())
            mean = total / max(count, 1)
            known = CosinePrior(mean, math.sqrt(max(squares / max(count, 1) - mean * mean, 0.0)))
        else:
            count = self._statistics.memory_count
        prior = self._query.prior
        if not prior.is_fitted:
            prior = self._scale_of_rows(known.mean)
        share = count / (count + PRIOR_MEMORIES)
        mean = share * known.mean + (1 - share) * prior.mean
        variance = share * known.deviation**2 + (1 - share) * prior.deviation**2
        if prior.is_fitted:
            variance += share * (1 - share) * (known.mean - prior.mean) ** 2
        return CosinePrior(mean, math.sqrt(max(variance, 1e-6)))

    def _scale_of_rows(self, mean: float) -> CosinePrior:
        """Return what cosines to expect on an unknown scale: about as much as the lowest one.

        The assumed mean is believed if it is only a little lower.
        """
        seen = self.cosines if self._hidden is None else self.cosines[~self._hidden]
        lowest = float(seen.min(initial=mean))
        deviation = UNKNOWN_SPREAD * max(1 - mean, _MIN_ROOM)
        assumed = max(self._query.prior.mean, lowest - MAX_ASSUMED * deviation)
        return CosinePrior(min(assumed, lowest), deviation, is_fitted=False)

    def _standardized(self, cosines: Floats) -> Floats:
        values: Floats = (cosines - np.float32(self._distribution.mean)) / np.float32(
            self._distribution.deviation
        )
        return self._visible_values(np.clip(values, 0.0, MAX_COSINE), of_all=len(values))

    def _length_factors(self) -> tuple[Floats, Floats]:
        """Return for each row how much its word matches count, and what they are divided by."""
        lengths = self._source.lengths.astype(np.float32)
        average = self._statistics.average_length
        if average is None:
            total = float(self._visible_values(lengths).sum(dtype=np.float64))
            average = total / max(self._visible_count, 1)
        shares: Floats = lengths / (SHORT_TEXT_WORDS + lengths)
        norms: Floats = np.float32(0.5) + lengths * np.float32(0.5 / max(average, 1.0))
        return shares, norms

    def _weighted_rows(self, word: QueryWord) -> tuple[float, NDArray[np.int32], QueryWord]:
        """Return the idf of a word, and the visible rows that contain it."""
        rows = self._visible_rows(self._source.postings.rows(word.term))
        frequency = self._frequency(word.term, rows)
        return idf(frequency, self._statistics.memory_count), rows, word

    def _frequency(self, term: int, rows: NDArray[np.int32]) -> int:
        """Return the number of the owner's memories that have a term, given the rows that do."""
        return self._statistics.document_frequencies.get(term, len(rows))

    def _add_words(self, words: Sequence[tuple[float, NDArray[np.int32], QueryWord]]) -> Floats:
        """Add the columns of the query's words; return the share of them that each row contains."""
        held = np.zeros(self._size, np.float32)
        frequent = np.zeros(self._size, np.float32)
        total = sum(weight for weight, _, _ in words) or 1.0
        for weight, rows, word in words:
            held[rows] += np.float32(weight / total)
            self._add_frequencies(frequent, rows, word, weight / total)
        self._columns["words"] = held * self._length_shares
        self._columns["frequency"] = frequent / self._length_norms * self._length_shares
        self._frequencies = frequent * np.float32(total)
        self._total_weight = total
        return held

    def _add_frequencies(
        self, scores: Floats, rows: NDArray[np.int32], word: QueryWord, weight: float
    ) -> None:
        once, *more = FREQUENCY_SHARES
        scores[rows] += np.float32(weight * once)
        for share, term in zip(more, word.frequency_terms, strict=True):
            often = self._visible_rows(self._source.postings.rows(term))
            scores[often] += np.float32(weight * share)

    def _add_chance(self, words: Sequence[tuple[float, NDArray[np.int32], QueryWord]]) -> None:
        """Add the columns that compare a row's matches with those that it has by chance."""
        used = self._weights.memory, self._weights.message
        if any(kind[FEATURES.index("surprise")] for kind in used):
            scores = self._frequencies
            chance = [(each, self._frequency(word.term, rows)) for each, rows, word in words]
            for word in self._query.terms.functional:
                weight, rows, _ = self._weighted_rows(word)
                chance.append((FUNCTIONAL_WEIGHT * weight, self._frequency(word.term, rows)))
                self._add_frequencies(scores, rows, word, FUNCTIONAL_WEIGHT * weight)
            self._columns["surprise"] = self._beyond_chance(scores, chance)
        if any(kind[FEATURES.index("grams")] for kind in used):
            scores = np.zeros(self._size, np.float32)
            chance = []
            for term in self._query.terms.grams:
                rows = self._visible_rows(self._source.postings.rows(term))
                frequency = self._frequency(term, rows)
                weight = idf(frequency, self._statistics.memory_count)
                scores[rows] += np.float32(weight)
                chance.append((weight, frequency))
            self._columns["grams"] = self._beyond_chance(scores, chance, GRAM_CORRELATION)

    def _beyond_chance(
        self, scores: Floats, chance: Sequence[tuple[float, int]], correlation: float = 1.0
    ) -> Floats:
        """Return by how many standard deviations scores exceed what rows have by chance.

        Args:
            scores: The sum of the weights of the terms that each row contains.
            chance: The weight of each term, and the number of memories that contain it.
            correlation: How much larger the deviation is than that of independent terms.
        """
        count = max(self._statistics.memory_count, 1)
        shares = [(weight, min(rows / count, 1.0)) for weight, rows in chance]
        mean = sum(weight * share for weight, share in shares)
        variance = sum(weight * weight * share * (1 - share) for weight, share in shares)
        deviation = correlation * math.sqrt(variance + _MIN_VARIANCE)
        beyond = (scores / self._length_norms - np.float32(mean)) / np.float32(deviation)
        positive: Floats = np.maximum(beyond, np.float32(0))
        return positive

    def _add_times(self) -> None:
        terms = self._query.terms
        postings = self._source.postings
        if terms.times:
            self._columns["time"] = self._mark(map(postings.rows, terms.times)).astype(np.float32)
        if terms.months:
            in_month = self._mark(map(postings.rows, terms.months))
            dates = in_month.astype(np.float32)
            for part in terms.date_parts:
                rows = postings.rows(part)
                dates[rows] += in_month[rows]
            self._columns["date"] = dates

    def _add_conversations(
        self, words: Sequence[tuple[float, NDArray[np.int32], QueryWord]]
    ) -> None:
        """Add the columns that messages have by what is said around them."""
        postings, messages, columns = self._source.postings, self._messages, self._columns
        near = np.append(columns["cosine"] * self._conversations.is_message, np.float32(0))
        # One more row, which `NO_ROW` is the index of.
        before = np.append(self._conversations.before, np.int32(NO_ROW))
        after = np.append(self._conversations.after, np.int32(NO_ROW))
        links = (before, after)
        total = self._total_weight
        weighted = [(weight / total, rows) for weight, rows, _ in words]
        around, previous = neighbour_words(weighted, messages, links, self._size)
        rarity = np.float32(min(total / RARITY_SCALE, 1.0))
        columns["words"][messages] = around
        columns["rarity"] = self._of_messages(rarity * around)
        columns["previous"] = self._of_messages(previous)
        neighbours = _decayed(near, before) + _decayed(near, after)
        columns["neighbours"] = self._of_messages(neighbours[messages])
        asked = near.copy()
        asked[:-1] *= self._mark([postings.rows(QUESTION_TERM)])
        columns["question"] = self._of_messages(asked[before[messages]])
        codes = self._conversations.codes[messages]
        best = np.zeros(int(codes.max()) + 1, np.float32)
        np.maximum.at(best, codes, near[messages])
        columns["conversation"] = self._of_messages(best[codes])
        speakers = self._mark(map(postings.rows, self._query.terms.speakers))
        columns["speaker"] = speakers.astype(np.float32)

    def _of_messages(self, values: Floats) -> Floats:
        column = np.zeros(self._size, np.float32)
        column[self._messages] = values
        return column

    def _visible_rows(self, rows: NDArray[np.int32]) -> NDArray[np.int32]:
        return rows if self._hidden is None else rows[~self._hidden[rows]]

    def _visible_values(self, values: Floats, *, of_all: int | None = None) -> Floats:
        """Return values of all rows, 0 for hidden ones."""
        if self._hidden is None or (of_all is not None and of_all != self._size):
            return values
        return np.where(self._hidden, np.float32(0), values)

    def _mark(self, groups: Iterable[NDArray[np.integer]]) -> NDArray[np.bool_]:
        marked = np.zeros(self._size, np.bool_)
        for rows in groups:
            marked[rows] = True
        return marked


def _decayed(values: Floats, link: NDArray[np.int32]) -> Floats:
    """Return the sum of the values in one direction, with decay by distance."""
    total = np.zeros_like(values)
    for _ in range(COSINE_WINDOW):
        total = np.float32(NEIGHBOUR_DECAY) * (values + total)[link]
    return total
