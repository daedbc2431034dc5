"""The single-origin transport: httpcore's connections, taken and given back in no time."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Dict, Optional, Union, cast

import httpcore

from memoryos._protocol.responses import HTTPResponse
from memoryos._transport.httpcore_adapter import (
    FAILURES,
    HttpcoreRequests,
    busy,
    failure_of,
    has_unread_data,
    headers_of,
)
from memoryos._transport.pool import KEEPALIVE_SECONDS, MAX_CONNECTIONS, Slot
from memoryos._transport.response_body import BodyReader
from memoryos._transport.shared_pool import SharedPool
from memoryos._transport.sockets import Deadline
from memoryos._transport.tracebacks import clear_frames, current_exception

from .network import Backend

if TYPE_CHECKING:
    import ssl
    from typing import Iterable

    from memoryos._protocol.requests import Request
    from memoryos._protocol.retries import Failure


class Connection:
    """One connection, and the deadline of the attempt that it carries."""

    def __init__(self, origin: httpcore.Origin, ssl_context: Optional[ssl.SSLContext]) -> None:
        self._deadline = Deadline()
        self._http = httpcore.HTTPConnection(
            origin, ssl_context=ssl_context, network_backend=Backend(self._deadline)
        )

    def exchange(self, message: httpcore.Request, deadline: float) -> HTTPResponse:
        """Send a request, and return its answer."""
        self._deadline.at = deadline
        response = self._http.handle_request(message)
        headers = headers_of(response)
        body = BodyReader(headers)
        for part in cast("Iterable[bytes]", response.stream):
            if not body.feed(part):
                break
        response.close()
        return HTTPResponse(response.status, headers, body.content(), body.defect)

    def is_available(self) -> bool:
        """Return whether another request can follow."""
        return self._http.is_available() and not has_unread_data(self._http)

    def has_expired(self) -> bool:
        """Return whether the service has hung up."""
        return self._http.has_expired()

    def close(self) -> None:
        """Close the socket."""
        self._http.close()


class DirectTransport:
    """Sends requests over connections of its own.

    Threads may share it, and a process that was forked starts with no connections.
    """

    def __init__(self, base_url: str, ssl_context: Optional[ssl.SSLContext]) -> None:
        self._requests = HttpcoreRequests(base_url)
        self._ssl_context = ssl_context
        self._closed = False
        # By process: what a parent has open stays the parent's.
        self._pools: Dict[int, SharedPool[Connection]] = {}

    def send(self, request: Request, timeout: float) -> Union[HTTPResponse, Failure]:
        """Send `request`, and wait at most `timeout` seconds for its whole answer."""
        outer = current_exception()
        deadline = time.monotonic() + timeout
        pool = self._pools.get(os.getpid()) or self._pool_of_this_process()
        slot: Slot[Connection] = Slot()
        usable = False
        try:
            if not pool.take(slot, deadline):
                return busy(MAX_CONNECTIONS)
            connection = self._connection(slot)
            answer = connection.exchange(self._requests.message(request), deadline)
            usable = connection.is_available()
        except FAILURES as cause:
            return failure_of(clear_frames(cause, outer))
        except BaseException as interruption:
            clear_frames(interruption, outer)
            raise
        else:
            return answer
        finally:
            pool.give_back(slot, usable=usable)

    def _connection(self, slot: Slot[Connection]) -> Connection:
        """Return the connection of a slot, or a new one where it has none that is still good."""
        if slot.connection is not None and slot.connection.has_expired():
            slot.connection.close()
            slot.connection = None
        if slot.connection is None:
            slot.connection = Connection(self._requests.origin, self._ssl_context)
        return slot.connection

    def _pool_of_this_process(self) -> SharedPool[Connection]:
        process = os.getpid()
        for other in [other for other in list(self._pools) if other != process]:
            inherited = self._pools.pop(other, None)
            if inherited is not None:
                inherited.abandon()
        # `setdefault` is atomic: threads that come here at once get the same one.
        pool = self._pools.setdefault(process, SharedPool(MAX_CONNECTIONS, KEEPALIVE_SECONDS))
        if self._closed:
            pool.close()
        return pool

    @property
    def is_open(self) -> bool:
        """Return whether a connection of this process is open."""
        pool = self._pools.get(os.getpid())
        return pool is not None and pool.open > 0

    def abort(self) -> None:
        """The same as `close`, which never waits."""
        self.close()

    def close(self) -> None:
        """Close the idle connections now, and those in use when they are given back."""
        self._closed = True
        for process, pool in list(self._pools.items()):
            if process == os.getpid():
                pool.close()
            else:
                pool.abandon()
