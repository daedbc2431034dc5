"""`/metrics`: the metrics for Prometheus."""

from __future__ import annotations

import asyncio
import hmac
from typing import TYPE_CHECKING

from memoryos_server.http.http_errors import HTTPError
from memoryos_server.http.responses import Response

if TYPE_CHECKING:
    from memoryos_server.http.metrics import Metrics
    from memoryos_server.http.requests import Request
    from memoryos_server.model.caller import Caller

__all__ = ["MetricsEndpoint"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_CHALLENGE = 'Bearer realm="Memory OS metrics"'


class MetricsEndpoint:
    """The endpoint of the metrics.

    Args:
        metrics: The metrics.
        token: The bearer token that a request needs, or None if anybody may read the metrics.
    """

    path = "/metrics"
    methods = ("GET",)
    needs_key = False

    def __init__(self, metrics: Metrics, token: str | None = None) -> None:
        self._metrics = metrics
        self._token = token
        self._rendering: asyncio.Task[bytes] | None = None

    async def respond(self, request: Request, caller: Caller | None, request_id: str) -> Response:  # noqa: ARG002
        """Return the metrics.

        Raises:
            HTTPError: 401, if the token is missing or wrong.
        """
        if self._token is not None and not _has_token(request, self._token):
            raise HTTPError(
                401,
                "UNAUTHORIZED",
                "Missing or wrong token of the metrics; send it as `Authorization: Bearer <token>`",
                {"WWW-Authenticate": _CHALLENGE},
            )
        body = await self._render()
        headers = (
            ("Content-Type", CONTENT_TYPE),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Request-Id", request_id),
        )
        return Response(200, headers, body)

    async def _render(self) -> bytes:
        """Render in another thread; requests that come in the meantime get the same."""
        if self._rendering is None or self._rendering.done():
            self._rendering = asyncio.create_task(asyncio.to_thread(self._metrics.render))
        return await asyncio.shield(self._rendering)


def _has_token(request: Request, token: str) -> bool:
    values = request.header("authorization")
    if len(values) != 1:
        return False
    scheme, _, given = values[0].partition(" ")
    is_equal = hmac.compare_digest(given.strip().encode(), token.encode())
    return is_equal and scheme.lower() == "bearer"
