"""Texts per second that MiniLM embeds without a server: the limit of creates and searches."""

from __future__ import annotations

from benchmarks.local.embedding import embedded

from . import workload

__all__ = ["texts_per_second"]


def texts_per_second(count: int) -> float:
    """Return the rate at which as many threads as a server has embed the benchmark's sentences."""
    return embedded(workload.sentences(count, 99)).together
