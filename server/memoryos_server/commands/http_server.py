"""The HTTP server of `memoryos serve`, from its start to its stop."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from memoryos_server.embedders import MissingEmbedderError
from memoryos_server.embedders.protocol import address_of
from memoryos_server.embedders.registry import make_importable, named_embedder
from memoryos_server.embedders.remote.pricing import usage_summary
from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.http.error_log import log_unhandled_error
from memoryos_server.http.pages import default_endpoints
from memoryos_server.http.rate_limit import RateLimiter
from memoryos_server.http.server import create_server
from memoryos_server.model.errors import ServiceError
from memoryos_server.service.operations import open_service
from memoryos_server.service.warm_up import WarmUp
from memoryos_server.stores.database_url import Address
from memoryos_server.stores.factory import MissingStoreError

from .errors import UsageError
from .exit_statuses import FAILED
from .first_key import first_key
from .listening import StartError, base_url, describe_address, listen, refuse_remote
from .logging_setup import log_to_standard_error, read_level
from .serve_options import is_loopback
from .server_backups import server_backups
from .startup_message import StartupMessage, keys_command
from .store_options import data_file

if TYPE_CHECKING:
    import uvicorn

    from memoryos_server.embedders import Embedder
    from memoryos_server.service.operations import Service

    from .output import Output
    from .serve_options import ServeOptions

__all__ = ["serve"]


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
    level = read_level(os.environ)
    place = options.store or data_file(options.data)
    shown = place if options.store is None else str(Address(options.store))
    backups = server_backups(options, place, on_success=lambda _: None)
    make_importable(options.embedder)
    embedder = named_embedder(options.embedder)
    with (
        listen(options.host, options.port) as listener,
        closing(open_service(place, embedder=embedder, sync=options.sync)) as service,
        log_to_standard_error(level),
        ExitStack() as stack,
    ):
        warm_up = WarmUp(embedder)
        server = _server(service, options, warm_up)
        _stop_on_signals(server)
        key = stack.enter_context(first_key(service, options))
        message = StartupMessage(
            base_url=base_url(listener, options.host),
            listening=describe_address(listener),
            key=key,
            shows_key=options.print_key or sys.stdout.isatty(),
            data=shown,
            keys_command=keys_command(options),
            remote=not is_loopback(options.host),
            embedder=None if embedder is None else embedder.name,
            embedding_url=address_of(embedder),
        )
        _show_startup_message(message, output, for_programs=options.json)
        warming = threading.Thread(target=_warm_up, args=(warm_up, output), name="memoryos-warm-up")
        warming.start()
        with backups:
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


def _server(service: Service, options: ServeOptions, warm_up: WarmUp) -> uvicorn.Server:
    rate = options.rate_limit
    dispatcher = Dispatcher(
        service,
        max_body_bytes=options.max_body_bytes,
        rate_limiter=None if rate is None else RateLimiter(rate),
    )
    server = create_server(
        dispatcher,
        endpoints=default_endpoints(service, warm_up, is_stopping=lambda: server.should_exit),
        max_concurrent_requests=options.max_requests,
        log_requests=True,
    )
    return server


def _stop_on_signals(server: uvicorn.Server) -> None:
    # uvicorn handles both signals while it runs, then restores these handlers and raises the signal
    # again: Python's own handlers would end the process by the signal instead of with status 0.
    def stop(*_: object) -> None:
        server.should_exit = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


def _warm_up(warm_up: WarmUp, output: Output) -> None:
    """Load what the first request would otherwise wait for."""
    try:
        warm_up.run()
    except ServiceError as error:
        # Such as a wrong key of the embedding service: tell the operator before a request fails.
        output.error(f"memoryos serve: {error}")
    except Exception as error:  # noqa: BLE001 - the request that needs it reports it to its caller
        log_unhandled_error(error, operation="warming up", request_id="no request")
