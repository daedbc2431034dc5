"""The low-level client: the generated functions, sent through a client of this SDK.

A generated function sends an `httpx.Request` and reads an `httpx.Response`. After the retries it
gets a response with an HTTP error status too, where a method of the SDK raises.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Dict, Mapping, NoReturn, Optional, Tuple
from urllib.parse import parse_qs

import httpx

from memoryos._protocol import idempotency_keys, json_codec
from memoryos._protocol.calls import Call
from memoryos._protocol.json_nesting import check_content
from memoryos._protocol.observers import Observer
from memoryos._protocol.operations import Operation, idempotency_argument, operation_at
from memoryos._protocol.requests import USER_AGENT
from memoryos._protocol.responses import HTTPResponse, ResponseKind
from memoryos_api import AuthenticatedClient as AuthenticatedClient  # noqa: PLC0414 - a re-export

if TYPE_CHECKING:
    from memoryos._protocol.retries import CallResult, Outcome, Policy
    from memoryos._protocol.settings import Settings

# Headers that the connection sets; `authorization` is the client's key.
_NOT_COPIED = frozenset(
    {
        *("accept-encoding", "authorization", "connection", "content-length", "host"),
        "transfer-encoding",
    }
)
# The body is decoded and complete already.
_OF_THE_CONNECTION = frozenset({"content-encoding", "content-length", "transfer-encoding"})

# The transport adds the real key, so that the generated client can't leak it.
_PLACEHOLDER = "added-when-sent"


def low_level_client(settings: Settings, transport: LowLevelTransportBase) -> AuthenticatedClient:
    """Return the generated client that sends through a transport."""
    return AuthenticatedClient(
        settings.base_url,
        _PLACEHOLDER,
        headers={"Accept": "application/json", "User-Agent": USER_AGENT},
        timeout=settings.timeout,
        raise_on_unexpected_status=True,
        httpx_args={"transport": transport, "trust_env": False},
    ).with_headers(dict(settings.headers))


class LowLevelTransportBase(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """The base of both transports; each supports its own kind of function."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002
        """Reject a synchronous request."""
        _reject("AsyncMemoryOS", "asyncio")

    async def handle_async_request(
        self,
        request: httpx.Request,  # noqa: ARG002
    ) -> httpx.Response:
        """Reject an asynchronous request."""
        _reject("MemoryOS", "sync")


def _reject(client: str, function: str) -> NoReturn:
    raise TypeError(
        f"This is the low-level client of {client}: call {function}() or {function}_detailed()"
    )


class LastResponse(Observer):
    """Keeps the response of the last attempt, if it had one."""

    def __init__(self) -> None:
        self.response: Optional[HTTPResponse] = None

    def attempt(self, attempts: int, outcome: Outcome) -> None:  # noqa: ARG002
        """Keep the response."""
        self.response = outcome if isinstance(outcome, HTTPResponse) else None

    @property
    def is_http_error(self) -> bool:
        """Whether it is a complete response with an HTTP error status."""
        response = self.response
        return response is not None and response.status >= 400 and response.defect is None


def call_of(request: httpx.Request, base_url: str) -> Call[Any]:
    """Return the call of a generated function, from the request that it sends.

    Raises:
        ValueError: The request is for another address than the client's.
    """
    path = _path_below(base_url, request.url)
    operation = operation_at(request.method, path)
    headers = {name: v for name, v in request.headers.items() if name not in _NOT_COPIED}
    if _needs_idempotency_key(request.method, operation):
        headers.setdefault(idempotency_keys.HEADER, idempotency_keys.new_key())
    return Call(
        "" if operation is None else operation.name,
        request.method,
        path,
        parse_qs(request.url.query.decode("ascii"), keep_blank_values=True),
        headers,
        request.content or None,
        ResponseKind.RAW if operation is None else ResponseKind(operation.response_kind),
        "" if operation is None else operation.result or "",
    )


def _path_below(base_url: str, url: httpx.URL) -> str:
    """Return the path of a request, without the path of the base URL.

    Raises:
        ValueError: The URL is not below the base URL.
    """
    base = httpx.URL(base_url)
    prefix, path = _path_of(base).rstrip("/"), _path_of(url)
    if _origin_of(url) != _origin_of(base) or not path.startswith(f"{prefix}/"):
        # The user and the query are left out: they may hold a secret.
        other = f"{url.scheme}://{url.netloc.decode('ascii')}{path}"
        raise ValueError(f"The low-level client sends to {base_url} only, not to {other}")
    return path[len(prefix) :]


def _path_of(url: httpx.URL) -> str:
    return url.raw_path.decode("ascii").partition("?")[0]


def _origin_of(url: httpx.URL) -> Tuple[str, bytes, Optional[int]]:
    return url.scheme, url.raw_host, url.port  # httpx leaves out the default port of the scheme


def _needs_idempotency_key(method: str, operation: Optional[Operation[Any]]) -> bool:
    """Return whether a retry could repeat the effect; so could any POST outside the contract."""
    if operation is None:
        return method == "POST"
    return idempotency_argument(operation) is not None


def policy_of(request: httpx.Request, policy: Policy) -> Policy:
    """Return the policy of a request: `with_timeout` sets the timeout of each attempt."""
    timeout = request.extensions.get("timeout", {}).get("read")
    return policy if timeout in (None, policy.timeout) else replace(policy, timeout=timeout)


def response_of(result: CallResult) -> httpx.Response:
    """Return the response of a successful call.

    A deletion whose first response was lost finds nothing at the next attempt: that is a success.
    """
    if result.response.status < 400:
        return httpx_response(result.response)
    body = json_codec.encode({"data": result.data, "meta": {}})
    return httpx_response(replace(result.response, status=200, content=body))


class _Response(httpx.Response):
    """A response that no nesting of its body makes dangerous to decode on an old Python."""

    def json(self, **kwargs: Any) -> Any:
        """Decode the body.

        Raises:
            ValueError: It is not JSON.
            RecursionError: It is nested too deeply.
        """
        check_content(self.content)
        return super().json(**kwargs)


def httpx_response(response: HTTPResponse) -> httpx.Response:
    """Return a response as the generated functions read it."""
    headers = _headers(response.headers)
    if response.content:
        headers["content-length"] = str(len(response.content))
    # As a stream: httpx measures `elapsed` when it has read and closed one.
    stream = httpx.ByteStream(response.content)
    return _Response(response.status, headers=headers, stream=stream)


def _headers(headers: Mapping[str, str]) -> Dict[str, str]:
    return {name: value for name, value in headers.items() if name not in _OF_THE_CONNECTION}
