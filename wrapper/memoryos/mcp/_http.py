"""MCP over HTTP, one request at a time: `memoryos serve` finds this by an entry point.

No session outlives its request, whose client, tools and server are made for the caller's API key.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from memoryos import AsyncMemoryOS
from memoryos._async.session import AsyncSession
from memoryos._async.transport import AsyncTransport
from memoryos._local import local_settings
from memoryos._protocol.features import ServiceFeatures
from memoryos._protocol.retries import Policy

from . import _sdk
from ._messages import no_message, read_message
from ._server import TOOL_DEADLINE_SECONDS, server_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from memoryos._async.in_process import AsyncLocalMemoryOS

__all__ = ["Endpoint", "create_endpoint"]

_PLACE = "this server"
"""What errors call the place of the memories: its file is the operator's business."""

_JSON = [(b"content-type", b"application/json")]


def create_endpoint() -> Endpoint:
    """Return the endpoint, and keep what the official SDK logs out of the server's log."""
    _sdk.silence_log()
    return Endpoint()


class Endpoint:
    """Answers the POST requests of MCP's streamable HTTP transport."""

    def __init__(self) -> None:
        # Of the server that this runs in, so the same for all callers.
        self._settings = replace(local_settings(_PLACE), deadline=TOOL_DEADLINE_SECONDS)
        self._features = ServiceFeatures()

    async def respond(
        self,
        local: AsyncLocalMemoryOS,
        permits: Callable[[str], bool],
        headers: Sequence[tuple[bytes, bytes]],
        body: bytes,
    ) -> tuple[int, Sequence[tuple[bytes, bytes]], bytes]:
        """Return the status, the headers and the body of the response to a request.

        Args:
            local: The Memory OS, on which each call is one of the caller.
            permits: Whether the caller's API key has a permission.
            headers: Headers of the request, with names in lower case.
            body: Body of the request: one message.
        """
        message = read_message(body, _sdk.check_message) or no_message()
        if message.error:
            return 400, _JSON, message.error.encode()
        async with self._client(local) as client:
            server = server_of(
                client,
                lifespan=_lifespan,
                called="with this API key, this server",
                permits=permits,
                notes=_no_notes,
            )
            return await _sdk.answer_http(server, headers, message.text.encode())

    def _client(self, local: AsyncLocalMemoryOS) -> AsyncMemoryOS:
        transport = AsyncTransport(self._settings.base_url, local=local)
        policy = Policy(deadline=self._settings.deadline)
        session = AsyncSession(self._settings, transport, policy, features=self._features)
        client = AsyncMemoryOS.__new__(AsyncMemoryOS)
        client._use(session)  # noqa: SLF001 - of this package
        return client


@asynccontextmanager
async def _lifespan(_: Any) -> AsyncIterator[None]:  # the request has one
    yield


def _no_notes() -> nullcontext[list[str]]:
    """Return no notes: the log of this process is about the memories of all callers."""
    return nullcontext([])
