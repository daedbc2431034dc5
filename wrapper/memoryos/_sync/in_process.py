# Written by tools/sync_from_async.py from _async/in_process.py: edit that file.
"""Sending to a local Memory OS inside this process: no connections, and no httpx."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, List, Optional, Protocol, Sequence, Tuple, Union

from memoryos._protocol.responses import HTTPResponse
from memoryos._protocol.retries import Failure
from memoryos._transport.attempt import TIME_IS_OVER
from memoryos._transport.failures import AttemptTimeoutError
from memoryos._transport.httpx_adapter import failure_of, is_failure
from memoryos._transport.response_body import collect_headers
from memoryos._transport.tracebacks import clear_frames, current_exception

if TYPE_CHECKING:
    from memoryos._protocol.requests import Request


class LocalMemoryOS(Protocol):
    """A local Memory OS, as `memoryos_server.http.in_process` has it."""

    @property
    def is_open(self) -> bool:
        """Whether it wasn't closed."""
        ...

    @property
    def useful_threads(self) -> Optional[int]:
        """How many threads do more than fewer of them, or None for any number."""
        ...

    def respond(
        self, method: str, target: str, headers: List[Tuple[bytes, bytes]], body: bytes
    ) -> Tuple[int, Sequence[Tuple[str, str]], bytes]:
        """Return the response to a request: its status, headers and body.

        The target is the path below `/v1`, with the query.

        Raises:
            RuntimeError: It is closed.
        """
        ...

    def abort(self) -> None:
        """Close it, where that needs no event loop."""

    def close(self) -> None:
        """Close it."""


class InProcessTransport:
    """Sends requests to a local Memory OS.

    Args:
        local: The local Memory OS, which `close` closes.
    """

    def __init__(self, local: LocalMemoryOS) -> None:
        self._local = local

    def send(self, request: Request, timeout: float) -> Union[HTTPResponse, Failure]:
        """Send `request`; a response that took more than `timeout` seconds is a failure."""
        outer = current_exception()
        ends = time.monotonic() + timeout
        try:
            status, headers, body = self._local.respond(
                request.method,
                request.target,
                [(name.encode("ascii"), value.encode("ascii")) for name, value in request.headers],
                request.content or b"",
            )
        except Exception as cause:
            clear_frames(cause, outer)
            if not is_failure(cause):
                raise
            return failure_of(cause)
        except BaseException as interruption:
            clear_frames(interruption, outer)
            raise
        if time.monotonic() >= ends:  # it can't be interrupted
            return Failure(AttemptTimeoutError(TIME_IS_OVER), timed_out=True)
        return HTTPResponse(status, collect_headers(headers), body)

    @property
    def is_open(self) -> bool:
        """Return whether the local Memory OS is open."""
        return self._local.is_open

    def abort(self) -> None:
        """Close the local Memory OS, where that needs no event loop."""
        self._local.abort()

    def close(self) -> None:
        """Close the local Memory OS."""
        self._local.close()
