"""Logging of errors that nobody foresaw, without what the request held.

The message of an exception, and the values of local variables, may hold a memory's content or a
key. What is logged is the chain of exception types and the places they passed through.
"""

from __future__ import annotations

import logging
import traceback

__all__ = ["log_unexpected"]

_logger = logging.getLogger("memoryos_server")


def log_unexpected(error: BaseException, *, operation: str, request_id: str) -> None:
    """Log where `error` came from, as one record."""
    _logger.error("%s failed (%s)\n%s", operation, request_id, _places(error))


def _places(error: BaseException) -> str:
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in chain:
        chain.append(following)
        following = following.__cause__ or following.__context__
    return "\n".join(_place(link) for link in chain)


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}' for frame in frames]
    name = type(error)
    return "\n".join([f"{name.__module__}.{name.__qualname__} at", *lines])
