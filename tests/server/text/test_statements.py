"""Statements that are read."""

from __future__ import annotations

import gc
import tracemalloc

from memoryos_server.text.statements import read_statement


def test_long_texts_are_not_kept():
    tracemalloc.start()
    for number in range(20):
        assert read_statement(f"{number} {'word ' * 100_000}") is None
    gc.collect()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1_000_000
