"""Passages: the parts of a long text that match a query best.

A text is divided into chunks of a few sentences. The score of a chunk is the weighted sum of the
cosine of its vector and the query's, and of the idf of the query's words in it. Without an embedder
only the words count.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

from memoryos_server.model.errors import ServiceError
from memoryos_server.text.segmentation import Span, split_sentences, split_words

from .features import idf
from .query_matches import QueryMatcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from .query_matches import QueryMatch

    Cosines = Callable[[Sequence[str]], Sequence[float]]

__all__ = ["ELLIPSIS", "PassageFinder", "Passages"]

ELLIPSIS = "…"
"""Marks where a text was cut."""

MAX_SENTENCE_BYTES = 240
"""Approximate maximum size of a sentence; longer ones are divided between words."""

MAX_CHUNK_BYTES = 400
"""Approximate maximum size of a chunk, about 90 tokens of English."""

MAX_EMBEDDED_TEXTS = 32
"""Number of chunks embedded per context or search; of further ones only the words count."""

MAX_EMBEDDED_FULL_MATCHES = 8
"""Number of chunks that are embedded if no more than these contain all words of the query."""

NEIGHBOUR_WEIGHT = 0.2
"""Weight of the better neighbour's score, so that the surroundings of a good chunk come next."""

_MAX_MISSES = 3
_ELLIPSIS_TOKENS = 2
_MAX_WORD_BYTES = 16
_COSINE_WEIGHT, _WORD_WEIGHT = 1.0, 0.12  # the best passages hardly depend on the second


class WordsFound(NamedTuple):
    """How many of the query's words a text contains, and the sum of their idf."""

    words: int
    score: float


class PassageFinder:
    """Finds the passages of texts for one query.

    Args:
        query: The query.
        cosines: Returns the cosine of the query and each of some texts; zeros without an embedder.
    """

    def __init__(self, query: str, cosines: Cosines) -> None:
        self._matcher = QueryMatcher(query)
        self._cosines = cosines
        self._remaining_embeddings = MAX_EMBEDDED_TEXTS

    def passages(self, text: str) -> Passages:
        """Return the passages of a text, to be chosen within a budget."""
        return Passages(text, self._matcher.matches(text), self.cosines)

    def cosines(self, texts: Sequence[str], found: Sequence[WordsFound]) -> list[float]:
        """Return the cosine of each text, embedding those with the highest word scores."""
        order = sorted(range(len(texts)), key=lambda number: -found[number].score)
        full_matches = sum(each.words == self._matcher.word_count for each in found)
        is_narrowed = 0 < full_matches <= MAX_EMBEDDED_FULL_MATCHES
        most = MAX_EMBEDDED_FULL_MATCHES if is_narrowed else MAX_EMBEDDED_TEXTS
        order = order[: min(most, self._remaining_embeddings)]
        if not order:
            return [0.0] * len(texts)
        self._remaining_embeddings -= len(order)
        try:
            values = self._cosines([texts[number] for number in order])
        except ServiceError:
            # The words still find a passage while the embedder's service is out of reach.
            self._remaining_embeddings = 0
            return [0.0] * len(texts)
        known = dict(zip(order, values, strict=True))
        lowest = min(values)
        return [known.get(number, lowest) for number in range(len(texts))]


class Passages:
    """The scored chunks of a text.

    Args:
        text: The text.
        matches: The query's words in it, by offset.
        cosines: Returns cosines, given texts and the query's words found in each.
    """

    def __init__(
        self,
        text: str,
        matches: Sequence[QueryMatch],
        cosines: Callable[[Sequence[str], Sequence[WordsFound]], Sequence[float]],
    ) -> None:
        self._text = text
        self._matches = matches
        self._cosines = cosines
        self._sentences = split_sentences(text, MAX_SENTENCE_BYTES)
        self._chunks = _group(text, self._sentences)
        scores = _with_neighbours(self._scores(self._chunks))
        self._order = [
            self._chunks[number]
            for number in sorted(range(len(scores)), key=lambda number: -scores[number])
            if self._excerpt(self._chunks[number]).strip()
        ]

    def excerpts(self, *, with_words: bool = False) -> Iterator[str]:
        """Yield the passages, best first, each as it stands in the text, without spaces around it.

        Args:
            with_words: Whether to leave out those without a word of the query.
        """
        for chunk in self._order:
            if not with_words or self._words_in(chunk):
                yield self._excerpt(chunk).strip()

    def best(self, limit: int, cost: Callable[[str], int]) -> str | None:
        """Return the best passages that fit, in the order of the text and marked where it is cut.

        Args:
            limit: Maximum cost of the result.
            cost: Returns the number of tokens that a text takes.

        Returns:
            The passages as one text, or None if the limit has no room for any.
        """
        chosen = self._choose(limit, cost)
        if len(chosen) <= 1 and self._order:
            window = self._window(self._order[0], limit, cost)
            if window is not None:
                return window

        def passages(count: int) -> str:
            return _join(self._text, _merge(chosen[:count]))

        # The sum of the parts is only an estimate. Mostly it is right.
        if chosen and cost(passages(len(chosen))) <= limit:
            return passages(len(chosen))
        fitting = bisect_right(
            range(1, len(chosen)), limit, key=lambda count: cost(passages(count))
        )
        if fitting:
            return passages(fitting)
        return self._part_of_best_chunk(limit, cost) if self._order else None

    def _choose(self, limit: int, cost: Callable[[str], int]) -> list[Span]:
        """Return the best chunks whose estimated cost is within the limit, best first."""
        empty = cost("")
        chosen: list[Span] = []
        used, misses = empty, 0
        for chunk in self._order:
            tokens = cost(self._excerpt(chunk)) - empty + _ELLIPSIS_TOKENS
            if used + tokens <= limit:
                chosen.append(chunk)
                used += tokens
                continue
            misses += 1
            if not chosen or misses == _MAX_MISSES:
                break
        return chosen

    def _window(self, chunk: Span, limit: int, cost: Callable[[str], int]) -> str | None:
        """Return the sentence of a chunk with most of the query's words, and those around it.

        What is said of these words may be in the next chunk; no further one is needed. Return None
        if the chunk has none of the words, if the text has no other chunk, or if whole sentences
        take less than half the limit.
        """
        number = bisect_left(self._chunks, chunk)
        near = self._chunks[max(number - 1, 0) : number + 2]
        first = bisect_left(self._sentences, (near[0].start,))
        sentences = self._sentences[first : bisect_left(self._sentences, (near[-1].end,))]
        start = bisect_left(sentences, (chunk.start,))
        end = bisect_left(sentences, (chunk.end,))
        scores = [found.score for found in self._find_words(sentences[start:end])]
        best = max(range(len(scores)), key=scores.__getitem__)
        if not scores[best] or len(self._chunks) == 1:
            return None

        def fits(span: Span) -> bool:
            return cost(_join(self._text, [span])) <= limit

        window = _grow(sentences, start + best, fits)
        passage = "" if window is None else _join(self._text, [window])
        return passage if cost(passage) > (limit + cost("")) // 2 else None

    def _part_of_best_chunk(self, limit: int, cost: Callable[[str], int]) -> str | None:
        """Return the best sentences of the best chunk that fit.

        Where these take less than half of the limit, because the next sentence is long or none
        fits, the passage starts or ends within a sentence.
        """

        def fits(span: Span, most: int = limit) -> bool:
            return cost(_join(self._text, [span])) <= most

        best = self._order[0]
        sentences = [span for span in self._sentences if best.start <= span.start < best.end]
        scores = self._scores(sentences)
        seed = max(range(len(sentences)), key=scores.__getitem__)
        found = _grow(sentences, seed, fits)
        if found is None:
            pieces = self._split_words(sentences[seed])
            scores = [words.score for words in self._find_words(pieces)]
            found = _grow(pieces, max(range(len(pieces)), key=scores.__getitem__), fits)
        if found is not None and fits(found, (limit + cost("")) // 2):
            before = self._split_words(Span(best.start, found.start))
            after = self._split_words(Span(found.end, best.end))
            found = _grow([*before, found, *after], len(before), fits)
        return None if found is None else _join(self._text, [found])

    def _split_words(self, span: Span) -> list[Span]:
        return split_words(self._text, span, _MAX_WORD_BYTES)

    def _scores(self, spans: Sequence[Span]) -> list[float]:
        """Return the score of each span, without its neighbours."""
        found = self._find_words(spans)
        excerpts = [self._excerpt(span) for span in spans]
        cosines = self._cosines(excerpts, found) if len(spans) > 1 else [0.0] * len(spans)
        return [
            _COSINE_WEIGHT * cosine + _WORD_WEIGHT * words.score
            for cosine, words in zip(cosines, found, strict=True)
        ]

    def _find_words(self, spans: Sequence[Span]) -> list[WordsFound]:
        """Return what each span contains of the query's words, with their idf among these spans."""
        found = [self._words_in(span) for span in spans]
        frequencies: dict[int, int] = {}
        for words in found:
            for word in words:
                frequencies[word] = frequencies.get(word, 0) + 1
        weights = {word: idf(number, len(spans)) for word, number in frequencies.items()}
        return [WordsFound(len(words), sum(map(weights.__getitem__, words))) for words in found]

    def _words_in(self, span: Span) -> set[int]:
        first = bisect_right(self._matches, (span.start,))
        last = bisect_right(self._matches, (span.end,))
        return {match.word for match in self._matches[first:last]}

    def _excerpt(self, span: Span) -> str:
        return self._text[span.start : span.end]


def _group(text: str, sentences: Iterable[Span]) -> list[Span]:
    """Return chunks: consecutive sentences up to the size of a chunk."""
    chunks: list[Span] = []
    size = 0
    for sentence in sentences:
        added = len(text[sentence.start : sentence.end].encode("utf-8", "replace"))
        if chunks and size + added <= MAX_CHUNK_BYTES:
            chunks[-1] = Span(chunks[-1].start, sentence.end)
            size += added
        else:
            chunks.append(sentence)
            size = added
    return chunks


def _with_neighbours(scores: Sequence[float]) -> list[float]:
    padded = [0.0, *scores, 0.0]
    return [
        score + NEIGHBOUR_WEIGHT * max(padded[index], padded[index + 2])
        for index, score in enumerate(scores)
    ]


def _grow(spans: Sequence[Span], seed: int, fits: Callable[[Span], bool]) -> Span | None:
    """Return the span `seed` with as many of the spans around it as fit, or None.

    Two spans after it for each one before it: what is said of a word mostly follows it.
    """
    if not fits(spans[seed]):
        return None
    first = last = seed
    is_growing = True
    while is_growing:
        is_growing = False
        for before, after in ((0, 1), (0, 1), (1, 0)):
            start, end = first - before, last + after
            if start >= 0 and end < len(spans) and fits(Span(spans[start].start, spans[end].end)):
                first, last, is_growing = start, end, True
    return Span(spans[first].start, spans[last].end)


def _merge(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, with adjacent ones joined."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and merged[-1].end == span.start:
            merged[-1] = Span(merged[-1].start, span.end)
        else:
            merged.append(span)
    return merged


def _join(text: str, spans: Sequence[Span]) -> str:
    """Return parts of a text, with an ellipsis where something is missing.

    Between lines, the ellipsis has a line of its own, so that indentation is kept.
    """
    joined = ""
    end = 0
    for span in spans:
        starts_line = span.start > 0 and text[span.start - 1] in "\r\n"
        if text[end : span.start].strip():
            separator = "\n" if starts_line else " "
            joined = f"{joined}{separator}" if joined else joined
            joined += f"{ELLIPSIS}{separator}"
        elif joined:
            joined += "\n" if starts_line else " "
        part = text[span.start : span.end].rstrip()
        joined += part if starts_line else part.lstrip(" \t")
        end = span.end
    if text[end:].strip():
        joined += f"\n{ELLIPSIS}" if text[end - 1] in "\r\n" else f" {ELLIPSIS}"
    return joined
