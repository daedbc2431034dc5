"""Convert errors of the SDK to tool errors that tell a model what to do."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from mcp.server.mcpserver.exceptions import ToolError

from memoryos import exceptions

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["as_tool_errors", "error_text"]

_TELL_USER = "Tell the user; trying again won't help."


@contextmanager
def as_tool_errors() -> Iterator[None]:
    """Convert errors of the SDK raised in the block.

    Raises:
        ToolError: A call of the SDK failed.
    """
    try:
        yield
    except exceptions.MemoryOSError as error:
        # No cause: the model and the log get only this text.
        raise ToolError(error_text(error)) from None


def error_text(error: exceptions.MemoryOSError) -> str:
    """Return the message of an error, followed by advice for the model."""
    message = error.message.rstrip(".")
    return f"{message}. {_advice(error)}".strip()


_ADVICE = (
    (
        exceptions.ValidationError,
        "Nothing was stored or changed; correct the arguments and try again.",
    ),
    (exceptions.NotFoundError, "Find the id with search_memories or list_memories."),
    (
        exceptions.AuthenticationError,
        f"The API key of this server is not accepted. {_TELL_USER}",
    ),
    (
        exceptions.PermissionDeniedError,
        f"The API key of this server doesn't permit this. {_TELL_USER}",
    ),
    (exceptions.RateLimitError, "Wait before the next call."),
    (
        exceptions.MemoryOSError,
        "The memories are not lost; the user can run `memoryos doctor` to find the cause.",
    ),
)


def _advice(error: exceptions.MemoryOSError) -> str:
    return next(advice for kind, advice in _ADVICE if isinstance(error, kind))
