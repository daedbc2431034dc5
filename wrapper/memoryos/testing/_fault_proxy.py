"""HTTP proxy that injects faults. It runs on an event loop in its own thread."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Callable, Coroutine, Deque, Mapping, Optional, Set, Type, TypeVar
from urllib.parse import urlsplit

from ._fault_plan import FaultPlan
from ._http_messages import Received, Reply, parse_request
from ._proxy_connection import CONNECTION_ERRORS, MAX_HEAD_BYTES, ProxyConnection
from ._proxy_echo import echo
from .faults import NONE, End, Fault, Moment

if TYPE_CHECKING:
    import ssl
    from types import TracebackType
    from typing import Iterable

    from typing_extensions import Self

T = TypeVar("T")

_MAX_RECEIVED = 1000


@dataclass
class Counts:
    """Counters of a proxy.

    Attributes:
        connections: Number of accepted connections.
        requests: Number of complete requests.
        answers: Number of complete responses.
        faults: Number of injected faults, by name.
    """

    connections: int = 0
    requests: int = 0
    answers: int = 0
    faults: Counter[str] = field(default_factory=lambda: Counter())  # noqa: PLW0108 - pyright needs the lambda


class FaultProxy:
    """HTTP proxy that injects faults between clients and a Memory OS, or responds by itself.

    Use it as a context manager. It listens on 127.0.0.1 only. Faults may be planned from any thread
    while it runs.

    Args:
        upstream: Base URL of the service, such as `http://127.0.0.1:8377/v1`; http only. Default:
            no service; `answer` creates the responses.
        answer: Returns the response to a request if there is no upstream. It is called in the
            proxy's thread. Default: a response that repeats the fields of the request in the
            contract's envelope.
        ssl_context: Serves TLS with this context. Default: plain HTTP.
        port: Port to listen on. Default: any free port.

    Attributes:
        port: The port, once started.
        counts: Counters of connections, requests, responses and faults.
        received: The last 1000 complete requests, oldest first.

    Raises:
        ValueError: `upstream` is not an http URL.

    Example:
        >>> with FaultProxy() as proxy, MemoryOS("mos_test_key", proxy.base_url) as memory:
        ...     proxy.fail_next(faults.status(503), times=2)
        ...     memory.memories.create("Ada drinks her coffee black")  # succeeds in attempt 3
    """

    def __init__(
        self,
        upstream: Optional[str] = None,
        *,
        answer: Callable[[Received], Reply] = echo,
        ssl_context: Optional[ssl.SSLContext] = None,
        port: int = 0,
    ) -> None:
        parts = urlsplit(upstream or "http://none/v1")
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError("upstream must be an http URL")
        self.port = port
        self.counts = Counts()
        self.received: Deque[Received] = deque(maxlen=_MAX_RECEIVED)
        self._upstream = (parts.hostname, parts.port or 80) if upstream else None
        self._path = parts.path.rstrip("/")
        self._answer = answer
        self._ssl_context = ssl_context
        self._plan = FaultPlan()
        self._latency_seconds = 0.0
        self._server: Optional[asyncio.AbstractServer] = None
        self._connections: Set[ProxyConnection] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def base_url(self) -> str:
        """Base URL for clients."""
        address = "http://127.0.0.1" if self._ssl_context is None else "https://localhost"
        return f"{address}:{self.port}{self._path}"

    def fail_next(
        self,
        fault: Fault,
        times: int = 1,
        *,
        only: Optional[Callable[[Received], bool]] = None,
    ) -> None:
        """Inject a fault into the next requests, after faults that were planned earlier.

        A fault at the moment of connection applies to the next new connection, or to the next
        request on an existing one.

        Args:
            fault: The fault.
            times: Number of requests.
            only: Returns whether the fault applies to a request. It is called with each complete
                request, in the proxy's thread. Default: the fault applies to every request.

        Raises:
            ValueError: The fault is `REFUSED`: refused connections can't be counted. Or `only` is
                given, and the fault happens before the request is complete.
        """
        _reject_refused(fault)
        if only is None:
            self._plan.add(fault, times)
            return
        if fault.ends is not None and fault.at not in (Moment.ANSWER, Moment.HALF_ANSWER):
            raise ValueError(
                f"{fault} happens before the request is complete, so `only` can't select it"
            )
        self._plan.add_filtered(only, fault, times)

    def latency(self, seconds: float) -> None:
        """Delay every response until `clear`, in addition to other faults.

        Args:
            seconds: The delay.
        """
        self._latency_seconds = seconds

    def fail_always(self, fault: Fault) -> None:
        """Inject a fault into every request until `clear`, after the faults of `fail_next`.

        A fault at the moment of connection also ends the existing connections.

        Args:
            fault: The fault.
        """
        self._plan.set_permanent(fault)
        if fault.at is Moment.CONNECTION and fault.ends is not None:
            self._run(self._close_connections(listening=fault.ends is End.REFUSE))

    def fail_randomly(self, chances: Mapping[Fault, float], seed: int = 0) -> None:
        """Inject random faults into requests until `clear`.

        Args:
            chances: Probability of each fault, from 0 to 1. Their sum must be at most 1.
            seed: Seed of the random numbers. The same seed gives the same sequence of faults.

        Raises:
            ValueError: A probability is out of range, or a fault is `REFUSED`.
        """
        for fault in chances:
            _reject_refused(fault)
        self._plan.set_random(chances, seed)

    def clear(self) -> None:
        """Remove all faults and the latency, and accept connections again."""
        self._plan.clear()
        self._latency_seconds = 0.0
        self._run(self._listen())

    def drop_connections(self) -> None:
        """Reset all connections, including idle ones, as when a service restarts."""
        self._run(self._close_connections(listening=False))

    def start(self) -> None:
        """Start listening in a new thread."""
        self._thread.start()
        self._run(self._listen())

    def stop(self) -> None:
        """Close all connections, and end the thread."""
        self._run(self._close_connections(listening=True))
        self._run(self._cancel_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: Optional[Type[BaseException]],
        exc_value: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.stop()

    def _run(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listen(self) -> None:
        if self._server is None:
            server = await asyncio.start_server(
                self._serve, "127.0.0.1", self.port, ssl=self._ssl_context, limit=MAX_HEAD_BYTES
            )
            self.port = server.sockets[0].getsockname()[1]
            self._server = server

    async def _close_connections(self, *, listening: bool) -> None:
        if listening and self._server is not None:
            self._server.close()
            self._server = None
        for connection in list(self._connections):
            connection.close()

    async def _cancel_tasks(self) -> None:
        tasks = [each.task for each in self._connections if each.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = ProxyConnection(reader, writer)
        self._connections.add(connection)
        self.counts.connections += 1
        try:
            # If either side closes its connection, so does the proxy. `stop` cancels this task.
            with contextlib.suppress(*CONNECTION_ERRORS, asyncio.CancelledError):
                await self._serve_connection(connection)
        finally:
            await connection.wait_closed()
            self._connections.discard(connection)

    async def _serve_connection(self, connection: ProxyConnection) -> None:
        fault = self._plan.for_connection()
        if fault is not None:
            self.counts.faults[fault.name] += 1
            await connection.end(fault)
        else:
            while await self._serve_request(connection):
                pass

    async def _serve_request(self, connection: ProxyConnection) -> bool:
        """Forward one request and its response; return whether another request may follow."""
        first = await connection.reader.read(1)
        if not first.isalpha():  # the client closed the connection, or sent a TLS handshake
            return False
        fault = self._count(self._plan.for_request())
        request = await connection.read_request(first, fault)
        if request is None:
            return False
        head, body, raw = request
        received = Received(*parse_request(head), body)
        self.counts.requests += 1
        self.received.append(received)
        if fault is NONE:
            fault = self._count(self._plan.for_received(received))
        response = await self._response(connection, fault, received, head + raw)
        if self._latency_seconds:
            await asyncio.sleep(self._latency_seconds)
        if fault.at is Moment.ANSWER and fault.ends is not None:
            await connection.end(fault)
            return False
        is_complete = await connection.send(response, fault)
        self.counts.answers += is_complete
        is_last = received.headers.get("connection") == "close"
        return is_complete and not is_last and not (fault.reply and fault.reply.raw)

    def _count(self, fault: Optional[Fault]) -> Fault:
        if fault is None:
            return NONE
        self.counts.faults[fault.name] += 1
        return fault

    async def _response(
        self, connection: ProxyConnection, fault: Fault, received: Received, request: bytes
    ) -> Iterable[bytes]:
        response: Iterable[bytes] = ()
        if fault.reply is None or fault.acts:
            if self._upstream is not None:
                response = [await connection.forward(self._upstream, request, received.method)]
            else:
                response = self._answer(received).parts()
        return response if fault.reply is None else fault.reply.parts()


def _reject_refused(fault: Fault) -> None:
    if fault.ends is End.REFUSE:
        raise ValueError("refused connections can't be counted: use fail_always(REFUSED)")
