"""What a tool says when a call of Memory OS fails: a sentence that a model can act upon."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from mcp.server.mcpserver.exceptions import ToolError

from memoryos import exceptions

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["as_tool_errors", "sentence"]

_USER = "Tell the user; trying again will not help."


@contextmanager
def as_tool_errors() -> Iterator[None]:
    """Turn what the SDK raises into what a tool raises.

    Raises:
        ToolError: A call failed.
    """
    try:
        yield
    except exceptions.MemoryOSError as error:
        # The sentence is all that anybody is told, in the answer and in the log.
        raise ToolError(sentence(error)) from None


def sentence(error: exceptions.MemoryOSError) -> str:
    """Return what went wrong, and what to do about it."""
    message = error.message.rstrip(".")
    return f"{message}. {_advice(error)}".strip()


_ADVICE = (
    (
        exceptions.ValidationError,
        "Nothing was stored or changed; correct the arguments and try again.",
    ),
    (exceptions.NotFoundError, "Look the id up with search_memories or list_memories."),
    (
        exceptions.AuthenticationError,
        f"The API key that this server was started with is not accepted. {_USER}",
    ),
    (
        exceptions.PermissionDeniedError,
        f"The API key that this server was started with may not do this. {_USER}",
    ),
    (exceptions.RateLimitError, "Wait a while before the next call."),
    (
        exceptions.MemoryOSError,
        "That says nothing about what is remembered; the user can run `memoryos doctor`.",
    ),
)


def _advice(error: exceptions.MemoryOSError) -> str:
    return next(advice for kind, advice in _ADVICE if isinstance(error, kind))
