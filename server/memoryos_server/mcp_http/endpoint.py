"""The endpoint `/mcp`: the streamable HTTP transport of MCP, without sessions."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from memoryos_server.http.responses import Response
from memoryos_server.model.errors import ServiceError, forbidden, unavailable

from .caller_memory import CallerMemory
from .origins import is_allowed_origin
from .tools import load_tools

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from concurrent.futures import Executor

    from memoryos_server.http.dispatch import Dispatcher
    from memoryos_server.http.requests import Request
    from memoryos_server.model.caller import Caller

    from .tools import Tools

__all__ = ["PATH", "McpEndpoint"]

PATH = "/mcp"

_LONGEST_SECONDS = 60.0
"""Time for an answer. A tool has its own, shorter deadline; this ends whatever hasn't."""

_logger = logging.getLogger(__name__)


class McpEndpoint:
    """Answers each POST request by itself, with the permissions and the tags of its API key.

    There are no sessions and no streams: the protocol lets a server answer GET and DELETE requests
    with 405.

    Args:
        dispatcher: The dispatcher of the server.
        threads: Its threads.
        origins: Origins of web pages that may send requests.
        only_this_machine: Whether only this machine can reach the server.
        load: Returns the tools. Called in a thread at the first request, or raises an ImportError.
    """

    path = PATH
    methods = ("POST",)
    needs_key = True

    def __init__(
        self,
        dispatcher: Dispatcher,
        threads: Executor,
        *,
        origins: Collection[str] = (),
        only_this_machine: bool = True,
        load: Callable[[], Tools] = load_tools,
    ) -> None:
        self._dispatcher = dispatcher
        self._threads = threads
        self._origins = origins
        self._only_this_machine = only_this_machine
        self._load = load
        self._tools: Tools | None = None

    async def respond(self, request: Request, caller: Caller | None, request_id: str) -> Response:
        """Return the response of the tools.

        Raises:
            ServiceError: 403 for a web page of another origin, 501 if MCP's package is missing, 503
                if the answer takes too long.
        """
        if caller is None:
            raise TypeError("the endpoint needs a caller")
        self._check_origin(request)
        if self._tools is None:
            self._tools = await self._loaded()
        memory = CallerMemory(self._dispatcher, self._threads, caller, request_id)
        answer = self._tools.respond(memory, caller.may, _for_tools(request), request.body)
        try:
            status, headers, body = await asyncio.wait_for(answer, _LONGEST_SECONDS)
        except asyncio.TimeoutError:
            raise unavailable("The answer took too long; the call may still take effect") from None
        return _response(status, headers, body, request_id)

    def _check_origin(self, request: Request) -> None:
        host = next(iter(request.header("host")), "")
        for origin in request.header("origin"):
            if not is_allowed_origin(
                origin, host, self._origins, only_this_machine=self._only_this_machine
            ):
                raise forbidden(
                    "Web pages of this origin may not send requests; the option --cors-origins "
                    "names those that may"
                )

    async def _loaded(self) -> Tools:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._load)
        except ImportError as error:
            _logger.error("%s", error)  # noqa: TRY400 - the message says it all
            raise ServiceError(501, "NOT_IMPLEMENTED", str(error)) from None


def _for_tools(request: Request) -> list[tuple[bytes, bytes]]:
    """Return the headers that the protocol defines. The API key is none of their business."""
    return [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, values in request.headers.items()
        if name in {"accept", "content-type"} or name.startswith("mcp-")
        for value in values
    ]


def _response(
    status: int, headers: Collection[tuple[bytes, bytes]], body: bytes, request_id: str
) -> Response:
    """Return a response with the headers of the tools that describe its body."""
    kept = [
        ("Content-Type", value.decode("latin-1"))
        for name, value in headers
        if name == b"content-type"
    ]
    return Response(
        status,
        (
            *kept,
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Request-Id", request_id),
        ),
        body,
    )
