"""The HTTP server of `memoryos serve`, from its start to its stop."""

from __future__ import annotations

import signal
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import uvicorn

from memoryos_server.embedders import MissingEmbedderError
from memoryos_server.embedders.protocol import address_of
from memoryos_server.embedders.registry import make_importable, named_embedder
from memoryos_server.embedders.remote.pricing import usage_summary
from memoryos_server.http.app import create_app
from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.http.error_log import log_unhandled_error
from memoryos_server.http.open_file_limit import raise_open_file_limit
from memoryos_server.http.rate_limit import RateLimiter
from memoryos_server.model.errors import ServiceError
from memoryos_server.service.operations import open_service
from memoryos_server.stores.database_url import Address
from memoryos_server.stores.factory import MissingStoreError
from memoryos_server.text.token_counts import count_tokens

from .errors import UsageError
from .exit_statuses import FAILED
from .listening import StartError, base_url, listen, refuse_remote
from .serve_options import is_loopback
from .startup_message import StartupMessage
from .store_options import data_file

if TYPE_CHECKING:
    from memoryos_server.embedders import Embedder
    from memoryos_server.service.operations import Service

    from .output import Output
    from .serve_options import ServeOptions

__all__ = ["serve"]

_SHUTDOWN_TIMEOUT_SECONDS = 30


def serve(options: ServeOptions, output: Output) -> int:
    """Serve until SIGINT or SIGTERM, then finish the requests in progress.

    Returns:
        The exit status: 0 after a stop, 1 if the server can't start; then the reason is written as
        an error.
    """
    try:
        return _serve(options, output)
    except (StartError, UsageError, MissingEmbedderError, MissingStoreError) as error:
        output.error(f"memoryos serve: {error}")
        return FAILED


def _serve(options: ServeOptions, output: Output) -> int:
    refuse_remote(options.host, allowed=options.allow_remote)
    raise_open_file_limit()
    place = options.store or data_file(options.data)
    shown = place if options.store is None else str(Address(options.store))
    make_importable(options.embedder)
    embedder = named_embedder(options.embedder)
    with (
        listen(options.host, options.port) as listener,
        closing(open_service(place, embedder=embedder, sync=options.sync)) as service,
    ):
        server = _server(service, options)
        _stop_on_signals(server)
        message = StartupMessage(
            base_url=base_url(listener, options.host),
            api_key=_new_key(service, shown),
            data=shown,
            remote=not is_loopback(options.host),
            embedder=None if embedder is None else embedder.name,
            embedding_url=address_of(embedder),
        )
        _show_startup_message(message, output, for_programs=options.json)
        warming = threading.Thread(
            target=_warm_up, args=(embedder, output), name="memoryos-warm-up"
        )
        warming.start()
        server.run(sockets=[listener])
        warming.join()
        _show_usage(embedder, output)
    return 0 if server.started else FAILED


def _show_startup_message(message: StartupMessage, output: Output, *, for_programs: bool) -> None:
    if for_programs and message.embedding_url is not None:
        output.message(f"memoryos serve: {message.embedding_notice()}")
    # Plain and at once: a program that started the server waits for this line.
    print(message.for_programs() if for_programs else message.for_people(), flush=True)


def _show_usage(embedder: Embedder | None, output: Output) -> None:
    summary = usage_summary(embedder)
    if summary is not None:
        output.message(f"memoryos serve: {summary}")


def _new_key(service: Service, data: str) -> str:
    try:
        service.check_embedder()
        return service.create_key(name="memoryos serve")
    except (OSError, sqlite3.Error, ServiceError) as error:
        raise StartError(f"can't use {data}: {error}") from error


def _server(service: Service, options: ServeOptions) -> uvicorn.Server:
    rate = options.rate_limit
    dispatcher = Dispatcher(
        service,
        max_body_bytes=options.max_body_bytes,
        rate_limiter=None if rate is None else RateLimiter(rate),
    )
    config = uvicorn.Config(
        create_app(dispatcher, max_concurrent_requests=options.max_requests),
        lifespan="on",
        ws="none",
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=_SHUTDOWN_TIMEOUT_SECONDS,
    )
    return uvicorn.Server(config)


def _stop_on_signals(server: uvicorn.Server) -> None:
    # uvicorn handles both signals while it runs, then restores these handlers and raises the signal
    # again: Python's own handlers would end the process by the signal instead of with status 0.
    def stop(*_: object) -> None:
        server.should_exit = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


def _warm_up(embedder: Embedder | None, output: Output) -> None:
    """Load what the first request would otherwise wait for."""
    try:
        if embedder is not None:
            embedder.embed(["warm-up"])
        count_tokens("warm-up")
    except ServiceError as error:
        # Such as a wrong key of the embedding service: tell the operator before a request fails.
        output.error(f"memoryos serve: {error}")
    except Exception as error:  # noqa: BLE001 - the request that needs it reports it to its caller
        log_unhandled_error(error, operation="warming up", request_id="no request")
