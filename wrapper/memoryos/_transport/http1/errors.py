"""Errors of the HTTP/1.1 layer."""

from __future__ import annotations


class InvalidRequestError(ValueError):
    """A request that HTTP/1.1 can't express. The message names the part, never its value."""


class InvalidMessageError(Exception):
    """The peer sent bytes that are not one unambiguous HTTP/1.1 response."""


class IncompleteResponseError(ConnectionError):
    """The peer closed the connection before its response was complete."""


class NotHTTPError(ConnectionError):
    """The peer speaks another protocol."""
