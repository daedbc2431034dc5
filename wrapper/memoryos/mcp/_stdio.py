"""Serve over standard input and output."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import threading
from collections import Counter
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, cast

import anyio

from memoryos._claimed_streams import ClaimedStreams

from . import _sdk
from ._messages import LineSplitter, Message, read_message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["run_stdio"]

DRAIN_SECONDS = 60.0
"""Time for the responses to the last requests, once standard input has ended."""

_READ_BYTES = 64 * 1024
_MAX_WAITING_LINES = 16


def run_stdio(server: _sdk.Server[Any], *, streams: ClaimedStreams | None = None) -> None:
    """Serve one client over standard input and output.

    Returns when standard input ends and every request has its response, when the client closes
    standard output, or on SIGTERM. While it serves, standard output leads to standard error, so
    that nothing else can write to the client.

    Args:
        server: A server of `create_server`.
        streams: Standard streams that were claimed before; not restored at the end.

    Raises:
        KeyboardInterrupt: SIGINT was received.
        OSError: Standard input or output is closed.
    """
    claimed = streams or ClaimedStreams.claim()
    try:
        received = asyncio.run(_serve(server, claimed))
    finally:
        if streams is None:
            claimed.restore()
    if received == signal.SIGINT:
        raise KeyboardInterrupt


async def _serve(server: _sdk.Server[Any], streams: ClaimedStreams) -> int | None:
    """Serve, and return the signal that stopped it, or None."""
    with anyio.CancelScope() as scope, _stopped_by_signals(scope.cancel) as received:
        output = _Output(streams.output, scope.cancel)
        await _sdk.serve_streams(server, _Lines(streams.input, output), output)
    return received[0] if received else None


@contextlib.contextmanager
def _stopped_by_signals(stop: Callable[[], None]) -> Iterator[list[int]]:
    """Call `stop` at the first SIGINT or SIGTERM; a second one ends the process."""
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)
    received: list[int] = []

    def restore() -> None:
        for number in numbers:
            with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):
                loop.remove_signal_handler(number)

    def receive(number: int) -> None:
        received.append(number)
        restore()
        stop()

    # Windows has no such handlers, and threads other than the main thread can't set them.
    with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):
        for number in numbers:
            loop.add_signal_handler(number, receive, number)
    try:
        yield received
    finally:
        restore()


class _Output:
    """Writes messages, and knows which requests have no response yet.

    Args:
        descriptor: Where to write.
        on_closed: Called when the client has closed it.
    """

    def __init__(self, descriptor: int, on_closed: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._on_closed = on_closed
        self._loop = asyncio.get_running_loop()
        self._waiting: SimpleQueue[tuple[bytes, asyncio.Future[None]]] = SimpleQueue()
        self._unanswered: Counter[Any] = Counter()
        self._own_requests: set[Any] = set()
        self._is_drained = anyio.Event()
        _start_daemon(self._write_all)

    def expect(self, message: Message) -> None:
        """Count a request, or forget one that the client has cancelled."""
        if message.request_id is not None:
            self._unanswered[message.request_id] += 1
        self._forget(message.cancelled_id)

    def is_awaited(self, message: Message) -> bool:
        """Return whether a message is not a response, or is the first one to a request of ours.

        On any other response, the SDK 1.x quotes the message in the log, and may fail.
        """
        if not message.is_response:
            return True
        if message.answered_id not in self._own_requests:
            return False
        self._own_requests.remove(message.answered_id)
        return True

    async def drain(self) -> None:
        """Wait until every request has its response."""
        with anyio.move_on_after(DRAIN_SECONDS):
            while self._unanswered:
                self._is_drained = anyio.Event()
                await self._is_drained.wait()

    async def write(self, text: str) -> None:
        """Write a message. The SDK calls this."""
        message = cast("dict[str, Any]", json.loads(text))
        if "method" in message and "id" in message:
            self._own_requests.add(message["id"])
        written: asyncio.Future[None] = self._loop.create_future()
        self._waiting.put((text.encode("utf-8", "replace"), written))
        await written
        if "method" not in message:
            self._forget(message.get("id"))

    async def flush(self) -> None:
        """Do nothing: `write` does not buffer. The SDK calls this."""

    def _write_all(self) -> None:
        """Write until the client closes the descriptor, in a thread."""
        with contextlib.suppress(RuntimeError):  # the loop was closed
            while True:
                data, written = self._waiting.get()
                try:
                    rest = memoryview(data)
                    while rest:
                        rest = rest[os.write(self._descriptor, rest) :]
                except OSError:
                    self._loop.call_soon_threadsafe(self._on_closed)
                    return
                self._loop.call_soon_threadsafe(_resolve, written)

    def _forget(self, request_id: Any) -> None:
        if request_id in self._unanswered:
            self._unanswered[request_id] -= 1
            if not self._unanswered[request_id]:
                del self._unanswered[request_id]
        if not self._unanswered:
            self._is_drained.set()


class _Lines:
    """Asynchronous iterator over the valid messages. It answers the others itself.

    Args:
        descriptor: Where to read.
        output: Where to send error responses.
    """

    def __init__(self, descriptor: int, output: _Output) -> None:
        self._descriptor = descriptor
        self._output = output
        self._lines: asyncio.Queue[tuple[bytes | None] | None] = asyncio.Queue()
        self._free = threading.Semaphore(_MAX_WAITING_LINES)
        self._loop = asyncio.get_running_loop()
        _start_daemon(self._read)

    def __aiter__(self) -> _Lines:
        return self

    async def __anext__(self) -> str:
        """Return the next message. The end is delayed until every request has its response."""
        while (line := await self._lines.get()) is not None:
            self._free.release()
            message = read_message(line[0], _sdk.check_message)
            if message is None or not self._output.is_awaited(message):
                continue
            if message.text:
                self._output.expect(message)
                return message.text
            await self._output.write(f"{message.error}\n")
        await self._output.drain()
        raise StopAsyncIteration

    def _read(self) -> None:
        """Read until the end, in a thread."""
        splitter = LineSplitter()
        with contextlib.suppress(RuntimeError):  # the loop was closed
            while data := self._read_some():
                self._put(splitter.feed(data))
            self._put(splitter.last())
            self._loop.call_soon_threadsafe(self._lines.put_nowait, None)

    def _read_some(self) -> bytes:
        try:
            return os.read(self._descriptor, _READ_BYTES)
        except OSError:  # a terminal that was closed
            return b""

    def _put(self, lines: Iterator[bytes | None]) -> None:
        for line in lines:
            self._free.acquire()
            self._loop.call_soon_threadsafe(self._lines.put_nowait, (line,))


def _start_daemon(target: Callable[[], None]) -> None:
    """Start a thread that doesn't keep the process alive while the client reads or sends nothing.

    An event loop can't wait for a pipe on every system, and the threads of anyio are no daemons.
    """
    threading.Thread(target=target, name="memoryos-mcp-stdio", daemon=True).start()


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
