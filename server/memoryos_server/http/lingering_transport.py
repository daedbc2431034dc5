"""A transport that closes a connection without losing the response (RFC 9112, section 9.6)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from .connection_limits import LINGER_SECONDS, WRITE_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LingeringTransport"]


class LingeringTransport(asyncio.Transport):
    """Transport of one connection, with bounded times for closing and for writing.

    If data is closed that the client still sends, the operating system resets the connection, and
    the client may lose the response. `close` therefore closes only the sending half while data may
    come, and the rest as soon as the client does so, or after `LINGER_SECONDS`.

    Args:
        transport: The transport of the event loop.
        may_receive: Returns whether the client may still send data.
        loop: The event loop.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        may_receive: Callable[[], bool],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__()
        self._transport = transport
        self._may_receive = may_receive
        self._loop = loop
        self._closing = False
        self._stall_timer: asyncio.TimerHandle | None = None
        self._unwritten_bytes = 0

    def close(self) -> None:
        """Send what is left in the buffer, and close the connection."""
        if self.is_closing():
            return
        self._closing = True
        if self._may_receive() and self._close_sending_half():
            self._transport.resume_reading()
            self._replace_timer(self._loop.call_later(LINGER_SECONDS, self.abort))
        else:
            self._transport.close()
            self.watch_writing()

    def abort(self) -> None:
        """Close the connection at once."""
        self._closing = True
        self._transport.abort()

    def is_closing(self) -> bool:
        """Return whether `close` or `abort` was called, or the connection is lost."""
        return self._closing or self._transport.is_closing()

    def watch_writing(self) -> None:
        """Abort the connection if the client reads nothing for `WRITE_TIMEOUT_SECONDS`."""
        self._unwritten_bytes = self._transport.get_write_buffer_size()
        self._replace_timer(self._loop.call_later(WRITE_TIMEOUT_SECONDS, self._check_progress))

    def cancel_timer(self) -> None:
        """Stop watching; the client has read, or the connection is lost."""
        self._replace_timer(None)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Write data; ignored once the connection is closing."""
        if not self.is_closing():
            self._transport.write(data)

    def pause_reading(self) -> None:
        """Stop receiving data."""
        if not self.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Receive data again."""
        if not self.is_closing():
            self._transport.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return information about the connection."""
        return self._transport.get_extra_info(name, default)

    def _close_sending_half(self) -> bool:
        try:
            self._transport.write_eof()
        except OSError:  # the client has reset the connection
            return False
        return not self._transport.is_closing()

    def _check_progress(self) -> None:
        if self._transport.get_write_buffer_size() >= self._unwritten_bytes:
            self.abort()
        else:
            self.watch_writing()

    def _replace_timer(self, timer: asyncio.TimerHandle | None) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
        self._stall_timer = timer
