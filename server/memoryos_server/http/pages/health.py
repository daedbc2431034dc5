"""`/healthz`: whether the server is alive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos_server.http.responses import json_response

if TYPE_CHECKING:
    from memoryos_server.http.requests import Request
    from memoryos_server.http.responses import Response
    from memoryos_server.model.caller import Caller

__all__ = ["Health"]


class Health:
    """Answers as long as the server accepts requests, whatever the state of its store."""

    path = "/healthz"
    methods = ("GET",)
    needs_key = False

    async def respond(
        self,
        request: Request,  # noqa: ARG002 - all get the same response
        caller: Caller | None,  # noqa: ARG002
        request_id: str,
    ) -> Response:
        """Return 200 with `{"status": "ok"}`."""
        return json_response(200, {"status": "ok"}, request_id)
