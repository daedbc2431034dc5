"""A socket on asyncio, watched for as long as it is open.

To register a socket with the event loop for each read costs more than the read. The events of a
socket also give the loop a turn between any two reads, however fast the peer sends.
"""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING, Optional, Union

from memoryos._transport.failures import AttemptTimeoutError
from memoryos._transport.sockets import MAX_READ_BYTES, Outbox, SocketWaiter, is_readable

if TYPE_CHECKING:
    import socket

    from memoryos._transport.receivers import Receiver

    Stream = Union["WatchedStream", "UnwatchedStream"]


def stream_of(sock: socket.socket, loop: asyncio.AbstractEventLoop) -> Stream:
    """Return the stream of a connected, non-blocking socket."""
    try:
        return WatchedStream(sock, loop)
    except NotImplementedError:  # the event loop of Windows
        return UnwatchedStream(sock, loop)


class WatchedStream:
    """A socket whose events the loop reports.

    Attributes:
        is_broken: Whether nothing more can be sent, or the peer sent what was not requested.
    """

    def __init__(self, sock: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
        self._socket = sock
        self._loop = loop
        self._process = os.getpid()
        self._receiver: Optional[Receiver] = None
        self._waiter: Optional[asyncio.Future[None]] = None
        self._outbox = Outbox(sock)
        self._broken = False
        self._deadline = 0.0
        self._timer: Optional[asyncio.TimerHandle] = None
        self._timer_at = 0.0
        self._ready = SocketWaiter(sock)
        loop.add_reader(sock, self._on_readable)

    @property
    def is_broken(self) -> bool:
        """Whether another request can't follow."""
        return self._broken or self._outbox.is_broken or bool(self._outbox.unsent)

    async def transfer(self, data: bytes, receiver: Receiver, deadline: float) -> None:
        """Send data, and receive until the receiver is complete.

        Raises:
            OSError: The connection broke.
            InvalidMessageError: The receiver rejects what arrived.
            AttemptTimeoutError: The time was over.
        """
        self._receiver = receiver
        self._waiter = waiter = self._loop.create_future()
        self._set_deadline(deadline)
        try:
            self._send(data)
            await waiter
        finally:
            self._receiver = self._waiter = None

    def has_expired(self) -> bool:
        """Return whether the peer closed the connection, or sent what was not requested."""
        return self._broken or self._outbox.is_broken or self._ready.is_ready()

    def abort(self) -> None:
        """Close the socket, at once and from anywhere."""
        loop = self._loop
        if self._process != os.getpid() or loop.is_closed():
            self._socket.close()
        elif not loop.is_running() or _running_loop() is loop:
            self._close()
        else:
            try:
                loop.call_soon_threadsafe(self._close)
            except RuntimeError:  # closed meanwhile
                self._socket.close()

    def _close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._stop_watching()
        self._socket.close()

    def _stop_watching(self) -> None:
        self._broken = True
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)

    def _send(self, data: bytes) -> None:
        was_waiting = bool(self._outbox.unsent)
        self._outbox.send(data)
        if self._outbox.unsent and not was_waiting:
            self._loop.add_writer(self._socket, self._on_writable)

    def _on_writable(self) -> None:
        self._outbox.flush()
        if not self._outbox.unsent:
            self._loop.remove_writer(self._socket)

    def _on_readable(self) -> None:
        receiver = self._receiver
        if receiver is None or receiver.is_complete:
            self._stop_watching()  # the peer closed the connection, or sent too much
        elif not receiver.has_work:
            try:
                data = self._socket.recv(MAX_READ_BYTES)
                if data:
                    receiver.feed(data)
                else:
                    self._stop_watching()
                    receiver.feed_eof()
            except (BlockingIOError, InterruptedError):
                return
            except Exception as failure:  # noqa: BLE001 - the task raises it
                self._fail(failure)
            else:
                self._look_at(receiver)
            self._send(receiver.to_send())

    def _work(self) -> None:
        receiver = self._receiver
        if receiver is not None:
            try:
                receiver.work()
            except Exception as failure:  # noqa: BLE001 - the task raises it
                self._fail(failure)
            else:
                self._look_at(receiver)

    def _look_at(self, receiver: Receiver) -> None:
        """Wake the task if the receiver is complete; else go on in the loop's next turn."""
        if receiver.has_work:
            self._loop.call_soon(self._work)
        elif receiver.is_complete and self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, failure: Exception) -> None:
        self._stop_watching()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(failure)

    def _set_deadline(self, deadline: float) -> None:
        """Set when to give up.

        The timer of an earlier deadline is kept, and set anew when it is due: most requests are
        complete long before, and a timer for each would cost more than it is worth.
        """
        self._deadline = deadline
        if self._timer is not None:
            if self._timer_at <= deadline:
                return
            self._timer.cancel()
        self._start_timer()

    def _start_timer(self) -> None:
        self._timer_at = self._deadline
        left = max(self._deadline - time.monotonic(), 0.0)
        self._timer = self._loop.call_later(left, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        if self._receiver is None:
            return
        if self._deadline > time.monotonic():
            self._start_timer()
        else:
            self._fail(AttemptTimeoutError("the time for the attempt is over"))


class UnwatchedStream:
    """A socket on an event loop that reports the end of operations only.

    Attributes:
        is_broken: Whether another request can't follow.
    """

    def __init__(self, sock: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
        self._socket = sock
        self._loop = loop
        self.is_broken = False

    async def transfer(self, data: bytes, receiver: Receiver, deadline: float) -> None:
        """Send data, and receive until the receiver is complete.

        Raises: as for `WatchedStream`.
        """
        # Both at once: a service may respond before it has read the whole request.
        sending = asyncio.ensure_future(self._send(data))
        receiving = asyncio.ensure_future(self._receive(receiver, sending))
        try:
            # Not `wait_for`: before Python 3.12 it can swallow a cancellation.
            timeout = deadline - time.monotonic()
            done, _pending = await asyncio.wait({receiving}, timeout=timeout)
            if not done:
                raise AttemptTimeoutError("the time for the attempt is over")
            receiving.result()
        finally:
            if not sending.done():
                self.is_broken = True
            await _cancel(sending, receiving)  # before the socket is closed

    async def _receive(self, receiver: Receiver, sending: asyncio.Future[None]) -> None:
        while not receiver.is_complete:
            if receiver.has_work:
                receiver.work()
            else:
                await self._read(receiver, sending)
            await asyncio.sleep(0)  # a turn for the loop: reads may never have to wait

    async def _read(self, receiver: Receiver, sending: asyncio.Future[None]) -> None:
        received = await self._loop.sock_recv(self._socket, MAX_READ_BYTES)
        try:
            if received:
                receiver.feed(received)
            else:
                receiver.feed_eof()
        finally:
            data = receiver.to_send()
            if data:
                await asyncio.wait({sending})
                await self._send(data)

    async def _send(self, data: bytes) -> None:
        try:
            await self._loop.sock_sendall(self._socket, data)
        except OSError:
            self.is_broken = True  # the read that follows finds the response, or fails

    def has_expired(self) -> bool:
        """Return whether the peer closed the connection, or sent what was not requested."""
        return is_readable(self._socket)

    def abort(self) -> None:
        """Close the socket, at once and from anywhere."""
        self._socket.close()


async def _cancel(*tasks: asyncio.Future[None]) -> None:
    """Cancel tasks, and wait until they have ended."""
    for task in tasks:
        task.add_done_callback(_retrieve_failure)
        task.cancel()
    unfinished = [task for task in tasks if not task.done()]
    if unfinished:
        await asyncio.wait(unfinished)


def _retrieve_failure(task: asyncio.Future[None]) -> None:
    """Retrieve the exception of a task; asyncio reports one that nothing retrieves."""
    if not task.cancelled():
        task.exception()


def _running_loop() -> Optional[asyncio.AbstractEventLoop]:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
