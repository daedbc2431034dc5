"""Warnings of a scope, for the model: a result that lacks memories must not look complete."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from memoryos._protocol.scope_warnings import logger

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["NOTE", "collected_warnings"]

NOTE = (
    "Memories may be missing: the service mixes the memories of several users, and those of "
    "others were left out."
)

_collected: ContextVar[list[str] | None] = ContextVar("memoryos_mcp_scope_warnings", default=None)


class _Collector(logging.Handler):
    """Adds messages to the list of the call that is logged in."""

    def emit(self, record: logging.LogRecord) -> None:
        messages = _collected.get()
        if messages is not None:
            messages.append(record.getMessage())


_collector = _Collector(logging.WARNING)


@contextmanager
def collected_warnings() -> Iterator[list[str]]:
    """Return a list to which the scope's warnings of this call are added.

    They are logged at each call, other than Python's warnings, which concurrent calls share.
    """
    logger.addHandler(_collector)  # the same one is added once
    messages: list[str] = []
    token = _collected.set(messages)
    try:
        yield messages
    finally:
        _collected.reset(token)
