"""The Memory OS as one caller has it, for a client in the server's process."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Executor

    from memoryos_server.http.dispatch import Dispatcher, Response
    from memoryos_server.model.caller import Caller

__all__ = ["CallerMemory"]

_BASE_PATH = "/v1"


class CallerMemory:
    """Passes requests to the server's dispatcher as one caller: with its permissions and tags.

    The caller is authenticated and counted for the rate limit already.

    Args:
        dispatcher: Handles the requests.
        threads: Where it does that.
        caller: The caller.
        request_id: ID of the request from outside that these requests belong to.
    """

    is_open = True
    useful_threads = 1
    """The calls of one caller's tool are handled one after another."""

    def __init__(
        self, dispatcher: Dispatcher, threads: Executor, caller: Caller, request_id: str
    ) -> None:
        self._threads = threads
        self._handle = partial(dispatcher.handle, caller=caller, request_id=request_id)

    async def respond(
        self, method: str, target: str, headers: Iterable[tuple[bytes, bytes]], body: bytes
    ) -> Response:
        """Return the response to a request.

        Args:
            method: HTTP method in upper case.
            target: Path below `/v1`, percent-encoded, with the query.
            headers: Names, in any case, and values.
            body: Body.
        """
        path, _, query = target.partition("?")
        handle = partial(
            self._handle, method, _BASE_PATH + path, query.encode("ascii"), headers, body
        )
        return await asyncio.get_running_loop().run_in_executor(self._threads, handle)

    def abort(self) -> None:
        """Do nothing: the server closes the Memory OS."""

    async def aclose(self) -> None:
        """Do nothing: the server closes the Memory OS."""
