"""Endpoints whose content never changes while the server runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from memoryos_server.http.responses import content_response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from memoryos_server.http.requests import Request
    from memoryos_server.http.responses import Response
    from memoryos_server.model.caller import Caller

__all__ = ["FixedContent"]


class FixedContent:
    """An endpoint that answers each request with the same content, which the first one makes.

    Args:
        path: The path.
        content_type: The media type, such as `application/json`.
        make: Returns the content.
        describe: Returns more headers for the content.
    """

    methods = ("GET",)
    needs_key = False

    def __init__(
        self,
        path: str,
        content_type: str,
        make: Callable[[], bytes],
        describe: Callable[[bytes], Mapping[str, str]] = lambda _: {},
    ) -> None:
        self.path = path
        self._content_type = content_type
        self._make = make
        self._describe = describe
        self._content: bytes | None = None

    async def respond(
        self,
        request: Request,  # noqa: ARG002 - all get the same response
        caller: Caller | None,  # noqa: ARG002
        request_id: str,
    ) -> Response:
        """Return the content."""
        if self._content is None:
            self._content = await asyncio.get_running_loop().run_in_executor(None, self._make)
        headers = self._describe(self._content)
        return content_response(self._content_type, self._content, request_id, headers)
