"""The folder in which several processes that serve one address share their metrics.

This module doesn't import prometheus_client, which reads the variable when it is imported.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["forget_process", "ignore_metrics_folder", "is_metrics_folder_set", "metrics_folder"]

_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def metrics_folder() -> Iterator[None]:
    """Make a folder, and let this process and those that it starts in the block share it."""
    with TemporaryDirectory(prefix="memoryos-metrics-", ignore_cleanup_errors=True) as folder:
        os.environ[_VARIABLE] = folder
        try:
            yield
        finally:
            ignore_metrics_folder()


def ignore_metrics_folder() -> None:
    """Keep the metrics in this process, whatever the environment says: it may be another's."""
    os.environ.pop(_VARIABLE, None)


def is_metrics_folder_set() -> bool:
    """Return whether this process shares its metrics."""
    return _VARIABLE in os.environ


def forget_process(process_id: int) -> None:
    """Forget the gauges of a process that shared its metrics and has ended; keep its counts."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(process_id)  # type: ignore[no-untyped-call]
