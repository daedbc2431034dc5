"""A proxy that makes things go wrong, on an event loop in a thread of its own."""

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
from ._proxy_connection import HUNG_UP, LARGEST_HEAD, ProxyConnection
from ._proxy_echo import echo
from .faults import NONE, End, Fault, Moment

if TYPE_CHECKING:
    import ssl
    from types import TracebackType
    from typing import Iterable

    from typing_extensions import Self

T = TypeVar("T")

_MOST_REMEMBERED = 1000


@dataclass
class Counts:
    """What a proxy has seen.

    Attributes:
        connections: How many connections were made to it.
        requests: How many requests came whole.
        answers: How many answers were sent whole.
        faults: How often each fault struck, by its name.
    """

    connections: int = 0
    requests: int = 0
    answers: int = 0
    faults: Counter[str] = field(default_factory=lambda: Counter())  # noqa: PLW0108 - pyright needs it


class FaultProxy:
    """Stands between clients and a Memory OS, or answers by itself, and fails as planned.

    It starts and stops as a context manager, listens on this machine only, and may be planned from
    any thread while it serves.

    Args:
        upstream: The address of the service, such as `http://127.0.0.1:8377/v1`; http only.
            Default: none, and `answer` answers.
        answer: Makes the answer to a request, where there is no upstream. It is called on the
            proxy's own thread. Default: an answer of the contract's shape, which holds what the
            request held.
        ssl_context: How to serve TLS. Default: plain HTTP.
        port: The port to listen on. Default: any that is free.

    Attributes:
        port: The port that it listens on, once started.
        counts: What it has seen.
        received: The latest requests that came whole, oldest first.
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
            raise ValueError("upstream must be an http address")
        self.port = port
        self.counts = Counts()
        self.received: Deque[Received] = deque(maxlen=_MOST_REMEMBERED)
        self._upstream = (parts.hostname, parts.port or 80) if upstream else None
        self._path = parts.path.rstrip("/")
        self._answer = answer
        self._ssl_context = ssl_context
        self._plan = FaultPlan()
        self._latency = 0.0
        self._server: Optional[asyncio.AbstractServer] = None
        self._links: Set[ProxyConnection] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def base_url(self) -> str:
        """The address for clients."""
        address = "http://127.0.0.1" if self._ssl_context is None else "https://localhost"
        return f"{address}:{self.port}{self._path}"

    def fail_next(
        self,
        fault: Fault,
        times: int = 1,
        *,
        only: Optional[Callable[[Received], bool]] = None,
    ) -> None:
        """Let the next `times` requests meet `fault`; faults that were planned before come first.

        A fault at the moment of connection strikes the next new connection, or the next request on
        an old one.

        Args:
            fault: What goes wrong.
            times: How often.
            only: Says of a request that has come whole whether the fault is for it; others pass. It
                is called on the proxy's own thread. Default: every request.

        Raises:
            ValueError: The fault is `REFUSED`, and nothing arrives that could be counted; or it
                strikes before a request is whole, and there is an `only`.
        """
        _refuse_refusal(fault)
        if only is None:
            self._plan.add(fault, times)
            return
        if fault.ends is not None and fault.at not in (Moment.ANSWER, Moment.HALF_ANSWER):
            raise ValueError(f"{fault} strikes before it is known which request it is")
        self._plan.wait_for(only, fault, times)

    def latency(self, seconds: float) -> None:
        """Let every answer come `seconds` late, whatever else goes wrong with it, until `clear`."""
        self._latency = seconds

    def fail_always(self, fault: Fault) -> None:
        """Let every request meet `fault`, after what `fail_next` planned, until `clear`.

        A fault at the moment of connection ends the connections that there are, too.
        """
        self._plan.stand(fault)
        if fault.at is Moment.CONNECTION and fault.ends is not None:
            self._do(self._cut(listening=fault.ends is End.REFUSE))

    def fail_randomly(self, chances: Mapping[Fault, float], seed: int = 0) -> None:
        """Let each request meet one of these faults by chance, until `clear`.

        Args:
            chances: The probability of each, from 0 to 1, together at most 1.
            seed: The same seed draws the same sequence.

        Raises:
            ValueError: The probabilities are none, or a fault is `REFUSED`.
        """
        for fault in chances:
            _refuse_refusal(fault)
        self._plan.chance(chances, seed)

    def clear(self) -> None:
        """Let nothing fail or be late any more."""
        self._plan.clear()
        self._latency = 0.0
        self._do(self._listen())

    def drop_connections(self) -> None:
        """Reset every connection, idle ones too, as when a service is restarted."""
        self._do(self._cut(listening=False))

    def start(self) -> None:
        """Listen, on a thread of its own."""
        self._thread.start()
        self._do(self._listen())

    def stop(self) -> None:
        """Close every connection, and end the thread."""
        self._do(self._cut(listening=True))
        self._do(self._finish())
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

    def _do(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listen(self) -> None:
        if self._server is None:
            server = await asyncio.start_server(
                self._serve, "127.0.0.1", self.port, ssl=self._ssl_context, limit=LARGEST_HEAD
            )
            self.port = server.sockets[0].getsockname()[1]
            self._server = server

    async def _cut(self, *, listening: bool) -> None:
        if listening and self._server is not None:
            self._server.close()
            self._server = None
        for link in list(self._links):
            link.cut()

    async def _finish(self) -> None:
        tasks = [link.task for link in self._links if link.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = ProxyConnection(reader, writer)
        self._links.add(link)
        self.counts.connections += 1
        try:
            # When one side hangs up, so does the proxy; when the proxy stops, this task is ended.
            with contextlib.suppress(*HUNG_UP, asyncio.CancelledError):
                await self._converse(link)
        finally:
            await link.closed()
            self._links.discard(link)

    async def _converse(self, link: ProxyConnection) -> None:
        fault = self._plan.for_connection()
        if fault is not None:
            self.counts.faults[fault.name] += 1
            await link.end(fault)
        else:
            while await self._exchange(link):
                pass

    async def _exchange(self, link: ProxyConnection) -> bool:
        """Carry one request and its answer; return whether another may follow."""
        first = await link.reader.read(1)
        if not first.isalpha():  # the client hung up, or speaks TLS where nobody does
            return False
        fault = self._counted(self._plan.for_request())
        came = await link.request(first, fault)
        if came is None:
            return False
        head, body, raw = came
        received = Received(*parse_request(head), body)
        self.counts.requests += 1
        self.received.append(received)
        if fault is NONE:
            fault = self._counted(self._plan.for_received(received))
        answer = await self._answered(link, fault, received, head + raw)
        if self._latency:
            await asyncio.sleep(self._latency)
        if fault.at is Moment.ANSWER and fault.ends is not None:
            await link.end(fault)
            return False
        whole = await link.send(answer, fault)
        self.counts.answers += whole
        is_last = received.headers.get("connection") == "close"
        return whole and not is_last and not (fault.reply and fault.reply.raw)

    def _counted(self, fault: Optional[Fault]) -> Fault:
        if fault is None:
            return NONE
        self.counts.faults[fault.name] += 1
        return fault

    async def _answered(
        self, link: ProxyConnection, fault: Fault, received: Received, request: bytes
    ) -> Iterable[bytes]:
        answer: Iterable[bytes] = ()
        if fault.reply is None or fault.acts:
            if self._upstream is not None:
                answer = [await link.ask(self._upstream, request, received.method)]
            else:
                answer = self._answer(received).parts()
        return answer if fault.reply is None else fault.reply.parts()


def _refuse_refusal(fault: Fault) -> None:
    if fault.ends is End.REFUSE:
        raise ValueError("a refused connection is seen by nobody: plan it with fail_always")
