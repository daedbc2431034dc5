"""The single-origin transport: httpcore's connections, taken and given back in no time."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Optional, Union

import httpcore

from ._answers import Answer
from ._body import BodyReader
from ._exchange import Failure
from ._network import Backend, Deadline
from ._pool import Place, Pool
from ._wire import FAILURES, address_of, failure_of, headers_of, wire_request

if TYPE_CHECKING:
    import ssl

    from ._requests import Request

MOST_CONNECTIONS = 100
# Seconds; whether the service has hung up meanwhile is looked at besides.
KEEPALIVE = 30.0


class Connection:
    """One connection, and the deadline of the attempt that it carries."""

    def __init__(self, origin: httpcore.Origin, ssl_context: Optional[ssl.SSLContext]) -> None:
        self._deadline = Deadline()
        self._http = httpcore.HTTPConnection(
            origin, ssl_context=ssl_context, network_backend=Backend(self._deadline)
        )

    def exchange(self, message: httpcore.Request, deadline: float) -> Answer:
        """Send a request, and return its answer."""
        self._deadline.at = deadline
        response = self._http.handle_request(message)
        headers = headers_of(response)
        body = BodyReader(headers)
        for part in response.iter_stream():
            if not body.feed(part):
                break
        response.close()
        return Answer(response.status, headers, body.content(), body.defect)

    def is_available(self) -> bool:
        """Return whether another request can follow."""
        return self._http.is_available()

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
        self._address = address_of(base_url)
        self._ssl_context = ssl_context
        self._reset()

    def _reset(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._pool: Pool[Connection] = Pool(MOST_CONNECTIONS, KEEPALIVE)
        self._closed = False

    def send(self, request: Request, timeout: float) -> Union[Answer, Failure]:
        """Send `request`, and wait at most `timeout` seconds for its whole answer."""
        if os.getpid() != self._process:
            self._leave_to_parent()
        deadline = time.monotonic() + timeout
        place = self._place(deadline)
        if not place.granted:
            busy = TimeoutError(f"all {MOST_CONNECTIONS} connections are in use")
            return Failure(busy, timed_out=True, sent=False)
        connection: Optional[Connection] = None
        usable = False
        try:
            connection = self._connection(place)
            answer = connection.exchange(wire_request(request, self._address), deadline)
            usable = connection.is_available()
        except FAILURES as cause:
            return failure_of(cause)
        else:
            return answer
        finally:
            self._give_back(connection, usable=usable)

    def _place(self, deadline: float) -> Place[Connection]:
        """Return a place in the pool, granted unless the deadline passed first."""
        with self._lock:
            now = time.monotonic()
            expired = self._pool.expired(now)
            place = self._pool.take()
            event = None if place.granted else threading.Event()
            place.wake = None if event is None else event.set
        for connection in expired:
            connection.close()
        if event is not None and not event.wait(deadline - now):
            with self._lock:
                place.given_up = True
        return place

    def _connection(self, place: Place[Connection]) -> Connection:
        connection = place.connection
        if connection is not None and connection.has_expired():
            connection.close()
            connection = None
        return connection or Connection(self._address.origin, self._ssl_context)

    def _give_back(self, connection: Optional[Connection], *, usable: bool) -> None:
        keep = connection if usable and not self._closed else None
        if connection is not None and keep is None:
            connection.close()
        with self._lock:
            woken = self._pool.give_back(keep, time.monotonic())
            if woken is not None and woken.wake is not None:
                woken.wake()

    def _leave_to_parent(self) -> None:
        """Start anew in a forked process: the connections belong to the parent."""
        inherited = self._pool.clear()
        self._reset()
        for connection in inherited:
            connection.close()  # this process's copy of the socket; the parent's stays open

    @property
    def is_open(self) -> bool:
        """Return whether a connection is open."""
        return self._pool.open > 0

    def abort(self) -> None:
        """The same as `close`, which never waits."""
        self.close()

    def close(self) -> None:
        """Close the idle connections now, and those in use when they are given back."""
        self._closed = True
        with self._lock:
            idle = self._pool.clear()
        for connection in idle:
            connection.close()
