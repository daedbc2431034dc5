"""A server with or without metrics and a log, in a process of its own.

    python -m benchmarks.server.serving FILE [--log text|json] [--metrics]

It prints its address and an API key, and serves until its standard input ends.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from memoryos_server.commands.listening import listen
from memoryos_server.commands.logging_setup import log_to_standard_error
from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.embedders.observed import ObservedEmbedder
from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.http.metrics import Metrics
from memoryos_server.http.server import create_server
from memoryos_server.service.operations import open_service

if TYPE_CHECKING:
    import uvicorn

    from memoryos_server.embedders import Embedder


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server.serving")
    parser.add_argument("file")
    parser.add_argument("--log", choices=["text", "json"])
    parser.add_argument("--metrics", action="store_true")
    options = parser.parse_args()
    metrics = Metrics({"version": "benchmark"}) if options.metrics else None
    embedder: Embedder = HashingEmbedder()
    if metrics is not None:
        embedder = ObservedEmbedder(embedder, metrics)
    with ExitStack() as stack:
        service = stack.enter_context(closing(open_service(options.file, embedder=embedder)))
        if options.log is not None:
            as_json = options.log == "json"
            stack.enter_context(log_to_standard_error(logging.INFO, as_json=as_json))
        observe = None if metrics is None else metrics.phases_ended
        server = create_server(
            Dispatcher(service, observe_phases=observe),
            log_requests=options.log is not None,
            metrics=metrics,
        )
        listener = stack.enter_context(listen("127.0.0.1", 0))
        print(f"127.0.0.1:{listener.getsockname()[1]} {service.create_key()}", flush=True)
        threading.Thread(target=_stop_at_the_end, args=(server,), daemon=True).start()
        server.run(sockets=[listener])


def _stop_at_the_end(server: uvicorn.Server) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    server.should_exit = True


if __name__ == "__main__":
    main()
