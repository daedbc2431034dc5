"""What one process of `memoryos serve` does: build a server from the options, and run it."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from memoryos_server.embedders.registry import make_importable, named_embedder
from memoryos_server.embedders.remote.pricing import usage_summary
from memoryos_server.http.app import new_threads
from memoryos_server.http.certificate import Certificate, CertificateError
from memoryos_server.http.cors import CrossOrigin
from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.http.error_log import log_unhandled_error
from memoryos_server.http.failed_authentications import FailedAuthentications
from memoryos_server.http.pages import default_endpoints
from memoryos_server.http.pages.metrics import MetricsEndpoint
from memoryos_server.http.rate_limit import RateLimiter
from memoryos_server.http.server import create_server
from memoryos_server.http.trusted_proxies import TrustedProxies
from memoryos_server.mcp_http import McpEndpoint
from memoryos_server.model.errors import ServiceError
from memoryos_server.model.timestamps import utc_now
from memoryos_server.service.operations import open_service

from .listening import StartError, is_loopback
from .monitoring import read_metrics_token
from .store_options import data_file

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from concurrent.futures import ThreadPoolExecutor

    import uvicorn

    from memoryos_server.embedders import Embedder
    from memoryos_server.http.endpoints import Endpoint
    from memoryos_server.http.metrics import Metrics
    from memoryos_server.service.operations import Service
    from memoryos_server.service.warm_up import WarmUp

    from .output import Output
    from .serve_options import ServeOptions

__all__ = ["build_server", "load_certificate", "open_embedder", "open_memories", "run_server"]

_logger = logging.getLogger("memoryos_server")


def open_embedder(options: ServeOptions) -> Embedder | None:
    """Return the embedder that the options name."""
    make_importable(options.embedder)
    return named_embedder(options.embedder)


def open_memories(options: ServeOptions, embedder: Embedder | None) -> Service:
    """Open the file or database that the options name."""
    place = options.store or data_file(options.data)
    return open_service(place, embedder=embedder, sync=options.sync)


def load_certificate(options: ServeOptions) -> Certificate | None:
    """Return the certificate that the options name, or None without TLS.

    Raises:
        StartError: It can't be used.
    """
    if options.tls_cert is None:
        if options.tls_key is not None:
            raise StartError("--tls-key needs --tls-cert, the certificate that it belongs to")
        return None
    try:
        return Certificate(options.tls_cert, options.tls_key)
    except CertificateError as error:
        raise StartError(str(error)) from error


def build_server(
    service: Service,
    options: ServeOptions,
    certificate: Certificate | None,
    warm_up: WarmUp,
    metrics: Metrics,
    on_start: Callable[[], None] | None = None,
) -> uvicorn.Server:
    """Return the server of this process, which is ready once `warm_up` has run.

    Args:
        service: Handles the requests; it is closed when the server stops.
        options: The options of the server.
        certificate: The certificate, to serve HTTPS.
        warm_up: Loads what the first request needs.
        metrics: Counts the requests.
        on_start: Called when the server accepts connections.

    Raises:
        UsageError: The file of the metrics' token can't be used.
    """
    metrics.add_source("store", service.statistics)
    if certificate is not None:
        expiry = "expiry_timestamp_seconds"
        metrics.add_source("certificate", lambda: {expiry: certificate.expires_at})
    metrics_endpoint = MetricsEndpoint(metrics, read_metrics_token(options.metrics_token_file))
    rate = options.rate_limit
    dispatcher = Dispatcher(
        service,
        max_body_bytes=options.max_body_bytes,
        rate_limiter=None if rate is None else RateLimiter(rate),
        failed_authentications=FailedAuthentications(options.failed_auth_limit),
        observe_phases=metrics.phases_ended,
    )
    threads = new_threads()
    endpoints = default_endpoints(
        service,
        warm_up,
        is_stopping=lambda: server.should_exit,
        more=[metrics_endpoint, *_mcp(dispatcher, threads, options)],
    )
    server = create_server(
        dispatcher,
        endpoints=endpoints,
        threads=threads,
        max_concurrent_requests=options.max_requests,
        log_requests=True,
        metrics=metrics,
        certificate=certificate,
        trusted_proxies=TrustedProxies(options.trusted_proxies),
        on_start=on_start,
        cross_origin=CrossOrigin(options.cors_origins) if options.cors_origins else None,
        valid_keys=[record for record in service.list_keys() if record.is_valid(utc_now())],
    )
    return server


def _mcp(
    dispatcher: Dispatcher, threads: ThreadPoolExecutor, options: ServeOptions
) -> list[Endpoint]:
    if options.no_mcp:
        return []
    is_local = is_loopback(options.host)
    return [
        McpEndpoint(dispatcher, threads, origins=options.cors_origins, only_this_machine=is_local)
    ]


def run_server(
    server: uvicorn.Server,
    listener: socket.socket,
    warm_up: WarmUp,
    output: Output,
    options: ServeOptions,
) -> None:
    """Run a server until it is to stop, and finish the requests in progress."""
    warming = threading.Thread(target=_warm_up, args=(warm_up,), name="memoryos-warm-up")
    warming.start()
    server.run(sockets=[listener])
    warming.join()
    summary = usage_summary(warm_up.embedder)
    if summary is None:
        return
    if options.log_format == "json":
        _logger.info("%s", summary)
    else:
        output.message(f"memoryos serve: {summary}")


def _warm_up(warm_up: WarmUp) -> None:
    try:
        warm_up.run()
    except ServiceError as error:
        # Such as a wrong key of the embedding service: tell the operator before a request fails.
        _logger.error("%s", error)  # noqa: TRY400 - the message says what to do
    except Exception as error:  # noqa: BLE001 - the request that needs it reports it to its caller
        log_unhandled_error(error, operation="warming up", request_id="no request")
