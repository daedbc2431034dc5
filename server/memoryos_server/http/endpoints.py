"""Endpoints: paths of the server that are no operations of an API contract, such as `/healthz`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memoryos_server.model.caller import Caller

    from .requests import Request
    from .responses import Response

__all__ = ["Endpoint"]


class Endpoint(Protocol):
    """One path of the server that is not an operation of an API contract."""

    @property
    def path(self) -> str:
        """The path, such as `/healthz`."""
        ...

    @property
    def methods(self) -> Sequence[str]:
        """The HTTP methods that it takes, besides OPTIONS."""
        ...

    @property
    def needs_key(self) -> bool:
        """Whether the request needs a valid API key. Only then is its body read."""
        ...

    async def respond(self, request: Request, caller: Caller | None, request_id: str) -> Response:
        """Return the response to a request.

        Args:
            request: The request; its body is empty unless `needs_key`.
            caller: The caller that its API key belongs to; None unless `needs_key`.
            request_id: ID of the request.

        Raises:
            ServiceError: The request gets the error envelope instead.
        """
        ...
