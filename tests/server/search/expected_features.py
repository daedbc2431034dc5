"""The features of memories, computed one memory after the other, as `search.features` says."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from memoryos_server.search import feature_scores, features
from memoryos_server.search.terms import QUESTION_TERM


class Memory(NamedTuple):
    """An entry that is not hidden, with its numbers unpacked."""

    entry: object
    length: int
    terms: frozenset
    cosine: float


def expected_features(entries, query, now):
    """Return the features of each entry that has not expired, by its number.

    Args:
        entries: All entries, expired ones included: these keep their places in conversations.
        query: The analyzed query.
        now: The time in microseconds.
    """
    seen = {entry.number: _unpacked(entry, query) for entry in entries if entry.expiry > now}
    of_all = _Owner(list(seen.values()), query)
    lines = _conversations(entries)
    found = {}
    for number, memory in seen.items():
        line = lines.get(memory.entry.conversation, [])
        values = {**of_all.values(memory), **of_all.dates(memory)}
        if line:
            place = line.index(number)
            around = {at - place: seen.get(other) for at, other in enumerate(line)}
            values.update(of_all.message_values(around))
        found[number] = [values.get(name, 0.0) for name in features.FEATURES]
    return found


def expected_evidence(entries, query, now):
    """Return the weighted sum of the features of each entry that has not expired."""
    weights = features.weights(query.reading)
    is_message = {entry.number: entry.conversation != 0 for entry in entries}
    return {
        number: sum(map(_product, weights[is_message[number]], values))
        for number, values in expected_features(entries, query, now).items()
    }


def _product(weight, value):
    return weight * value


def _unpacked(entry, query):
    length, *terms = np.frombuffer(entry.terms, "<u4").tolist() or [0]
    cosine = float(np.frombuffer(entry.vector, "<f4").astype(np.float64) @ query.vector)
    return Memory(entry, length, frozenset(terms), cosine)


def _conversations(entries):
    lines = {}
    for entry in sorted(entries, key=lambda entry: (entry.created, entry.number)):
        if entry.conversation:
            lines.setdefault(entry.conversation, []).append(entry.number)
    return lines


class _Owner:
    """What is known of all memories of the owner together."""

    def __init__(self, memories, query):
        self.query = query
        self.count = len(memories)
        self.memories = memories
        lengths = [memory.length for memory in memories]
        self.average = max(sum(lengths) / max(self.count, 1), 1.0)
        self.mean, self.deviation = self._distribution([memory.cosine for memory in memories])
        self.total = sum(self._idf(word.term) for word in query.terms.words) or 1.0

    def _distribution(self, cosines):
        """Of the memories, and as many of the expected kind as count beside them."""
        prior, beside = self.query.prior, feature_scores.PRIOR_MEMORIES
        both = self.count + beside
        mean = (sum(cosines) + beside * prior.mean) / both
        squares = sum(value**2 for value in cosines)
        squares += beside * (prior.deviation**2 + prior.mean**2)
        return mean, math.sqrt(max(squares / both - mean**2, 1e-6))

    def values(self, memory):
        """The features of any memory."""
        share = memory.length / (memory.length + feature_scores.SHORT_TEXT_WORDS)
        norm = 0.5 + 0.5 * memory.length / self.average
        words, terms = self.query.terms.words, self.query.terms
        frequent = self._frequencies(memory, words)
        functional = feature_scores.FUNCTIONAL_WEIGHT
        values = {
            "cosine": self.standardized(memory),
            "words": share * self.held(memory),
            "frequency": share * frequent / self.total / norm,
        }
        used = features.weights(self.query.reading)
        if any(weights[features.FEATURES.index("surprise")] for weights in used):
            score = frequent + functional * self._frequencies(memory, terms.functional)
            chance = [(self._idf(word.term), word.term) for word in words]
            chance += [(functional * self._idf(w.term), w.term) for w in terms.functional]
            values["surprise"] = self._beyond_chance(score / norm, chance)
        if any(weights[features.FEATURES.index("grams")] for weights in used):
            chance = [(self._idf(gram), gram) for gram in terms.grams]
            score = sum(weight for weight, gram in chance if gram in memory.terms)
            correlation = feature_scores.GRAM_CORRELATION
            values["grams"] = self._beyond_chance(score / norm, chance) / correlation
        return values

    def dates(self, memory):
        """The features of times and dates."""
        terms = self.query.terms
        date = 0
        if memory.terms & set(terms.months):
            date = 1 + len(memory.terms & set(terms.date_parts))
        return {"time": float(bool(memory.terms & set(terms.times))), "date": float(date)}

    def message_values(self, around):
        """The features of a message, from the lines of its conversation by distance.

        Expired lines are None.
        """
        seen = {distance: memory for distance, memory in around.items() if memory is not None}
        before, decay = seen.get(-1), features.NEIGHBOUR_DECAY
        words = sum(
            self._idf(word.term) / self.total * self._nearness(word.term, seen)
            for word in self.query.terms.words
        )
        asks = before is not None and QUESTION_TERM in before.terms
        steps = [*range(1, features.COSINE_WINDOW + 1)]
        near = {step: seen[step] for step in (*steps, *(-s for s in steps)) if step in seen}
        return {
            "words": words,
            "rarity": words * min(self.total / feature_scores.RARITY_SCALE, 1.0),
            "speaker": float(bool(seen[0].terms & set(self.query.terms.speakers))),
            "neighbours": sum(decay ** abs(s) * self.standardized(m) for s, m in near.items()),
            "question": self.standardized(before) if asks else 0.0,
            "conversation": max(map(self.standardized, seen.values())),
            "previous": self.held(before) if before is not None else 0.0,
        }

    def standardized(self, memory):
        """The `cosine` feature of a memory."""
        value = (memory.cosine - self.mean) / self.deviation
        return min(max(value, 0.0), features.MAX_COSINE)

    def held(self, memory):
        """The share of the query's words in a memory."""
        words = {word.term for word in self.query.terms.words} & memory.terms
        return sum(map(self._idf, words)) / self.total

    def _idf(self, term):
        holding = sum(term in memory.terms for memory in self.memories)
        return math.log(1 + (self.count - holding + 0.5) / (holding + 0.5))

    def _frequencies(self, memory, words):
        total = 0.0
        for word in words:
            shares = zip(
                feature_scores.FREQUENCY_SHARES, (word.term, *word.frequency_terms), strict=True
            )
            held = sum(share for share, term in shares if term in memory.terms)
            total += self._idf(word.term) * held
        return total

    @staticmethod
    def _nearness(term, seen):
        near = [abs(distance) for distance, memory in seen.items() if term in memory.terms]
        closest = min(near, default=features.WORD_WINDOW + 1)
        return features.NEIGHBOUR_DECAY**closest if closest <= features.WORD_WINDOW else 0.0

    def _beyond_chance(self, score, chance):
        mean = variance = 0.0
        for weight, term in chance:
            share = sum(term in memory.terms for memory in self.memories) / self.count
            mean += weight * share
            variance += weight**2 * share * (1 - share)
        return max((score - mean) / math.sqrt(variance + 1e-3), 0.0)
