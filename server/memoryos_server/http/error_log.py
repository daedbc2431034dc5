"""Log of unhandled errors, without request data.

Exception messages and local variables may contain memory content or API keys. The log therefore
contains only the chain of exception types and the source lines of their tracebacks.
"""

from __future__ import annotations

import logging
import traceback

__all__ = ["log_unhandled_error"]

_logger = logging.getLogger("memoryos_server")


def log_unhandled_error(error: BaseException, *, operation: str, request_id: str) -> None:
    """Log the types and source lines of `error` and its causes as one record.

    Args:
        error: The unhandled exception.
        operation: Method and path template of the request, or another name for the failed task.
        request_id: ID of the request.
    """
    _logger.error("%s failed (%s)\n%s", operation, request_id, _format_chain(error))


def _format_chain(error: BaseException) -> str:
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in chain:
        chain.append(following)
        following = following.__cause__ or following.__context__
    return "\n".join(_format_frames(link) for link in chain)


def _format_frames(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}' for frame in frames]
    name = type(error)
    return "\n".join([f"{name.__module__}.{name.__qualname__} at", *lines])
