"""Fit the weights of the ranking features, and write search/ranking_model.json.

    python -m benchmarks.retrieval.fit --shared FOLDER [--write]

The weights first maximize the mean log-likelihood of the answers in a softmax over the memories of
each world (the same weight for each set, whatever its size), with a small penalty on their squares.
Coordinate ascent then improves what counts, the mean of MRR and R@5 over the sets (Metzler and
Croft, "Linear feature-based models for information retrieval", 2007). The weights are 0 or more, so
that the evidence is a sum of parts. What is printed as "held out" are figures of weights that were
fitted without the set and without those of the same source: nothing is judged by what it was fitted
on.
"""

from __future__ import annotations

import argparse
import json
import sys
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from memoryos_server.search.features import FEATURES

from .__main__ import OWN_SETS, stored_vectors
from .measures import MEASURES, measure
from .observations import observe
from .sets import RetrievalSet, World, read_sets, shared_sets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from .observations import Observation

    Example = tuple[NDArray[np.float64], NDArray[np.intp]]

MODEL = Path(__file__).parents[2] / "server/memoryos_server/search/ranking_model.json"

OF_MEMORIES = ("cosine", "words", "frequency", "time", "date")
"""Features of memories outside conversations, for queries in a language that the embedder knows."""

OF_MEMORIES_BY_WORDS = ("cosine", "words", "frequency", "surprise", "grams", "time", "date")
"""The same for queries in other languages."""

OF_MESSAGES = (
    "cosine",
    "words",
    "rarity",
    "time",
    "date",
    "speaker",
    "neighbours",
    "question",
    "conversation",
    "previous",
)
"""Features of messages."""

PENALTY = 1e-3
ITERATIONS = 300
EXAMPLES_PER_STEP = 24
FACTORS = (0.5, 0.7, 0.85, 1.2, 1.5, 2.0)
"""By what coordinate ascent multiplies a weight."""
ROUNDS = 3
EXAMPLES_OF_ASCENT = 120
MIN_GAIN = 2e-4

_RECALL_CUT = 5
_LEFT_OUT = {"requests", "updates", "update_pairs"}
"""Sets that measure a context, or the order of old and new values, not the ranking."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures, and write the weights with --write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retrieval.fit")
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(arguments)
    observed = _observe_all([*shared_sets(options.shared), *read_sets(OWN_SETS)])
    weights = {"known": _fit_known(observed)}
    weights["inflected"] = _fit_inflected(options.shared, weights["known"])
    for reading in ("related", "unknown"):
        weights[reading] = _fit_by_words(observed, reading, weights["known"])
    print(json.dumps(weights, indent=1))
    if options.write:
        MODEL.write_text(json.dumps({"weights": weights}, indent=2) + "\n", encoding="utf-8")


def _observe_all(sets: Sequence[RetrievalSet]) -> dict[str, list[Observation]]:
    """Return the observations of each set; conversations of a set are sets of their own."""
    embedder = stored_vectors("minilm")
    if embedder is None:
        raise SystemExit("needs the extra [local]")
    chosen = [one for one in sets if one.name not in _LEFT_OUT]
    parts = [
        RetrievalSet(f"locomo {number}", [world])
        for one in chosen
        if one.name == "locomo"
        for number, world in enumerate(one.worlds)
    ]
    by_name = {one.name: one for one in chosen}
    mixed = _mixed(by_name) if {"facts_en", "chat_en"} <= by_name.keys() else []
    observed = {}
    for one in [*(one for one in chosen if one.name != "locomo"), *parts, *mixed]:
        print(f"reading {one.name} …", file=sys.stderr)
        observed[one.name] = observe(one, embedder)
        embedder.save()
    return observed


def _mixed(sets: Mapping[str, RetrievalSet]) -> list[RetrievalSet]:
    """Return a set of worlds that hold facts and a conversation, to weigh one with the other."""
    worlds = []
    for facts, chat in zip(sets["facts_en"].worlds, sets["chat_en"].worlds, strict=False):
        renamed = [document._replace(id=f"chat {document.id}") for document in chat.documents]
        asked = [
            query._replace(gold=frozenset(f"chat {name}" for name in query.gold))
            for query in chat.queries
        ]
        worlds.append(World([*facts.documents, *renamed], [*facts.queries, *asked]))
    return [RetrievalSet("facts and chat", worlds)]


def _source(name: str) -> str:
    """Return what a set has in common with those that may not be fitted on for judging it."""
    return name if name.startswith("locomo") else name.partition("_")[0]


def _fit_known(observed: Mapping[str, Sequence[Observation]]) -> dict[str, dict[str, float]]:
    names = [f"memory {name}" for name in OF_MEMORIES] + [f"message {name}" for name in OF_MESSAGES]
    examples = {
        name: [_example(one, names) for one in observations if one.reading == "known"]
        for name, observations in observed.items()
    }
    fitted = _fit_and_judge("known", examples, names)
    return {
        kind: {
            name: fitted[f"{kind} {name}"]
            for name in FEATURES
            if fitted.get(f"{kind} {name}", 0) > 0
        }
        for kind in ("memory", "message")
    }


def _fit_inflected(
    shared: Path, known: Mapping[str, Mapping[str, float]]
) -> dict[str, Mapping[str, float]]:
    """Fit the weights of memories, with an embedder that knows many languages."""
    embedder = stored_vectors("multilingual")
    if embedder is None:
        raise SystemExit("needs the extra [multilingual]")
    names = [f"memory {name}" for name in ("cosine", "words", "frequency")]
    examples: dict[str, list[Example]] = {}
    for one in [*shared_sets(shared), *read_sets(OWN_SETS)]:
        if any(world.language != "english" for world in one.worlds):
            print(f"reading {one.name} …", file=sys.stderr)
            observations = observe(one, embedder)
            embedder.save()
            # The same paragraphs in four languages are one source, and weigh as one.
            examples.setdefault(_source(one.name), []).extend(
                _example(found, names) for found in observations if found.reading == "inflected"
            )
    fitted = _fit_and_judge("inflected", examples, names)
    memory = {name.partition(" ")[2]: weight for name, weight in fitted.items() if weight > 0}
    memory |= {name: known["memory"][name] for name in ("time", "date") if name in known["memory"]}
    return {"memory": memory, "message": known["message"]}


def _fit_by_words(
    observed: Mapping[str, Sequence[Observation]],
    reading: str,
    known: Mapping[str, Mapping[str, float]],
) -> dict[str, dict[str, float]]:
    """Fit the weights of memories; for messages in these languages there are no sets.

    Their weights are those of messages in a known language, with those of cosines as much lower as
    for memories, and with that of the parts of words.
    """
    features = [
        name
        for name in OF_MEMORIES_BY_WORDS
        if name not in ("time", "date") and not (reading == "unknown" and name == "cosine")
    ]
    names = [f"memory {name}" for name in features]
    examples = {
        name: [_example(one, names) for one in observations if one.reading == reading]
        for name, observations in observed.items()
    }
    fitted = _fit_and_judge(reading, examples, names)
    memory = {name: fitted[f"memory {name}"] for name in features}
    memory |= {name: known["memory"][name] for name in ("time", "date") if name in known["memory"]}
    share = memory.get("cosine", 0.0) / known["memory"]["cosine"]
    message = {
        name: round(weight * (share if name in _BY_COSINE else 1.0), 3)
        for name, weight in known["message"].items()
    }
    message["grams"] = round(memory.get("grams", 0.0) / 2, 3)
    return {
        kind: {name: found[name] for name in FEATURES if found.get(name, 0) > 0}
        for kind, found in (("memory", memory), ("message", message))
    }


_BY_COSINE = {"cosine", "neighbours", "question", "conversation"}


def _example(one: Observation, names: Sequence[str]) -> Example:
    columns = []
    for name in names:
        kind, _, feature = name.partition(" ")
        counts = one.is_message if kind == "message" else ~one.is_message
        columns.append(one.features[:, FEATURES.index(feature)] * counts)
    return np.stack(columns, axis=1).astype(np.float64), one.gold


def _fit_and_judge(
    title: str, examples: Mapping[str, Sequence[Example]], names: Sequence[str]
) -> dict[str, float]:
    examples = {name: found for name, found in examples.items() if found}
    print(f"\n{title}: held out | fitted on all", "  ".join(MEASURES), file=sys.stderr)
    final = _improved(examples, _fit(examples, len(names)))
    without: dict[str, NDArray[np.float64]] = {}
    for name, found in examples.items():
        source = _source(name)
        if source not in without:
            rest = {key: value for key, value in examples.items() if _source(key) != source}
            without[source] = _improved(rest, _fit(rest, len(names)))
        figures = (_judge(found, without[source]), _judge(found, final))
        print(f"  {name:20}", " | ".join(figures), file=sys.stderr, flush=True)
    return {name: round(float(weight), 3) for name, weight in zip(names, final, strict=True)}


def _judge(examples: Sequence[Example], weights: NDArray[np.float64]) -> str:
    rows = [
        measure(
            [str(row) for row in np.argsort(-(features @ weights), kind="stable")],
            frozenset(map(str, gold)),
        )
        for features, gold in examples
    ]
    return "  ".join(f"{value:.3f}" for value in np.mean(rows, axis=0))


def _fit(examples: Mapping[str, Sequence[Example]], size: int) -> NDArray[np.float64]:
    """Return the weights that make the answers likely, by Adam with projection to 0 and more."""
    weights, momentum, square = np.zeros((3, size))
    generator = np.random.default_rng(16)
    for step in range(ITERATIONS):
        gradient = PENALTY * weights
        for found in examples.values():
            # Of a few queries only, which are no set of their own, each counts as elsewhere.
            count = min(EXAMPLES_PER_STEP, len(found))
            share = 1 / (EXAMPLES_PER_STEP * len(examples))
            for number in generator.choice(len(found), count, replace=False):
                gradient = gradient + share * _gradient(*found[number], weights)
        momentum = 0.9 * momentum + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient * gradient
        rate = 0.3 * (1 - step / ITERATIONS) + 0.01
        direction = momentum / (1 - 0.9 ** (step + 1))
        scale = np.sqrt(square / (1 - 0.99 ** (step + 1))) + 1e-8
        weights = np.maximum(weights - rate * direction / scale, 0.0)
    return weights


def _improved(
    examples: Mapping[str, Sequence[Example]], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return weights after coordinate ascent on the mean of MRR and R@5 over the sets."""
    generator = np.random.default_rng(16)
    drawn = {
        name: [found[number] for number in generator.permutation(len(found))[:EXAMPLES_OF_ASCENT]]
        for name, found in examples.items()
        if len(found) >= EXAMPLES_PER_STEP
    }
    best = _quality(drawn, weights)
    for _ in range(ROUNDS):
        before = best
        for place, factor in product(np.flatnonzero(weights), FACTORS):
            tried = weights.copy()
            tried[place] *= factor
            quality = _quality(drawn, tried)
            if quality > best + MIN_GAIN:
                best, weights = quality, tried
        if best == before:
            break
    return weights


def _quality(examples: Mapping[str, Sequence[Example]], weights: NDArray[np.float64]) -> float:
    return float(
        np.mean([np.mean([_value(*one, weights) for one in found]) for found in examples.values()])
    )


def _value(
    features: NDArray[np.float64], gold: NDArray[np.intp], weights: NDArray[np.float64]
) -> float:
    """Return the mean of the reciprocal rank and the recall at 5."""
    scores = features @ weights
    ranks = np.array([np.count_nonzero(scores > scores[row]) for row in gold])
    return float((1 / (1 + ranks.min()) + np.mean(ranks < _RECALL_CUT)) / 2)


def _gradient(
    features: NDArray[np.float64], gold: NDArray[np.intp], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    scores = features @ weights
    likelihood = np.exp(scores - scores.max())
    likelihood /= likelihood.sum()
    likelihood[gold] -= 1 / len(gold)
    gradient: NDArray[np.float64] = features.T @ likelihood
    return gradient


if __name__ == "__main__":
    main()
