"""From a request's parts to its answer: routing, key, scope, checks, service, envelope."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from memoryos_server.contract.routes import ContractError, default_contract
from memoryos_server.model.errors import ServiceError, unavailable

from .authentication import authenticate, authorize
from .error_log import log_unexpected
from .http_errors import method_not_allowed, rate_limited, slow_body, unknown_path
from .request_limits import MAX_BODY_BYTES
from .requests import Request, read
from .responses import Response, allowing, failure, headers_only, internal_error, success

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from memoryos_server.contract.routes import Contract, Operation, Route
    from memoryos_server.model.caller import Caller
    from memoryos_server.service.operations import Service
    from memoryos_server.service.results import Answer

    from .rate_limit import RateLimiter

__all__ = ["MAX_BODY_BYTES", "Dispatcher", "Response"]


def _new_request_id() -> str:
    return f"req_{secrets.token_hex(8)}"


class Dispatcher:
    """Answers requests on a service. Synchronous, no socket in it; share it between threads."""

    def __init__(
        self,
        service: Service,
        *,
        contract: Contract | None = None,
        max_body_bytes: int = MAX_BODY_BYTES,
        rate_limiter: RateLimiter | None = None,
        new_request_id: Callable[[], str] = _new_request_id,
    ) -> None:
        """Answer by `contract` (default: the one in this package) on `service`.

        Args:
            service: has one method for each operation of the contract.
            contract: routes, schemas and scopes.
            max_body_bytes: larger bodies are refused with 413.
            rate_limiter: refuses keys that come too often with 429; None lets them.
            new_request_id: names each request.

        Raises:
            ContractError: the service lacks an operation.
        """
        self.max_body_bytes = max_body_bytes
        self._service = service
        self._rate_limiter = rate_limiter
        self._contract = default_contract() if contract is None else contract
        self._new_request_id = new_request_id
        for operation in self._contract.operations:
            if not hasattr(service, operation.operation_id):
                raise ContractError(f"the service has no method {operation.operation_id}")

    def handle(
        self,
        method: str,
        path: str,
        query: bytes,
        headers: Iterable[tuple[bytes, bytes]],
        body: bytes,
        *,
        caller: Caller | None = None,
    ) -> Response:
        """Return the answer to one request; never raises for anything that a request can hold.

        Args:
            method: in upper case.
            path: as sent, percent-encoded, with the base path in front (`/v1/memories`).
            query: what follows the question mark.
            headers: names and values; the names in any case.
            body: at most one byte more than `max_body_bytes`: the rest need not be read.
            caller: who calls, where that is known without a key (in-process use).
        """
        request_id = self._new_request_id()
        request = Request.build(method, path, query, headers, body)
        try:
            response = self._respond(request, caller, request_id)
        except Exception as error:  # noqa: BLE001 - whatever it was, the client gets an envelope
            log_unexpected(error, operation=self._name(request), request_id=request_id)
            response = internal_error(request_id)
        return headers_only(response) if method == "HEAD" else response

    def busy(self) -> Response:
        """Return the answer to a request that comes while too many are under way."""
        return failure(unavailable("Too many requests are under way"), self._new_request_id())

    def too_slow(self, seconds: float) -> Response:
        """Return the answer to a request whose body took more than `seconds` to arrive."""
        return failure(slow_body(seconds), self._new_request_id())

    def close(self) -> None:
        """Close the service."""
        self._service.close()

    def _respond(self, request: Request, caller: Caller | None, request_id: str) -> Response:
        try:
            route, path_values = self._route(request.path)
            operation = _operation(route, request.method)
            if operation is None:
                return allowing(_allowed(route), request_id)
            answer = self._call(operation, path_values, request, caller)
        except ServiceError as error:
            return failure(error, request_id)
        return success(answer, request_id)

    def _route(self, path: str) -> tuple[Route, dict[str, str]]:
        matched = self._contract.match(path)
        if matched is None:
            raise unknown_path()
        return matched

    def _call(
        self,
        operation: Operation,
        path_values: dict[str, str],
        request: Request,
        caller: Caller | None,
    ) -> Answer:
        if caller is None:
            caller = authenticate(request.header("authorization"), self._service.authenticate)
            self._hold_to_rate(caller)
        authorize(caller, operation.scopes)
        parameters, body = read(operation, path_values, request, self.max_body_bytes)
        answer: Answer = getattr(self._service, operation.operation_id)(caller, parameters, body)
        return answer

    def _hold_to_rate(self, caller: Caller) -> None:
        if self._rate_limiter is None:
            return
        seconds = self._rate_limiter.wait(caller.key_id)
        if seconds > 0:
            raise rate_limited(seconds)

    def _name(self, request: Request) -> str:
        matched = self._contract.match(request.path)
        return f"{request.method} {matched[0].template if matched else 'an unknown path'}"


def _operation(route: Route, method: str) -> Operation | None:
    """Return the operation that `method` means on `route`; None for a question about methods.

    Raises:
        RefusedError: 405.
    """
    if method in route.operations:
        return route.operations[method]
    if method == "HEAD" and "GET" in route.operations:
        return route.operations["GET"]
    if method == "OPTIONS":
        return None
    raise method_not_allowed(method, _allowed(route))


def _allowed(route: Route) -> list[str]:
    implied = ["HEAD", "OPTIONS"] if "GET" in route.operations else ["OPTIONS"]
    return [*route.operations, *implied]
