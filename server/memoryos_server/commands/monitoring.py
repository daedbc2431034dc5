"""The metrics of `memoryos serve`, and the token that protects them."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

from memoryos_server.embedders.observed import ObservedEmbedder
from memoryos_server.embedders.remote.pricing import usage_of
from memoryos_server.http.metrics_folder import ignore_metrics_folder
from memoryos_server.http.pages.version import program_version

from .errors import UsageError

if TYPE_CHECKING:
    from memoryos_server.embedders import Embedder
    from memoryos_server.http.metrics import Metrics

    from .serve_options import ServeOptions

__all__ = ["create_metrics", "observed", "read_metrics_token"]

MIN_TOKEN_CHARACTERS = 16
_MAX_TOKEN_BYTES = 4096
_PERMISSIONS_OF_OTHERS = 0o007


def create_metrics(options: ServeOptions, embedder: Embedder | None) -> Metrics:
    """Return the metrics of this process.

    Of several processes, each must be started within `metrics_folder`.
    """
    if options.workers == 1:
        ignore_metrics_folder()
    # Imported late: its packages read the variable of the folder.
    from memoryos_server.http.metrics import Metrics

    metrics = Metrics(
        {
            "version": program_version(),
            "python": platform.python_version(),
            "store": "sqlite" if options.store is None else "postgresql",
            "embedder": "none" if embedder is None else embedder.name,
        }
    )
    if options.backup_dir is not None:
        metrics.expect_backups()
    metrics.add_source("embedder_service", lambda: _usage(embedder))
    return metrics


def observed(embedder: Embedder | None, metrics: Metrics) -> Embedder | None:
    """Return an embedder whose calls are counted."""
    return None if embedder is None else ObservedEmbedder(embedder, metrics)


def read_metrics_token(file: str | None) -> str | None:
    """Return the token in a file, or None without a file.

    Raises:
        UsageError: The file can't be read, others can read it, or it holds no good token.
    """
    if file is None:
        return None
    path = Path(file).expanduser()
    try:
        with path.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            content = opened.read(_MAX_TOKEN_BYTES + 1)
    except OSError as error:
        raise UsageError(f"can't read --metrics-token-file {file}: {error.strerror}") from error
    if os.name != "nt" and mode & _PERMISSIONS_OF_OTHERS:
        raise UsageError(
            f"--metrics-token-file {file} can be read by every user; run: chmod 600 {file}"
        )
    token = content.decode("latin-1").strip()
    if len(token) < MIN_TOKEN_CHARACTERS or len(content) > _MAX_TOKEN_BYTES or not _is_token(token):
        raise UsageError(
            f"--metrics-token-file {file} must hold one word of {MIN_TOKEN_CHARACTERS} or more "
            "ASCII characters; make one with: openssl rand -hex 32"
        )
    return token


def _is_token(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def _usage(embedder: Embedder | None) -> dict[str, float]:
    usage = usage_of(embedder)
    if usage is None:
        return {}
    return {"requests_total": usage.requests, "tokens_total": usage.tokens}
