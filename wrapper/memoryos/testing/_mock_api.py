"""Mock of Memory OS: respx routes that return the contract's examples and validate requests."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Dict, Generator, Iterator, List, Optional

import httpx
import respx
from respx.models import ResolvedRoute, Route, RouteList
from respx.patterns import Pattern

from memoryos._protocol.settings import BASE_URL_VARIABLE, KEY_VARIABLE

from ._mock_responses import example_response
from ._request_validation import SentRequest, problems
from ._routes import Target, routes

if TYPE_CHECKING:
    from typing_extensions import Self

# Plain HTTP, because loading TLS roots is slow. The domain `.test` is reserved and never resolves.
_HOST = "memoryos.test"
_BASE_URL = f"http://{_HOST}/v1"
_KEY = "mos_test_memoryos_testing"


class MemoryApi(respx.MockRouter):
    """respx router with a route for every operation, named by the operation's id.

    Each route returns the contract's example, unless you set another response as usual in respx,
    such as `memoryos_api.search_memories.respond(503)`. Routes that a test adds take precedence.

    It intercepts requests to the hosted service and to a base URL of its own. A request that
    violates the contract raises an AssertionError that describes the violations.

    Attributes:
        broken_rules: Violations of the contract so far, one text per request.

    Example:
        >>> with MemoryApi() as api:
        ...     api.search_memories.mock(return_value=api.error(429, retry_after=1))
        ...     MemoryOS("mos_test_key", api.base_url).search("coffee")
    """

    def __init__(self) -> None:
        super().__init__(assert_all_called=False)
        self.broken_rules: List[str] = []
        self.routes = _TestRoutesFirst()
        for name in routes().operations:
            self.add(Route(_OperationPattern(name)).mock(side_effect=_example), name=name)

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    def __getattr__(self, name: str) -> Route:
        """Return the route of an operation, by its id."""
        if name not in routes().operations:
            raise AttributeError(f"the contract has no operation {name}")
        return self[name]

    @property
    def base_url(self) -> str:
        """Base URL for clients. The mock also intercepts the hosted service's URL."""
        return _BASE_URL

    @property
    def environment(self) -> Dict[str, str]:
        """Environment variables that direct new clients to the mock."""
        return {BASE_URL_VARIABLE: _BASE_URL, KEY_VARIABLE: _KEY}

    def example(self, operation: str) -> Dict[str, Any]:
        """Return a copy of the contract's example of a success, including the envelope.

        Args:
            operation: Id of the operation, such as `create_memory`.
        """
        return routes().success(routes().operations[operation])[1]

    def error(self, status: int, *, retry_after: Optional[float] = None) -> httpx.Response:
        """Return the contract's example of an error, as a response for a route.

        Args:
            status: Status of a documented error, such as 404.
            retry_after: Value of the `Retry-After` header, in seconds. Default: no header.

        Raises:
            ValueError: The contract documents no error with this status.
        """
        envelope = routes().error(status)
        if envelope is None:
            raise ValueError(f"the contract documents no error with status {status}")
        headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
        return httpx.Response(status, json=envelope, headers=headers)

    @contextlib.contextmanager
    def resolver(self, request: httpx.Request) -> Generator[ResolvedRoute, None, None]:
        """Validate a request before respx resolves its route."""
        __tracebackhide__ = True
        if _is_for_memory_os(request):
            self._check(request)
        with super().resolver(request) as resolved:
            yield resolved

    def _check(self, request: httpx.Request) -> None:
        __tracebackhide__ = True
        found = problems(_sent(request), routes())
        if found:
            lines = [f"{request.method} {request.url.path} violates the contract:", *found]
            self.broken_rules.append("\n  ".join(lines))
            raise AssertionError(self.broken_rules[-1])


class _TestRoutesFirst(RouteList):
    """Route list in which the routes added by a test come first."""

    def __iter__(self) -> Iterator[Route]:
        every = list(super().__iter__())
        return iter(sorted(every, key=lambda route: isinstance(route.pattern, _OperationPattern)))


class _OperationPattern(Pattern):
    """Matches the requests of one operation."""

    key = "memoryos_operation"

    def parse(self, request: httpx.Request) -> Optional[str]:
        """Return the id of a request's operation."""
        target = _target(request) if _is_for_memory_os(request) else None
        return None if target is None else target.operation.id


def _is_for_memory_os(request: httpx.Request) -> bool:
    return request.url.host == _HOST or request.url.host in routes().hosts


def _target(request: httpx.Request) -> Optional[Target]:
    path = request.url.raw_path.partition(b"?")[0]
    return routes().find(request.method, path.decode("ascii"))


def _sent(request: httpx.Request) -> SentRequest:
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return SentRequest(request.method, path, query, headers, request.content)


def _example(request: httpx.Request) -> httpx.Response:
    target = _target(request)
    if target is None:
        raise LookupError(f"{request.url} is not an operation of the contract")
    query = request.url.query.decode("ascii")
    status, envelope = example_response(routes(), target, query, request.content)
    return httpx.Response(status, json=envelope)
