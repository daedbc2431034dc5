"""Handle Ctrl-C and SIGTERM between two requests, so that no response to a creation is lost."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import Any, Iterator, Optional

__all__ = ["Interruption", "InterruptionRequestedError"]


class InterruptionRequestedError(BaseException):
    """The run must stop and clean up.

    Not an `Exception`, so that no handler mistakes it for a failure of the server.
    """


class Interruption:
    """Records that the run was asked to stop."""

    def __init__(self) -> None:
        self.signal: Optional[int] = None

    def request(self, number: int, _frame: Any = None) -> None:
        """Record a signal. Further signals are ignored, so that the cleanup finishes."""
        self.signal = self.signal or number

    def raise_if_requested(self) -> None:
        """Raise if a signal was received.

        Raises:
            InterruptionRequestedError: A signal was received.
        """
        if self.signal is not None:
            raise InterruptionRequestedError

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Handle SIGINT and SIGTERM inside the block. Only the main thread can do this."""
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.request) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
