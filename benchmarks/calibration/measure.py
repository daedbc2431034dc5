"""What the labelled pairs say of a map: figures as plain values, for the JSON and the docs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from memoryos_server.embedders import BALANCE_POINT

from .fitting import area_under_curve, balance, balance_interval, wrong_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from memoryos_server.embedders import Embedder
    from memoryos_server.embedders.calibration import Calibration

    from .dataset import Pair

__all__ = ["Scored", "cosines", "figures", "missed_by_kind", "score"]

_DIGITS = 4


class Scored(NamedTuple):
    """The cosines of a split's pairs, and the pairs that they belong to."""

    pairs: list[Pair]
    cosines: NDArray[np.float32]

    def of(self, *, related: bool, person: str | None = None) -> NDArray[np.float32]:
        """Return the cosines of the related or the unrelated pairs, of one person or all."""
        chosen = [pair.related == related and person in (None, pair.person) for pair in self.pairs]
        return np.compress(chosen, self.cosines)

    def by_person(self) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """Return each person's related cosines and unrelated ones."""
        people = sorted({pair.person for pair in self.pairs})
        return [
            (self.of(related=True, person=person), self.of(related=False, person=person))
            for person in people
        ]


def score(embedder: Embedder, pairs: Sequence[Pair]) -> Scored:
    """Embed each pair's two sides and return their cosines."""
    return Scored(list(pairs), cosines(embedder, [(pair.query, pair.memory) for pair in pairs]))


def cosines(embedder: Embedder, texts: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
    """Return the cosine of each pair of texts."""
    distinct = sorted({text for pair in texts for text in pair})
    vectors = dict(zip(distinct, embedder.embed(distinct), strict=True))
    return np.array([vectors[one] @ vectors[other] for one, other in texts], dtype=np.float32)


def figures(scored: Scored, calibration: Calibration) -> dict[str, float]:
    """Return the split's sizes, where its own balance lies, and what 0.7 mistakes in it."""
    related, unrelated = scored.of(related=True), scored.of(related=False)
    balanced = balance(related, unrelated)
    low, high = balance_interval(scored.by_person())
    missed, found = wrong_at(
        np.array([BALANCE_POINT]),
        calibration.similarity(related),
        calibration.similarity(unrelated),
    )
    return {
        "related_pairs": len(related),
        "unrelated_pairs": len(unrelated),
        "area_under_curve": round(area_under_curve(related, unrelated), _DIGITS),
        "balance_cosine": round(balanced, _DIGITS),
        "balance_cosine_low": round(low, _DIGITS),
        "balance_cosine_high": round(high, _DIGITS),
        "balance_similarity": round(float(calibration.similarity(np.array(balanced))), _DIGITS),
        "related_missed_at_balance_point": round(float(missed[0]), _DIGITS),
        "unrelated_found_at_balance_point": round(float(found[0]), _DIGITS),
    }


def missed_by_kind(scored: Scored, calibration: Calibration) -> dict[str, tuple[int, float]]:
    """Return for each kind of query its number of related pairs, and the share missed at 0.7."""
    similarities = calibration.similarity(scored.cosines)
    by_kind: dict[str, list[bool]] = {}
    for pair, similarity in zip(scored.pairs, similarities, strict=True):
        if pair.related:
            by_kind.setdefault(pair.kind, []).append(bool(similarity < BALANCE_POINT))
    return {kind: (len(missed), sum(missed) / len(missed)) for kind, missed in by_kind.items()}
