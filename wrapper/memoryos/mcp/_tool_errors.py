"""Convert errors of the SDK to texts that tell a model what to do. Pure."""

from __future__ import annotations

import re

from memoryos import exceptions
from memoryos._printable import printable

__all__ = ["error_text"]

_MAX_MESSAGE_CHARACTERS = 1000
_KEY = re.compile(r"mos_\w+")

_TELL_USER = "Tell the user; trying again won't help."


def error_text(error: exceptions.MemoryOSError) -> str:
    """Return the message of an error, followed by advice for the model.

    A service may quote the API key, or answer with a page of text.
    """
    if isinstance(error, exceptions.ConflictError) and error.details.get("positions"):
        return _other_messages(error.details["positions"])
    message = printable(_KEY.sub("mos_…", error.message), _MAX_MESSAGE_CHARACTERS)
    end = "" if message.endswith((".", "?")) else "."
    return f"{message}{end} {_advice(error)}".rstrip()


def _other_messages(positions: list[int]) -> str:
    """Return what the SDK says of another message, with what the arguments of the tool can do."""
    more = f" and {len(positions) - 1} more" if positions[1:] else ""
    return (
        f"The session has other messages at position {positions[0]}{more}. Nothing was stored. "
        "Pass all messages of the conversation in their order, or as `start` the position of the "
        "first one, which is `next_position` of the call before. For another conversation, use "
        "another session."
    )


_ADVICE = (
    # The message says what to correct.
    (exceptions.ValidationError, ""),
    (exceptions.ConflictError, ""),
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
        "This says nothing about what is stored; `memoryos doctor` helps the user find the cause.",
    ),
)


def _advice(error: exceptions.MemoryOSError) -> str:
    if type(error) is exceptions.MemoryOSError and 400 <= error.status < 500:
        return ""  # the service works, and says what is wrong with the request
    return next(advice for kind, advice in _ADVICE if isinstance(error, kind))
