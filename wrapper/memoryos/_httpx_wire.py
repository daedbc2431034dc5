"""Between the SDK's values and httpx's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, Union

from ._exchange import Failure
from ._tls import is_permanent

if TYPE_CHECKING:
    import httpx

# What httpx raises besides its own: for certificates and proxies that it can't use, for a host
# that IDNA refuses, for a client that is closed.
ALSO_RAISED = (OSError, ValueError, RuntimeError, ImportError)


def failure_of(cause: Exception) -> Failure:
    """Return what it means that httpx raised `cause`."""
    import httpx

    never_sent = (
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.PoolTimeout,
        httpx.ProxyError,
        httpx.UnsupportedProtocol,
        httpx.InvalidURL,
    )
    transient = isinstance(cause, (httpx.TransportError, OSError))
    return Failure(
        cause,
        timed_out=isinstance(cause, httpx.TimeoutException),
        sent=not isinstance(cause, never_sent),
        permanent=not transient or is_permanent(cause),
    )


def headers_of(response: httpx.Response) -> Dict[str, str]:
    """Return an answer's headers by lower-case names; the first one where a name comes twice."""
    headers: Dict[str, str] = {}
    for name, value in response.headers.multi_items():
        headers.setdefault(name, value)
    return headers


def decoded(headers: Dict[str, str]) -> Dict[str, str]:
    """Return the headers of what httpx hands out, which it has decoded already."""
    encoded = ("content-encoding", "content-length")
    return {name: value for name, value in headers.items() if name not in encoded}


def abandon(client: Union[httpx.Client, httpx.AsyncClient, None]) -> None:
    """Close a client, unless that needs an event loop."""
    import httpx

    if isinstance(client, httpx.Client):
        client.close()
