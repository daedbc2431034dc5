"""Endpoints: paths of the server that are no operations of an API contract, such as `/healthz`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from memoryos_server.model.errors import ServiceError

from .authentication import parse_key
from .failures import failure_response
from .http_errors import method_not_allowed
from .requests import check_body_length
from .responses import error_response, options_response, without_body

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memoryos_server.model.caller import Caller

    from .requests import Request
    from .responses import Response

__all__ = ["Endpoint", "Endpoints"]


class Endpoint(Protocol):
    """One path of the server that is not an operation of an API contract."""

    @property
    def path(self) -> str:
        """The path, such as `/healthz`."""
        ...

    @property
    def methods(self) -> Sequence[str]:
        """The HTTP methods that it takes. The server adds OPTIONS, and HEAD where there is GET."""
        ...

    @property
    def needs_key(self) -> bool:
        """Whether the request needs a valid API key. Only then is its body read."""
        ...

    async def respond(self, request: Request, caller: Caller | None, request_id: str) -> Response:
        """Return the response to a request. Runs on the event loop, so it must not block.

        Args:
            request: The request, with one of `methods`: GET for a HEAD request, whose response the
                server sends without its body. Its own body is empty unless `needs_key`.
            caller: The caller that its API key belongs to; None unless `needs_key`.
            request_id: ID of the request.

        Raises:
            ServiceError: The request gets the error envelope instead.
        """
        ...


class Endpoints:
    """The endpoints of a server: finds the one of a path, and the response to a request for it.

    Args:
        endpoints: The endpoints, each with another path.
        max_body_bytes: Maximum size of a request body in bytes; larger ones get a 413.

    Raises:
        ValueError: Two endpoints have the same path.
    """

    def __init__(self, endpoints: Iterable[Endpoint], *, max_body_bytes: int) -> None:
        self._max_body_bytes = max_body_bytes
        self._by_path: dict[str, Endpoint] = {}
        for endpoint in endpoints:
            if self._by_path.setdefault(endpoint.path, endpoint) is not endpoint:
                raise ValueError(f"Two endpoints have the path {endpoint.path}")

    def find(self, path: str) -> Endpoint | None:
        """Return the endpoint of a percent-encoded path, or None."""
        return self._by_path.get(path)

    def answer_without_endpoint(
        self, endpoint: Endpoint, request: Request, request_id: str
    ) -> Response | None:
        """Return the response to a request for the methods, for another one or without a key.

        Where a key is needed, it comes first: a 401 whatever the method is.
        """
        try:
            if request.method == "OPTIONS":
                return options_response(_all_methods(endpoint), request_id)
            if endpoint.needs_key:
                parse_key(request.header("authorization"))
            else:
                _check_method(endpoint, request)
        except ServiceError as error:
            response = error_response(error, request_id)
            return without_body(response) if request.method == "HEAD" else response
        return None

    async def respond(
        self, endpoint: Endpoint, request: Request, caller: Caller | None, request_id: str
    ) -> Response:
        """Return the endpoint's response. No request makes this method raise.

        Args:
            endpoint: An endpoint, for which `answer_without_endpoint` returned None.
            request: The request.
            caller: The caller, if the endpoint needs one.
            request_id: ID of the request.
        """
        is_head = request.method == "HEAD"
        try:
            _check_method(endpoint, request)
            check_body_length(request, self._max_body_bytes)
            asked = replace(request, method="GET") if is_head else request
            response = await endpoint.respond(asked, caller, request_id)
        except Exception as error:  # noqa: BLE001 - the client gets an envelope for any exception
            operation = f"{request.method} {endpoint.path}"
            response = failure_response(error, operation=operation, request_id=request_id)
        return without_body(response) if is_head else response


def _check_method(endpoint: Endpoint, request: Request) -> None:
    methods = _all_methods(endpoint)
    if request.method not in methods:
        raise method_not_allowed(request.method, methods)


def _all_methods(endpoint: Endpoint) -> list[str]:
    implied = ["HEAD", "OPTIONS"] if "GET" in endpoint.methods else ["OPTIONS"]
    return [*endpoint.methods, *implied]
