"""Running the local Memory OS over HTTP until somebody stops it."""

from __future__ import annotations

import errno
import ipaddress
import signal
import socket
import sqlite3
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from .announcement import Announcement
from .app import create_app
from .dispatch import Dispatcher
from .embedders import default_embedder
from .errors import ServiceError
from .locations import default_data_path
from .options import is_loopback
from .service import open_service
from .tokens import count_tokens
from .unexpected import log_unexpected

if TYPE_CHECKING:
    from .options import ServeOptions
    from .service import Service

__all__ = ["serve"]

_BACKLOG = 2048
_GRACE_SECONDS = 30


class _StartError(Exception):
    """Why the server can't start, in one helpful line."""


def serve(options: ServeOptions) -> int:
    """Serve until SIGINT or SIGTERM, then finish what is under way.

    Returns:
        The process's exit status: 0 after a stop, 1 where it could not start, with one line on
        standard error.
    """
    try:
        return _serve(options)
    except _StartError as error:
        print(f"memoryos serve: {error}", file=sys.stderr)
        return 1


def _serve(options: ServeOptions) -> int:
    _refuse_remote(options)
    data = _data_path(options)
    with (
        _listen(options.host, options.port) as listener,
        closing(open_service(data, sync=options.sync)) as service,
    ):
        server = _server(service)
        _stop_on_signals(server)
        announcement = Announcement(
            base_url=_base_url(listener, options),
            api_key=_new_key(service, data),
            data=data,
            remote=not is_loopback(options.host),
        )
        print(
            announcement.for_programs() if options.json else announcement.for_people(), flush=True
        )
        warming = threading.Thread(target=_warm_up, name="memoryos-warm-up")
        warming.start()
        server.run(sockets=[listener])
        warming.join()
    return 0 if server.started else 1


def _refuse_remote(options: ServeOptions) -> None:
    if not is_loopback(options.host) and not options.allow_remote:
        raise _StartError(
            f"{options.host} can be reached from other machines, and the traffic is not encrypted; "
            "if that is what you want, add --allow-remote"
        )


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that already takes connections, so that the address can be told at once."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address, family=family, backlog=_BACKLOG)
    except OSError as error:
        raise _StartError(_why_not_listening(error, host, port)) from error


def _why_not_listening(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use; choose another with --port, or a free one with --port 0"
    if error.errno == errno.EACCES:
        return f"port {port} needs special rights; choose one from 1024 upwards with --port"
    return f"can't listen on {host} port {port}: {error.strerror or error}"


def _data_path(options: ServeOptions) -> str:
    if options.data is None:
        return str(default_data_path())
    if options.data == ":memory:":
        return options.data
    return str(Path(options.data).expanduser().absolute())


def _new_key(service: Service, data: str) -> str:
    try:
        return service.create_key(name="memoryos serve")
    except (OSError, sqlite3.Error, ServiceError) as error:
        raise _StartError(f"can't use {data}: {error}") from error


def _base_url(listener: socket.socket, options: ServeOptions) -> str:
    host, port = listener.getsockname()[:2]
    address = ipaddress.ip_address(host)
    if address.is_unspecified:  # listens everywhere; this machine is the one that reads the line
        host = "127.0.0.1" if address.version == 4 else "::1"
    elif options.host == "localhost":
        host = "localhost"
    return f"http://[{host}]:{port}/v1" if ":" in host else f"http://{host}:{port}/v1"


def _server(service: Service) -> uvicorn.Server:
    config = uvicorn.Config(
        create_app(Dispatcher(service)),
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


def _warm_up() -> None:
    """Load what the first request would have to wait for."""
    try:
        embedder = default_embedder()
        if embedder is not None:
            embedder.embed(["warm-up"])
        count_tokens("warm-up")
    except Exception as error:  # noqa: BLE001 - the request that needs it reports it to its caller
        log_unexpected(error, operation="warming up", request_id="no request")
