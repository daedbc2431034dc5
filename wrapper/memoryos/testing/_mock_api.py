"""Memory OS without one: respx routes that answer as the contract shows, and check what is sent."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Dict, Generator, Iterator, List, Optional

import httpx
import respx
from respx.models import ResolvedRoute, Route, RouteList
from respx.patterns import Pattern

from memoryos._protocol.settings import BASE_URL_VARIABLE, KEY_VARIABLE

from ._mock_responses import answer
from ._request_validation import Sent, problems
from ._routes import Target, routes

if TYPE_CHECKING:
    from typing_extensions import Self

# Without TLS, whose roots take long to read; no network ever resolves `.test`.
_HOST = "memoryos.test"
_BASE_URL = f"http://{_HOST}/v1"
_KEY = "mos_test_of_the_testing_kit"


class MemoryApi(respx.MockRouter):
    """A respx router with a route for every operation of the contract, by the contract's name.

    A route answers with the contract's own example, until it is told otherwise in respx's way, such
    as `memoryos_api.search_memories.respond(503)`. Routes that a test adds come before these.

    It answers at the addresses of the hosted service, and at one of its own. A request there that
    the contract does not allow raises an AssertionError that says what is wrong.

    Attributes:
        broken_rules: What the contract does not allow of what was sent so far, one text a request.
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
        """Return the route of an operation."""
        if name not in routes().operations:
            raise AttributeError(f"the contract has no operation {name}")
        return self[name]

    @property
    def base_url(self) -> str:
        """The address for clients that are not told the hosted service's."""
        return _BASE_URL

    @property
    def environment(self) -> Dict[str, str]:
        """The variables that lead every new client of this process here."""
        return {BASE_URL_VARIABLE: _BASE_URL, KEY_VARIABLE: _KEY}

    def example(self, operation: str) -> Dict[str, Any]:
        """Return a copy of the contract's example of an operation's success, envelope and all."""
        return routes().success(routes().operations[operation])[1]

    def error(self, status: int, *, retry_after: Optional[float] = None) -> httpx.Response:
        """Return the contract's example of an error, to be given to a route.

        Args:
            status: An error's status that the contract has, such as 404.
            retry_after: What the header `Retry-After` says, in seconds.

        Raises:
            ValueError: The contract has no error with this status.
        """
        envelope = routes().error(status)
        if envelope is None:
            raise ValueError(f"the contract has no error with status {status}")
        headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
        return httpx.Response(status, json=envelope, headers=headers)

    @contextlib.contextmanager
    def resolver(self, request: httpx.Request) -> Generator[ResolvedRoute, None, None]:
        """Check a request before it is answered; this is respx's own hook."""
        __tracebackhide__ = True
        if _is_for_memory_os(request):
            self._check(request)
        with super().resolver(request) as resolved:
            yield resolved

    def _check(self, request: httpx.Request) -> None:
        __tracebackhide__ = True
        broken = problems(_sent(request), routes())
        if broken:
            lines = [f"{request.method} {request.url.path} is against the contract:", *broken]
            self.broken_rules.append("\n  ".join(lines))
            raise AssertionError(self.broken_rules[-1])


class _TestRoutesFirst(RouteList):
    """Routes of which those that a test has added come first."""

    def __iter__(self) -> Iterator[Route]:
        every = list(super().__iter__())
        return iter(sorted(every, key=lambda route: isinstance(route.pattern, _OperationPattern)))


class _OperationPattern(Pattern):
    """Matches the requests that ask for one operation."""

    key = "memoryos_operation"

    def parse(self, request: httpx.Request) -> Optional[str]:
        """Return the operation that a request asks for."""
        target = _target(request) if _is_for_memory_os(request) else None
        return None if target is None else target.operation.id


def _is_for_memory_os(request: httpx.Request) -> bool:
    return request.url.host == _HOST or request.url.host in routes().hosts


def _target(request: httpx.Request) -> Optional[Target]:
    path = request.url.raw_path.partition(b"?")[0]
    return routes().find(request.method, path.decode("ascii"))


def _sent(request: httpx.Request) -> Sent:
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Sent(request.method, path, query, headers, request.content)


def _example(request: httpx.Request) -> httpx.Response:
    target = _target(request)
    if target is None:
        raise LookupError(f"{request.url} is none of the contract's")
    query = request.url.query.decode("ascii")
    status, envelope = answer(routes(), target, query, request.content)
    return httpx.Response(status, json=envelope)
