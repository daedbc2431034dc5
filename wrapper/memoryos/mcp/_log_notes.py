"""Notes for the model, taken from the log: what lacks memories must not look complete."""

from __future__ import annotations

import logging
from collections import deque
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from memoryos._protocol.scope_warnings import logger as _scope_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    Notes = Callable[[], AbstractContextManager[list[str]]]

__all__ = ["NOTE", "collected_notes"]

NOTE = (
    "Memories may be missing: the service mixes the memories of several users, and those of "
    "others were left out."
)

# Of the local Memory OS, which logs once that its embedder doesn't know the memories' language.
_LANGUAGE_LOGGER = logging.getLogger("memoryos_server.embedders.english_only")

_collected: ContextVar[list[str] | None] = ContextVar("memoryos_mcp_scope_warnings", default=None)


class _ScopeCollector(logging.Handler):
    """Adds messages to the list of the call that is logged in."""

    def emit(self, record: logging.LogRecord) -> None:
        messages = _collected.get()
        if messages is not None:
            messages.append(record.getMessage())


class _LanguageCollector(logging.Handler):
    """Keeps messages until a call takes them: they come from a thread that serves all calls."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._messages: deque[str] = deque()

    def emit(self, record: logging.LogRecord) -> None:
        self._messages.append(record.getMessage())

    def take(self) -> list[str]:
        """Return the messages that no call has taken yet."""
        return [self._messages.popleft() for _ in range(len(self._messages))]


_scopes = _ScopeCollector(logging.WARNING)
_languages = _LanguageCollector()


@contextmanager
def collected_notes() -> Iterator[list[str]]:
    """Return a list to which the notes for the model are added when the call ends.

    A scope's warnings are logged at each call, other than Python's warnings, which concurrent calls
    share.
    """
    _scope_logger.addHandler(_scopes)  # the same one is added once
    _LANGUAGE_LOGGER.addHandler(_languages)
    messages: list[str] = []
    notes: list[str] = []
    token = _collected.set(messages)
    try:
        yield notes
    finally:
        _collected.reset(token)
    notes += [NOTE] if messages else []
    notes += [f"For the user: {message}." for message in _languages.take()]
