"""Load generator: prepared HTTP requests on many connections at once, with one thread.

It parses only the status and the length of a response, so that it uses little of the processors
that it shares with the servers. Its own CPU time is part of the result.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["Load", "apply"]


@dataclass(frozen=True)
class Load:
    """The result of one run.

    Attributes:
        requests: Number of requests, all of them with a 200 response.
        seconds: Time from the first request to the last response.
        p50_ms: Median time of a request in milliseconds.
        p95_ms: 95th percentile of it.
        cpu_seconds: CPU time of the generator itself.
    """

    requests: int
    seconds: float
    p50_ms: float
    p95_ms: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


def apply(
    ports: Sequence[int],
    requests: Sequence[bytes],
    *,
    connections: int,
    receive: Callable[[bytes], None] = len,
) -> Load:
    """Send the requests, each connection its next one when it has the response.

    Args:
        ports: Local ports of the servers; the connections are spread over them in turn.
        requests: Complete HTTP requests.
        connections: Number of concurrent connections.
        receive: Gets the body of each response.

    Raises:
        RuntimeError: A response has another status than 200, or a server closed a connection.
    """
    started, cpu = time.perf_counter(), time.process_time()
    times = asyncio.run(_apply(ports, iter(requests), connections, receive))
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
    p50, p95 = (1000 * float(np.percentile(times, part)) for part in (50, 95))
    return Load(len(requests), seconds, p50, p95, cpu_seconds)


async def _apply(
    ports: Sequence[int],
    requests: Iterator[bytes],
    connections: int,
    receive: Callable[[bytes], None],
) -> list[float]:
    loop = asyncio.get_running_loop()
    times: list[float] = []
    opened = []
    for number in range(connections):
        done = loop.create_future()
        opened.append(done)
        await loop.create_connection(
            lambda done=done: _Connection(requests, times, receive, done),
            "127.0.0.1",
            ports[number % len(ports)],
        )
    await asyncio.gather(*opened)
    return times


class _Connection(asyncio.Protocol):
    def __init__(
        self,
        requests: Iterator[bytes],
        times: list[float],
        receive: Callable[[bytes], None],
        done: asyncio.Future[None],
    ) -> None:
        self._requests = requests
        self._times = times
        self._receive = receive
        self._done = done
        self._received = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator or len(body) < _length(head):
            return
        self._received = b""
        self._times.append(time.perf_counter() - self._sent_at)
        if not head.startswith(b"HTTP/1.1 200"):
            self._fail(f"{head.decode('latin-1')}\n{body.decode('utf-8')}")
            return
        self._receive(body)
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(f"a server closed the connection: {exc}")

    def _send(self) -> None:
        request = next(self._requests, None)
        if request is not None:
            self._sent_at = time.perf_counter()
            self._transport.write(request)
            return
        self._done.done() or self._done.set_result(None)
        self._transport.close()

    def _fail(self, why: str) -> None:
        if not self._done.done():
            self._done.set_exception(RuntimeError(why))
            self._transport.abort()


def _length(head: bytes) -> int:
    _, _, after = head.lower().partition(b"content-length: ")
    return int(after.partition(b"\r")[0])
