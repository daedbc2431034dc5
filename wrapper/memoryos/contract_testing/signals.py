"""Ctrl-C and SIGTERM: noticed between two requests, so that no response of a creation is lost."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import Any, Iterator, Optional

__all__ = ["Interruption", "InterruptionRequestedError"]


class InterruptionRequestedError(BaseException):
    """The run is to stop; what it made is to be removed first.

    Not an `Exception`: nothing in between may take it for a failure of the server.
    """


class Interruption:
    """Remembers that somebody wants the run to stop."""

    def __init__(self) -> None:
        self.signal: Optional[int] = None

    def request(self, number: int, _frame: Any = None) -> None:
        """Remember the signal; a second one changes nothing, the clean-up goes on."""
        self.signal = self.signal or number

    def raise_if_requested(self) -> None:
        """Raise where somebody wants the run to stop.

        Raises:
            InterruptionRequestedError: somebody does.
        """
        if self.signal is not None:
            raise InterruptionRequestedError

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take both signals while the block runs; only the main thread can."""
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.request) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
