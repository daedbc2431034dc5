"""Bounds an attempt through an httpx client as a whole.

Written by hand for both clients: tasks can be cancelled from outside, threads can't.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, Mapping, Optional, TypeVar

from memoryos._transport.attempt import (
    RESPONSE_CLOSED,
    WRITE_BYTES,
    Attempt,
    GuardedStream,
    guard,
)

if TYPE_CHECKING:
    from httpcore import NetworkStream as _NetworkStream
else:
    _NetworkStream = object

T = TypeVar("T")


class Guard:
    """Guard of one attempt: its time, and its connection.

    Args:
        timeout: The time for the whole attempt, in seconds.
    """

    def __init__(self, timeout: float) -> None:
        self.attempt = Attempt(timeout)

    def extensions(self) -> Dict[str, Any]:
        """Return the extensions of the httpx request."""
        return {"timeout": self.attempt.timeouts(), "trace": self._trace}

    def run(self, work: Callable[[], T]) -> T:
        """Return the result of `work`; its reads and writes raise errors when the time is over."""
        with self.attempt.active():
            return work()

    def pause(self) -> None:
        """Check the time.

        Raises:
            AttemptTimeoutError: It is over.
        """
        self.attempt.check()

    def adopt(self, extensions: Mapping[str, Any]) -> None:
        """Take the extensions of a response: another use of the client may have its connection."""
        stream = self.attempt.adopt(extensions)
        if stream is not None:
            guard(stream, _Stream)

    def close_unseen(self) -> None:
        """Close the connection after a response if the client doesn't say what it does."""
        if not self.attempt.is_traced and self.attempt.stream is not None:
            self.attempt.stream.close()

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        opened = self.attempt.observe(event, info)
        if opened is not None:
            guard(opened, _Stream)
        if event == RESPONSE_CLOSED and self.attempt.stream is not None:
            self._end_response(self.attempt.stream)

    def _end_response(self, stream: _NetworkStream) -> None:
        """Close the connection unless it ends exactly where the response does."""
        if not self.attempt.is_response_exact or _has_unread_data(stream):
            stream.close()


class _Stream(GuardedStream, _NetworkStream):
    def read(self, max_bytes: int, timeout: Optional[float] = None) -> bytes:
        attempt = self.attempt_for(self.read_timeout)
        if attempt is None:
            return super().read(max_bytes, timeout)
        data = super().read(attempt.read_size(max_bytes), attempt.limit(timeout))
        attempt.received(data)
        return data

    def write(self, buffer: bytes, timeout: Optional[float] = None) -> None:
        for start in range(0, max(len(buffer), 1), WRITE_BYTES):
            attempt = self.attempt_for(self.write_timeout)
            limit = timeout if attempt is None else attempt.limit(timeout)
            super().write(buffer[start : start + WRITE_BYTES], limit)


def _has_unread_data(stream: _NetworkStream) -> bool:
    """Return whether TLS has received something more, which a look at the socket doesn't show."""
    tls = stream.get_extra_info("ssl_object")
    return tls is not None and tls.pending() > 0
