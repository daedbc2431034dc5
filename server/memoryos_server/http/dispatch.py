"""Request dispatch: routing, authentication, rate limit, validation, service call, envelope."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from memoryos_server.contract.routes import ContractError, admin_contract, default_contract
from memoryos_server.model.errors import ServiceError, unavailable
from memoryos_server.model.phases import measured_phases

from .authentication import authenticate, authorize, parse_key
from .failures import failure_response
from .http_errors import (
    body_timeout,
    method_not_allowed,
    rate_limited,
    too_many_invalid_keys,
    unknown_path,
)
from .recent_keys import KeyHolder
from .request_limits import MAX_BODY_BYTES
from .requests import Request, parse_request
from .responses import (
    Response,
    error_response,
    options_response,
    server_options_response,
    success_response,
    without_body,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from memoryos_server.contract.routes import Contract, Operation, Route
    from memoryos_server.model.caller import Caller
    from memoryos_server.service.operations import Service
    from memoryos_server.service.results import Result

    from .failed_authentications import FailedAuthentications
    from .rate_limit import RateLimiter

__all__ = ["MAX_BODY_BYTES", "Dispatcher", "Rejection", "Response"]

_Answer = TypeVar("_Answer")

_REQUEST_ID_BYTES = 8
UNKNOWN_OPERATION = "unknown"


def _new_request_id() -> str:
    return f"req_{secrets.token_hex(_REQUEST_ID_BYTES)}"


class Rejection(NamedTuple):
    """The response to a request that is rejected before its body is read.

    Attributes:
        response: The response.
        holder: Holder of the API key, or None if the key is not valid.
    """

    response: Response
    holder: KeyHolder | None


class Dispatcher:
    """Passes requests to the operations of a service, without I/O of its own. Thread-safe.

    Args:
        service: Has one method per operation of the contracts.
        contracts: Routes, schemas and required permissions. Default: the contracts in this package,
            of the API and of its administration.
        max_body_bytes: Maximum size of a request body in bytes; larger ones get a 413.
        rate_limiter: Limits the request rate of each key with 429 errors, or None for no limit.
        failed_authentications: Limits the requests with invalid keys, or None for no limit.
        observe_phases: Called with an operation's id and the seconds that it spent in each phase.
        new_request_id: Returns a new request ID.

    Raises:
        ContractError: The service lacks a method for an operation.
    """

    def __init__(
        self,
        service: Service,
        *,
        contracts: Sequence[Contract] | None = None,
        max_body_bytes: int = MAX_BODY_BYTES,
        rate_limiter: RateLimiter | None = None,
        failed_authentications: FailedAuthentications | None = None,
        observe_phases: Callable[[str, Mapping[str, float]], None] | None = None,
        new_request_id: Callable[[], str] = _new_request_id,
    ) -> None:
        self.max_body_bytes = max_body_bytes
        self._service = service
        self._rate_limiter = rate_limiter
        self._observe_phases = observe_phases
        self._failed_authentications = failed_authentications
        self._contracts = contracts or (default_contract(), admin_contract())
        self._new_request_id = new_request_id
        for contract in self._contracts:
            for operation in contract.operations:
                if not hasattr(service, operation.operation_id):
                    raise ContractError(f"The service has no method {operation.operation_id}")

    def handle(
        self,
        method: str,
        path: str,
        query: bytes,
        headers: Iterable[tuple[bytes, bytes]],
        body: bytes,
        *,
        caller: Caller | None = None,
        request_id: str | None = None,
    ) -> Response:
        """Return the response to a request. No request makes this method raise.

        Args:
            method: HTTP method in upper case.
            path: Path as sent, percent-encoded, with the base path: `/v1/memories`.
            query: Query string, without the question mark.
            headers: Names, in any case, and values.
            body: Body, or its first `max_body_bytes` + 1 bytes.
            caller: Caller, if known: in-process, or from `admit`.
            request_id: ID of the request. Default: a new one.
        """
        request = Request.build(method, path, query, headers, body)
        return self._guard(
            request, request_id, lambda request_id: self._respond(request, caller, request_id)
        )

    def answer_without_key(
        self,
        method: str,
        path: str,
        headers: Iterable[tuple[bytes, bytes]],
        request_id: str,
    ) -> Response | None:
        """Return the response to a request that needs neither its body nor the store, or None.

        That is a request for an unknown path or method or for the methods of a path, and one
        without a well-formed API key.
        """
        request = Request.build(method, path, b"", headers, b"")

        def respond(request_id: str) -> Response | None:
            if path == "*" and method == "OPTIONS":
                return server_options_response(self._all_methods(), request_id)
            route, _ = self._route(path)
            if _find_operation(route, method) is None:
                return options_response(_allowed_methods(route), request_id)
            parse_key(request.header("authorization"))
            return None

        return self._guard(request, request_id, respond)

    def admit(
        self,
        method: str,
        path: str,
        headers: Iterable[tuple[bytes, bytes]],
        request_id: str,
        address: str | None = None,
    ) -> Caller | Rejection:
        """Decide by its headers whether to read the body of a request.

        `answer_without_key` must have returned None for the request. This method looks up the API
        key in the store, counts the request for the rate limit and checks the key's permissions.

        Args:
            method: HTTP method in upper case.
            path: Path as sent.
            headers: Names, in any case, and values.
            request_id: ID of the request.
            address: IP address of the client, for the limit of failed authentications; None if the
                key was valid a short time ago.
        """
        request = Request.build(method, path, b"", headers, b"")

        def check_permissions(caller: Caller) -> None:
            operation = _find_operation(self._route(path)[0], method)
            if operation is not None:
                authorize(caller, operation.scopes)

        return self._admit(request, request_id, address, check_permissions)

    def admit_to_endpoint(
        self,
        method: str,
        path: str,
        headers: Iterable[tuple[bytes, bytes]],
        request_id: str,
        address: str | None = None,
    ) -> Caller | Rejection:
        """Decide by its headers whether to read the body of a request to an endpoint.

        This method does what `admit` does, but the endpoint checks the key's permissions.
        """
        request = Request.build(method, path, b"", headers, b"")
        return self._admit(request, request_id, address, lambda _caller: None)

    def operation_name(self, method: str, path: str) -> str:
        """Return the id of the operation that a request is for, or `unknown`."""
        matched = self._match(path)
        if matched is None:
            return UNKNOWN_OPERATION
        operations = matched[0].operations
        operation = operations.get("GET" if method == "HEAD" else method)
        return UNKNOWN_OPERATION if operation is None else operation.operation_id

    def new_request_id(self) -> str:
        """Return an ID for a request."""
        return self._new_request_id()

    def reject(
        self, error: ServiceError, request_id: str | None = None, *, method: str = ""
    ) -> Response:
        """Return the response for a request that fails before it reaches an operation."""
        response = error_response(error, request_id or self._new_request_id())
        return without_body(response) if method == "HEAD" else response

    def overloaded_response(self, request_id: str | None = None, *, method: str = "") -> Response:
        """Return the 503 response for a request that exceeds the concurrency limit."""
        return self.reject(unavailable("Too many concurrent requests"), request_id, method=method)

    def body_timeout_response(
        self, seconds: float, request_id: str | None = None, *, method: str = ""
    ) -> Response:
        """Return the 408 response for a body that did not arrive within `seconds`."""
        return self.reject(body_timeout(seconds), request_id, method=method)

    def close(self) -> None:
        """Close the service."""
        self._service.close()

    def _admit(
        self,
        request: Request,
        request_id: str,
        address: str | None,
        check_permissions: Callable[[Caller], None],
    ) -> Caller | Rejection:
        holder: KeyHolder | None = None

        def check(_request_id: str) -> Caller:
            nonlocal holder
            caller = self._authenticate(request, address)
            holder = KeyHolder(caller.owner, caller.key_id)
            self._check_rate_limit(caller)
            check_permissions(caller)
            return caller

        admitted = self._guard(request, request_id, check)
        return Rejection(admitted, holder) if isinstance(admitted, Response) else admitted

    def _guard(
        self, request: Request, request_id: str | None, work: Callable[[str], _Answer]
    ) -> _Answer | Response:
        """Return what `work` returns, or the response with the envelope of its error."""
        request_id = request_id or self._new_request_id()
        answer: _Answer | Response
        try:
            answer = work(request_id)
        except Exception as error:  # noqa: BLE001 - the client gets an envelope for any exception
            operation = self._name(request)
            answer = failure_response(error, operation=operation, request_id=request_id)
        if isinstance(answer, Response) and request.method == "HEAD":
            return without_body(answer)
        return answer

    def _respond(self, request: Request, caller: Caller | None, request_id: str) -> Response:
        route, path_values = self._route(request.path)
        operation = _find_operation(route, request.method)
        if operation is None:
            return options_response(_allowed_methods(route), request_id)
        result = self._call(operation, path_values, request, caller)
        return success_response(result, request_id)

    def _route(self, path: str) -> tuple[Route, dict[str, str]]:
        matched = self._match(path)
        if matched is None:
            raise unknown_path()
        return matched

    def _match(self, path: str) -> tuple[Route, dict[str, str]] | None:
        matches = (contract.match(path) for contract in self._contracts)
        return next((matched for matched in matches if matched is not None), None)

    def _call(
        self,
        operation: Operation,
        path_values: dict[str, str],
        request: Request,
        caller: Caller | None,
    ) -> Result:
        if caller is None:
            caller = self._authenticate(request)
            self._check_rate_limit(caller)
        authorize(caller, operation.scopes)
        arguments = parse_request(operation, path_values, request, self.max_body_bytes)
        call: Callable[..., Result] = getattr(self._service, operation.operation_id)
        if self._observe_phases is None:
            return call(caller, *arguments)
        with measured_phases() as seconds:
            result = call(caller, *arguments)
        self._observe_phases(operation.operation_id, seconds)
        return result

    def _authenticate(self, request: Request, address: str | None = None) -> Caller:
        authorization, failed = request.header("authorization"), self._failed_authentications
        if failed is None or address is None:
            return authenticate(authorization, self._service.authenticate)
        seconds = failed.wait_seconds(address)
        if seconds > 0:
            raise too_many_invalid_keys(seconds)
        try:
            return authenticate(authorization, self._service.authenticate)
        except ServiceError as error:
            if error.status == HTTPStatus.UNAUTHORIZED:
                failed.count(address)
            raise

    def _check_rate_limit(self, caller: Caller) -> None:
        if self._rate_limiter is None:
            return
        seconds = self._rate_limiter.acquire(caller.key_id)
        if seconds > 0:
            raise rate_limited(seconds)

    def _all_methods(self) -> list[str]:
        routes = (route for contract in self._contracts for route in contract.routes)
        return sorted({method for route in routes for method in _allowed_methods(route)})

    def _name(self, request: Request) -> str:
        matched = self._match(request.path)
        return f"{request.method} {matched[0].template if matched else 'an unknown path'}"


def _find_operation(route: Route, method: str) -> Operation | None:
    """Return the operation for `method` on `route`, or None for an OPTIONS request.

    Raises:
        HTTPError: 405, if the route doesn't support the method.
    """
    if method in route.operations:
        return route.operations[method]
    if method == "HEAD" and "GET" in route.operations:
        return route.operations["GET"]
    if method == "OPTIONS":
        return None
    raise method_not_allowed(method, _allowed_methods(route))


def _allowed_methods(route: Route) -> list[str]:
    implied = ["HEAD", "OPTIONS"] if "GET" in route.operations else ["OPTIONS"]
    return [*route.operations, *implied]
