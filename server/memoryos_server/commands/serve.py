"""Running the local Memory OS over HTTP until somebody stops it."""

from __future__ import annotations

import signal
import sqlite3
import sys
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import uvicorn

from memoryos_server.embedders import MissingEmbedderError
from memoryos_server.embedders.pricing import usage_summary
from memoryos_server.embedders.protocol import address_of
from memoryos_server.embedders.registry import make_importable, named_embedder
from memoryos_server.http.app import create_app
from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.http.error_log import log_unexpected
from memoryos_server.http.open_files import allow_many_files
from memoryos_server.http.rate_limit import RateLimiter
from memoryos_server.model.errors import ServiceError
from memoryos_server.service.operations import open_service
from memoryos_server.stores.data_path import data_path
from memoryos_server.stores.database_url import Address
from memoryos_server.stores.factory import MissingStoreError
from memoryos_server.text.token_counts import count_tokens

from .listening import StartError, base_url, listen, refuse_remote
from .serve_options import is_loopback
from .startup_message import Announcement

if TYPE_CHECKING:
    from memoryos_server.embedders import Embedder
    from memoryos_server.service.operations import Service

    from .serve_options import ServeOptions

__all__ = ["serve"]

_GRACE_SECONDS = 30


def serve(options: ServeOptions) -> int:
    """Serve until SIGINT or SIGTERM, then finish what is under way.

    Returns:
        The process's exit status: 0 after a stop, 1 where it could not start, with one line on
        standard error.
    """
    try:
        return _serve(options)
    except (StartError, MissingEmbedderError, MissingStoreError) as error:
        print(f"memoryos serve: {error}", file=sys.stderr)
        return 1


def _serve(options: ServeOptions) -> int:
    refuse_remote(options.host, allowed=options.allow_remote)
    allow_many_files()
    place = options.store or data_path(options.data)
    shown = place if options.store is None else str(Address(options.store))
    make_importable(options.embedder)
    embedder = named_embedder(options.embedder)
    with (
        listen(options.host, options.port) as listener,
        closing(open_service(place, embedder=embedder, sync=options.sync)) as service,
    ):
        server = _server(service, options)
        _stop_on_signals(server)
        announcement = Announcement(
            base_url=base_url(listener, options.host),
            api_key=_new_key(service, shown),
            data=shown,
            remote=not is_loopback(options.host),
            embedder=None if embedder is None else embedder.name,
            texts_go_to=address_of(embedder),
        )
        _announce(announcement, for_programs=options.json)
        warming = threading.Thread(target=_warm_up, args=(embedder,), name="memoryos-warm-up")
        warming.start()
        server.run(sockets=[listener])
        warming.join()
        _tell_bill(embedder)
    return 0 if server.started else 1


def _announce(announcement: Announcement, *, for_programs: bool) -> None:
    if for_programs and announcement.texts_go_to is not None:
        print(f"memoryos serve: {announcement.sending()}", file=sys.stderr, flush=True)
    print(announcement.for_programs() if for_programs else announcement.for_people(), flush=True)


def _tell_bill(embedder: Embedder | None) -> None:
    told = usage_summary(embedder)
    if told is not None:
        print(f"memoryos serve: {told}", file=sys.stderr, flush=True)


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
        create_app(dispatcher, max_under_way=options.max_requests),
        lifespan="on",
        ws="none",
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    return uvicorn.Server(config)


def _stop_on_signals(server: uvicorn.Server) -> None:
    # uvicorn handles both while it runs, then puts these back and raises the signal once more:
    # with Python's own handlers the process would end by the signal instead of with status 0.
    def stop(*_: object) -> None:
        server.should_exit = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


def _warm_up(embedder: Embedder | None) -> None:
    """Load what the first request would have to wait for."""
    try:
        if embedder is not None:
            embedder.embed(["warm-up"])
        count_tokens("warm-up")
    except ServiceError as error:
        # Such as a wrong key: whoever started the server is to know it before its callers do.
        print(f"memoryos serve: {error}", file=sys.stderr, flush=True)
    except Exception as error:  # noqa: BLE001 - the request that needs it reports it to its caller
        log_unexpected(error, operation="warming up", request_id="no request")
