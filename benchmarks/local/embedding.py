"""The gain of micro-batching concurrent texts, and of caching recent ones."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memoryos_server.embedders.minilm import MiniLM
from memoryos_server.http.app import DEFAULT_WORKER_THREADS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Embedded", "embedded"]


@dataclass(frozen=True)
class Embedded:
    """Texts per second: sequentially, from several threads at once, and from the cache."""

    threads: int
    alone: float
    together: float
    known: float


def embedded(texts: Sequence[str]) -> Embedded:
    """Embed different texts in each of the three ways."""
    embedder = MiniLM(cached_vectors=0)
    embedder.embed(["warm-up"])
    known = MiniLM(cached_vectors=len(texts))
    known.embed(texts)
    with ThreadPoolExecutor(DEFAULT_WORKER_THREADS) as pool:
        return Embedded(
            threads=DEFAULT_WORKER_THREADS,
            alone=_rate(texts, lambda: [embedder.embed([text]) for text in texts]),
            together=_rate(
                texts, lambda: list(pool.map(lambda text: embedder.embed([text]), texts))
            ),
            known=_rate(texts, lambda: [known.embed([text]) for text in texts]),
        )


def _rate(texts: Sequence[str], embed: Callable[[], object]) -> float:
    started = time.perf_counter()
    embed()
    return len(texts) / (time.perf_counter() - started)
