"""The folder in which the workers of one server share their metrics."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["metrics_folder"]

_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def metrics_folder(workers: int) -> Generator[None, None, None]:
    """Name a temporary folder in the environment, for the workers that are started in the block.

    prometheus_client reads the variable when it is imported, which must therefore be later.

    Args:
        workers: Number of workers; a single one needs no folder, and the environment names none.
    """
    os.environ.pop(_VARIABLE, None)
    if workers == 1:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="memoryos-metrics-") as folder:
        os.environ[_VARIABLE] = folder
        try:
            yield
        finally:
            del os.environ[_VARIABLE]
