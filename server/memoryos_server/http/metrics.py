"""Metrics of the server for Prometheus.

Labels have few possible values: operations of the contracts, names of endpoints, methods, statuses,
phases and reasons. No label is an owner, a key, a path, an id or an address.

Several processes that serve one address share their numbers in a folder, which must be set before
this module is imported: see `metrics_folder`. The numbers of the process itself, such as its
memory, are left out then.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from .access_log import REJECTIONS
from .metrics_folder import is_metrics_folder_set

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from .access_log import Entry

__all__ = ["Metrics", "QueuedRequest"]

SAMPLE_SECONDS = 5.0
"""How often each of several processes writes numbers of its store to the folder."""

REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
PHASE_BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5)
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})

_SAMPLED = {
    "store_file_bytes": "Size of the database file.",
    "store_write_ahead_log_bytes": "Size of its write-ahead log.",
    "store_pool_max_connections": "Connections that the pool may open.",
    "store_pool_connections": "Connections of the pool.",
    "store_pool_idle_connections": "Connections that nobody uses.",
    "store_pool_waiting": "Transactions that wait for a connection.",
    "store_pool_requests_total": "Connections asked for.",
    "store_pool_queued_total": "Connections asked for when none was idle.",
    "store_pool_errors_total": "Connections asked for in vain.",
    "store_pool_wait_seconds_total": "Time spent waiting for a connection.",
    "store_pool_usage_seconds_total": "Time that connections were in use.",
    "store_pool_connection_attempts_total": "Attempts to connect to the database.",
    "store_pool_connection_errors_total": "Failed attempts to connect to the database.",
    "store_pool_connections_lost_total": "Connections that broke.",
    "certificate_expiry_timestamp_seconds": "When the TLS certificate expires.",
    "embedder_service_tokens_total": "Tokens sent to the embedding service.",
    "embedder_service_requests_total": "Requests to the embedding service.",
}
"""The numbers that are read at each scrape, without the prefix `memoryos_`, and what they are."""


class Metrics:
    """Counts what the server does. Thread-safe.

    Args:
        build: Facts that don't change, such as the version, as labels of `memoryos_build_info`.
    """

    def __init__(self, build: Mapping[str, str]) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._is_shared = is_metrics_folder_set()
        # The files of all processes are read instead of the registry.
        self._registry = None if self._is_shared else CollectorRegistry()
        if self._registry is not None:
            ProcessCollector(registry=self._registry)
        info = self._gauge("build_info", "Version and settings.", sorted(build), mode="livemax")
        info.labels(**build).set(1)
        self._make_request_metrics()
        self._make_embedder_metrics()
        self._last_backup: Gauge | None = None
        self._sources: dict[str, Callable[[], Mapping[str, float]]] = {}
        self._sampled: dict[str, Any] = {}
        self._last: dict[str, float] = {}
        self._sampling = threading.Lock()
        if self._is_shared:
            sampling = threading.Thread(target=self._sample_regularly, daemon=True)
            sampling.name = "memoryos-metrics"
            sampling.start()

    def _make_request_metrics(self) -> None:
        self._requests = self._counter(
            "requests_total", "Requests answered.", ["operation", "method", "status"]
        )
        self._durations = self._histogram(
            "request_duration_seconds",
            "Time from the headers to the response, without rejected requests.",
            ["operation"],
        )
        self._rejected = self._counter(
            "requests_rejected_total", "Requests that no operation has seen.", ["reason"]
        )
        for reason in REJECTIONS:
            self._rejected.labels(reason)
        self._in_progress = self._gauge("requests_in_progress", "Requests without a response yet.")
        self._waiting = self._gauge("requests_waiting", "Requests that wait for a thread.")
        self._waits = self._histogram("request_wait_seconds", "Time spent waiting for a thread.")
        self._received = self._counter("received_bytes_total", "Bytes of request bodies.")
        self._sent = self._counter("sent_bytes_total", "Bytes of response bodies.")
        self._phases = self._histogram(
            "phase_duration_seconds",
            "Time spent in a phase of an operation.",
            ["operation", "phase"],
            PHASE_BUCKETS,
        )

    def _make_embedder_metrics(self) -> None:
        self._texts = self._counter("embedder_texts_total", "Texts converted to vectors.")
        self._embeddings = self._histogram(
            "embedder_call_duration_seconds", "Time of a call of the embedder."
        )
        self._embedder_errors = self._counter("embedder_errors_total", "Failed calls of it.")

    def _counter(self, name: str, what: str, labels: Any = ()) -> Counter:
        return Counter(f"memoryos_{name}", what, labels, registry=self._registry)

    def _gauge(self, name: str, what: str, labels: Any = (), mode: Any = "livesum") -> Gauge:
        return Gauge(
            f"memoryos_{name}", what, labels, registry=self._registry, multiprocess_mode=mode
        )

    def _histogram(
        self, name: str, what: str, labels: Any = (), buckets: Any = REQUEST_BUCKETS
    ) -> Histogram:
        return Histogram(f"memoryos_{name}", what, labels, registry=self._registry, buckets=buckets)

    def request_started(self) -> None:
        """Count a request whose headers have arrived."""
        self._in_progress.inc()

    def request_ended(self) -> None:
        """Count the end of a request that `request_started` has counted."""
        self._in_progress.dec()

    def request_queued(self) -> QueuedRequest:
        """Count a request that waits for a thread."""
        return QueuedRequest(self._waiting, self._waits)

    def request_answered(self, entry: Entry) -> None:
        """Count a request and its response."""
        method = entry.method if entry.method in _METHODS else "other"
        self._requests.labels(entry.operation, method, str(entry.status)).inc()
        self._received.inc(entry.received_bytes)
        self._sent.inc(entry.sent_bytes)
        reason = entry.rejection
        if reason is None:
            self._durations.labels(entry.operation).observe(entry.seconds)
        else:
            self._rejected.labels(reason).inc()

    def phases_ended(self, operation: str, seconds: Mapping[str, float]) -> None:
        """Count the phases of an operation.

        Args:
            operation: The operation's id.
            seconds: The time of each phase.
        """
        for phase, spent in seconds.items():
            self._phases.labels(operation, phase).observe(spent)

    def embedded(self, texts: int, seconds: float, *, failed: bool) -> None:
        """Count a call of the embedder; see `EmbeddingObserver`."""
        self._texts.inc(texts)
        self._embeddings.observe(seconds)
        if failed:
            self._embedder_errors.inc()

    def expect_backups(self) -> None:
        """Tell the time of the last good backup, 0 until `backup_succeeded` is called."""
        self._last_backup = self._gauge(
            "backup_last_success_timestamp_seconds",
            "When the last good backup was made, 0 if there is none.",
            mode="max",
        )

    def backup_succeeded(self, at: datetime) -> None:
        """Note the time of a good backup."""
        if self._last_backup is not None:
            self._last_backup.set(at.timestamp())

    def add_source(self, name: str, source: Callable[[], Mapping[str, float]]) -> None:
        """Read numbers of the server when the metrics are rendered.

        Args:
            name: What they are numbers of: `store` or `embedder`.
            source: Returns them without waiting, by names of `_SAMPLED` after `name` and `_`.
        """
        self._sources[name] = source

    def render(self) -> bytes:
        """Return all metrics in Prometheus's text format."""
        self._sample()
        if self._registry is not None:
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)

    def _sample_regularly(self) -> None:
        while True:
            time.sleep(SAMPLE_SECONDS)
            self._sample()

    def _sample(self) -> None:
        with self._sampling:
            for prefix, source in self._sources.items():
                for name, value in source().items():
                    self._set(f"{prefix}_{name}", value)

    def _new_sampled(self, name: str) -> Counter | Gauge:
        if name.endswith("_total"):
            return self._counter(name, _SAMPLED[name])
        # Sizes of several processes add up; of times the earliest matters.
        mode = "livemin" if name.endswith("_timestamp_seconds") else "livesum"
        return self._gauge(name, _SAMPLED[name], mode=mode)

    def _set(self, name: str, value: float) -> None:
        if name not in self._sampled:
            self._sampled[name] = self._new_sampled(name)
        if not name.endswith("_total"):
            self._sampled[name].set(value)
            return
        gained = value - self._last.get(name, 0.0)
        self._sampled[name].inc(gained if gained >= 0 else value)  # it began anew
        self._last[name] = value


class QueuedRequest:
    """A request that waits for a thread."""

    def __init__(self, waiting: Gauge, waits: Histogram) -> None:
        self._waits = waits
        self._since = time.perf_counter()
        self._places = [waiting]  # `pop` is atomic: the thread or the event loop may come first
        waiting.inc()

    def leave(self) -> None:
        """Wait no longer, also if no thread has taken it. Further calls do nothing."""
        with suppress(IndexError):
            self._places.pop().dec()

    def start(self) -> None:
        """Note that a thread has taken it."""
        self.leave()
        self._waits.observe(time.perf_counter() - self._since)
