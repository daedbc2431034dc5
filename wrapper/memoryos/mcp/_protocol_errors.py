"""Errors of a request other than a tool's call, which models don't read. Pure."""

from __future__ import annotations

from memoryos import exceptions

from ._tool_errors import error_text

__all__ = [
    "ProtocolError",
    "invalid_parameter",
    "service_error",
    "unexpected_error",
    "unknown_resource",
]

_INVALID_PARAMETERS = -32602
_INTERNAL_ERROR = -32603


class ProtocolError(Exception):
    """A request fails with an error of the protocol.

    Args:
        code: Code of JSON-RPC.
        message: What was wrong.
        uri: URI of the resource that doesn't exist; older revisions have a code for it.
    """

    def __init__(self, code: int, message: str, uri: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.uri = uri

    @property
    def is_unknown_resource(self) -> bool:
        """Whether the resource doesn't exist."""
        return self.uri is not None


def invalid_parameter(message: str) -> ProtocolError:
    """Return the error for a parameter that can't be right."""
    return ProtocolError(_INVALID_PARAMETERS, message)


def unknown_resource(uri: str) -> ProtocolError:
    """Return the error for a resource that doesn't exist."""
    return ProtocolError(_INVALID_PARAMETERS, "There is no such resource.", uri)


def service_error(error: exceptions.MemoryOSError) -> ProtocolError:
    """Return the error for a failed call of the service."""
    is_invalid = isinstance(error, exceptions.ValidationError)
    return ProtocolError(_INVALID_PARAMETERS if is_invalid else _INTERNAL_ERROR, error_text(error))


def unexpected_error(error: Exception) -> ProtocolError:
    """Return the error for any other exception, without its text, which may quote a memory."""
    return ProtocolError(_INTERNAL_ERROR, f"The server failed with a {type(error).__name__}.")
