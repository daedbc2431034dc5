"""One attempt through an httpx client: its time, and the connection that it uses.

httpx applies a timeout to each read of a socket, so a service that sends a little at a time
outlasts it. httpcore has two documented ways to look at what it does: the `trace` extension is
called around each phase, and its network streams have public `read` and `write` methods.
"""

from __future__ import annotations

import contextlib
import sys
import time
from contextvars import ContextVar
from typing import Any, Dict, Generator, Mapping, Optional, Tuple, Type

from .failures import AttemptTimeoutError
from .response_end import ResponseEnd

HEAD_READ_BYTES = 8 * 1024
"""Bytes to read at once until the head is complete.

Parsing 64 KiB of informational responses would block an event loop for 0.1 seconds.
"""

WRITE_BYTES = 64 * 1024
"""Bytes to write at once, since httpcore applies the timeout to each part that the peer accepts."""

TIME_IS_OVER = "the time for the attempt is over"

_SMALLEST_TIMEOUT = 0.001  # in seconds; 0 would mean "don't block" to a socket

_CURRENT: ContextVar[Optional[Attempt]] = ContextVar("memoryos_attempt", default=None)


RESPONSE_CLOSED = "http11.response_closed.started"
"""The event before httpcore offers a connection to the next request, or closes it."""


class Attempt:
    """The limits of one attempt, and what has happened in it.

    Args:
        timeout: The time for the whole attempt, in seconds.

    Attributes:
        stream: The network stream of its connection, once it is known.
        is_traced: Whether the client calls the `trace` extension.
        was_sent: Whether sending has begun, so that the service may have acted on the request.
        is_finished: Whether it has a result, so that its time no longer matters.
        end: The end of the response that is being received.
    """

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self.ends = time.monotonic() + timeout
        self.stream: Any = None
        self.is_traced = False
        self.was_sent = False
        self.is_finished = False
        self.end: Optional[ResponseEnd] = None

    @contextlib.contextmanager
    def active(self) -> Generator[None, None, None]:
        """Make this the current attempt of the thread or task while the context is open."""
        token = _CURRENT.set(self)
        try:
            yield
        finally:
            self.is_finished = True  # for tasks that outlive it and have a copy of the context
            _CURRENT.reset(token)

    def left(self) -> float:
        """Return the seconds that are left, at least a millisecond."""
        return max(self.ends - time.monotonic(), _SMALLEST_TIMEOUT)

    @property
    def is_over(self) -> bool:
        """Whether no time is left."""
        return time.monotonic() >= self.ends

    def check(self) -> None:
        """Raise an error if no time is left.

        Raises:
            AttemptTimeoutError: None is.
        """
        if self.is_over:
            raise AttemptTimeoutError(TIME_IS_OVER)

    def limit(self, timeout: Optional[float]) -> float:
        """Return the timeout of an operation, shortened to the time that is left."""
        left = self.left()
        return left if timeout is None else min(timeout, left)

    def read_size(self, requested: int) -> int:
        """Return how many bytes to read at once."""
        is_body = self.end is not None and not self.end.in_head
        return requested if is_body else min(requested, HEAD_READ_BYTES)

    def received(self, data: bytes) -> None:
        """Take bytes from the connection."""
        if self.end is not None:
            self.end.feed(data)

    def timeouts(self) -> Dict[str, float]:
        """Return the `timeout` extension of httpx, which always gives the time that is left."""
        return _TimeLeft(self)

    def observe(self, event: str, info: Mapping[str, Any]) -> Any:
        """Take an event of the `trace` extension, and return the stream that it has opened, if any.

        Raises:
            AttemptTimeoutError: No time is left to begin another phase.
        """
        self.is_traced = True
        phase, _, state = event.rpartition(".")
        if state == "started":
            self._begin(phase, info)
        elif state == "complete":
            result: Any = info.get("return_value")
            if phase == "http11.receive_response_headers" and self.end is not None:
                self.end.end_head(result[1], result[3])
            elif hasattr(result, "get_extra_info"):
                return result
        return None

    def _begin(self, phase: str, info: Mapping[str, Any]) -> None:
        if "timeout" in info:  # connecting, or a TLS handshake: it is called with this dict
            info["timeout"] = self.left()  # type: ignore[index]
        elif not phase.endswith(("response_closed", ".close")):
            self.check()
        if phase.endswith("send_request_headers"):
            method = info["request"].method
            self.was_sent = self.was_sent or method != b"CONNECT"
            self.end = ResponseEnd(method) if phase.startswith("http11") else None

    def adopt(self, extensions: Mapping[str, Any]) -> Any:
        """Return the stream of a response if it is not guarded yet, else None.

        Another use of the client has opened its connection. The bytes of this response were not
        seen, so the connection is closed after it.
        """
        stream = extensions.get("network_stream")
        if stream is None or extensions.get("http_version") not in (b"HTTP/1.1", b"HTTP/1.0"):
            return None
        if isinstance(stream, GuardedStream):
            return None
        self.stream = stream
        return stream

    @property
    def may_have_sent(self) -> bool:
        """Whether the service may have acted on the request, as far as is known."""
        return self.was_sent or not self.is_traced

    @property
    def is_response_exact(self) -> bool:
        """Whether the response was received as a whole, and no byte after it."""
        return self.end is not None and self.end.is_exact


class _TimeLeft(Dict[str, float]):
    """The `timeout` extension: httpcore looks each timeout up when it begins a phase."""

    def __init__(self, attempt: Attempt) -> None:
        super().__init__(dict.fromkeys(("connect", "read", "write", "pool"), attempt.timeout))
        self._attempt = attempt

    def __getitem__(self, key: str) -> float:
        return min(super().__getitem__(key), self._attempt.left())

    def get(self, key: str, default: Any = None) -> Any:
        """Return the seconds that are left for a phase."""
        return self[key] if key in self else default  # noqa: SIM401 - this is `get`


_GUARDED_CLASSES: Dict[Tuple[type, type], type] = {}


class GuardedStream:
    """The base of the network streams whose reads and writes obey the current attempt.

    Attributes:
        read_timeout: The exception of the stream's package for a read that takes too long.
        write_timeout: The same for a write.
    """

    read_timeout: Type[Exception] = AttemptTimeoutError
    write_timeout: Type[Exception] = AttemptTimeoutError

    def attempt_for(self, timeout_class: Type[Exception]) -> Optional[Attempt]:
        """Return the attempt that uses this stream; None for another use of the client.

        Raises:
            Exception: Of `timeout_class`: no time is left.
        """
        attempt = _CURRENT.get()
        if attempt is None or attempt.is_finished:
            return None
        attempt.stream = self
        if attempt.is_over:
            raise timeout_class(TIME_IS_OVER)
        return attempt


def guard(stream: Any, mixin: Type[GuardedStream]) -> None:
    """Let a network stream obey the current attempt in each read and write.

    Args:
        stream: The stream of a connection that httpcore has opened.
        mixin: A class whose `read` and `write` wrap those of the stream.
    """
    if not isinstance(stream, GuardedStream):
        # Not functions on the instance: they would keep the socket open in a reference cycle.
        # A class that can't be replaced is left: only the client's own timeouts apply then.
        with contextlib.suppress(TypeError):
            stream.__class__ = _guarded_class(stream.__class__, mixin)


def _guarded_class(stream_class: type, mixin: Type[GuardedStream]) -> type:
    found = _GUARDED_CLASSES.get((stream_class, mixin))
    if found is not None:
        return found
    package = sys.modules.get(stream_class.__module__.partition(".")[0])
    errors = {
        "read_timeout": getattr(package, "ReadTimeout", AttemptTimeoutError),
        "write_timeout": getattr(package, "WriteTimeout", AttemptTimeoutError),
    }
    found = type(stream_class.__name__, (mixin, stream_class), errors)
    return _GUARDED_CLASSES.setdefault((stream_class, mixin), found)
