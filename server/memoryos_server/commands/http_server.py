"""The HTTP server of `memoryos serve`, from its start to its stop."""

from __future__ import annotations

import sys
from contextlib import closing, nullcontext
from functools import partial
from typing import TYPE_CHECKING

from memoryos_server.embedders import MissingEmbedderError
from memoryos_server.embedders.protocol import address_of
from memoryos_server.http.metrics_folder import forget_process, metrics_folder
from memoryos_server.mcp_http import has_tools
from memoryos_server.model.errors import ServiceError
from memoryos_server.service.warm_up import WarmUp
from memoryos_server.stores.database_url import Address
from memoryos_server.stores.factory import MissingStoreError

from .errors import UsageError
from .exit_statuses import FAILED
from .first_key import first_key
from .listening import StartError, base_url, describe_address, is_loopback, listen, refuse_remote
from .logging_setup import LEVELS as LOG_LEVELS
from .logging_setup import log_to_standard_error
from .monitoring import create_metrics, observed
from .server_backups import server_backups
from .server_process import (
    build_server,
    load_certificate,
    open_embedder,
    open_memories,
    run_server,
)
from .startup_message import StartupMessage, keys_command
from .stop_signals import handle_signals, in_background, reload_certificate
from .store_options import data_file
from .workers import Supervisor

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from memoryos_server.embedders import Embedder
    from memoryos_server.http.certificate import Certificate

    from .first_key import FirstKey
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
        with nullcontext() if options.workers == 1 else metrics_folder():
            return _serve(options, output)
    except (
        StartError,
        UsageError,
        MissingEmbedderError,
        MissingStoreError,
        ServiceError,  # the database has gone since it was opened
    ) as error:
        output.error(f"memoryos serve: {error}")
        return FAILED


def _serve(options: ServeOptions, output: Output) -> int:
    certificate = load_certificate(options)
    refuse_remote(options.host, allowed=options.allow_remote, is_encrypted=certificate is not None)
    if options.workers > 1 and options.store is None:
        raise UsageError(
            f"--workers {options.workers} needs a PostgreSQL database, named with --store; a file "
            "has one server process"
        )
    place = options.store or data_file(options.data)
    embedder = open_embedder(options)
    metrics = create_metrics(options, embedder)
    backups = server_backups(options, place, on_success=metrics.backup_succeeded)
    with (
        listen(options.host, options.port) as listener,
        closing(open_memories(options, observed(embedder, metrics))) as service,
        log_to_standard_error(LOG_LEVELS[options.log], as_json=options.log_format == "json"),
        first_key(service, options) as key,
    ):

        def show_message() -> None:
            _show_startup_message(options, output, listener, certificate, embedder, key)

        if options.workers > 1:
            service.close()  # each worker opens its own
            return _run_workers(options, listener, show_message, backups)
        warm_up = WarmUp(embedder)
        server = build_server(service, options, certificate, warm_up, metrics)

        def stop() -> None:
            server.should_exit = True

        handle_signals(stop, in_background(partial(reload_certificate, certificate)))
        show_message()
        with backups:
            run_server(server, listener, warm_up, output, options)
    return 0 if server.started else FAILED


def _run_workers(
    options: ServeOptions,
    listener: socket.socket,
    show_message: Callable[[], None],
    backups: AbstractContextManager[object],
) -> int:
    with closing(Supervisor(options, listener, forget_process)) as supervisor:
        supervisor.start()
        show_message()
        with backups:
            return supervisor.run()


def _show_startup_message(
    options: ServeOptions,
    output: Output,
    listener: socket.socket,
    certificate: Certificate | None,
    embedder: Embedder | None,
    key: FirstKey,
) -> None:
    message = StartupMessage(
        base_url=base_url(listener, options.host, certificate),
        listening=describe_address(listener, is_encrypted=certificate is not None),
        key=key,
        shows_key=options.print_key or sys.stdout.isatty(),
        data=data_file(options.data) if options.store is None else str(Address(options.store)),
        keys_command=keys_command(options),
        remote=not is_loopback(options.host),
        encrypted=certificate is not None,
        embedder=None if embedder is None else embedder.name,
        embedding_url=address_of(embedder),
        has_mcp=has_tools() and not options.no_mcp,
    )
    if certificate is not None and certificate.problem is not None:
        output.error(f"memoryos serve: {certificate.problem}; clients will not accept it")
    if options.json and message.embedding_url is not None:
        output.message(f"memoryos serve: {message.embedding_notice()}")
    if options.json and key.is_readable_by_others:
        output.message(f"memoryos serve: other users can read {key.file}; run chmod 600 on it")
    # Plain and at once: a program that started the server waits for this line.
    print(message.for_programs() if options.json else message.for_people(), flush=True)
