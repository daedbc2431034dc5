"""Between the SDK's values and httpx's.

httpx and httpx2 have the same interface, and so may packages that follow. Their classes are
recognised by name, so that none of them needs to be imported.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Dict, FrozenSet, List, Optional, Set, Tuple, Union, cast

from memoryos._protocol.retries import Failure

from .failures import AttemptTimeoutError
from .http_client import client_kind
from .proxies import ProxyError
from .response_body import ACCEPTED_ENCODINGS, collect_headers
from .tls import advice, certificate_error

if TYPE_CHECKING:
    import asyncio

    import httpx

    from memoryos._protocol.responses import HTTPResponse

ACCEPTED = ("accept-encoding", ACCEPTED_ENCODINGS.decode("ascii"))

_PROXY_AUTHENTICATION = HTTPStatus.PROXY_AUTHENTICATION_REQUIRED.value

# What httpx raises besides its own errors: for certificates and proxies that it can't use, for a
# host that IDNA rejects, for a client that is closed, for a port that a socket can't have.
_ALSO_RAISED = (*(OSError, ValueError, RuntimeError, ImportError, OverflowError),)

# The roots of the errors of httpx and httpcore, and those of anyio that pass through httpcore.
_ROOTS = frozenset(
    {
        *("HTTPError", "InvalidURL", "TimeoutException", "NetworkError", "ProtocolError"),
        *("ProxyError", "UnsupportedProtocol", "ConnectionNotAvailable"),
        *("BrokenResourceError", "ClosedResourceError", "EndOfStream"),
    }
)
_TRANSIENT = _ROOTS - {"HTTPError", "InvalidURL"} | {"TransportError"}
_PERMANENT = frozenset({"LocalProtocolError", "UnsupportedProtocol"})
_NEVER_SENT = frozenset(
    {
        *("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol"),
        *("InvalidURL", "LocalProtocolError"),
    }
)


@dataclass(frozen=True)
class ExecutionContext:
    """A process, and the event loop that runs in this thread of it, if one does."""

    process: int
    loop: Optional[asyncio.AbstractEventLoop]

    @classmethod
    def here(cls) -> ExecutionContext:
        """Return where this is called."""
        return cls(os.getpid(), _running_loop())

    def is_over(self) -> bool:
        """Return whether nothing can be done there any more, at least from this process."""
        is_closed = self.loop is not None and self.loop.is_closed()
        return is_closed or self.process != os.getpid()


def _running_loop() -> Optional[asyncio.AbstractEventLoop]:
    if "asyncio" not in sys.modules:  # no loop can run, and importing it takes a while
        return None
    import asyncio

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def is_failure(cause: BaseException) -> bool:
    """Return whether an exception means that an attempt failed, and not that code is wrong."""
    members = _members(cause)
    if members:
        return all(is_failure(member) for member in members)
    # asyncio's TimeoutError, by its name: it is another class than the built-in one before 3.11.
    names = _names(cause)
    return (
        isinstance(cause, _ALSO_RAISED) or "TimeoutError" in names or not _ROOTS.isdisjoint(names)
    )


def failure_of(cause: BaseException, *, was_sent: bool = True, note: str = "") -> Failure:
    """Return what it means that httpx raised `cause`.

    Args:
        cause: The exception.
        was_sent: Whether sending had begun, as far as is known.
        note: Follows the reason in the message.
    """
    members = _members(cause)
    if members:  # anyio connects to several addresses at once
        cause = members[0]
    names = _names(cause)
    rejection = certificate_error(cause)
    is_transient = not _TRANSIENT.isdisjoint(names) or isinstance(cause, OSError)
    is_permanent = not is_transient or not _PERMANENT.isdisjoint(names) or rejection is not None
    if "ProxyError" in names and str(cause).startswith(str(_PROXY_AUTHENTICATION)):
        is_permanent = True
    return Failure(
        cause,
        timed_out="TimeoutException" in names or isinstance(cause, AttemptTimeoutError),
        sent=was_sent and _NEVER_SENT.isdisjoint(names),
        permanent=is_permanent,
        advice=_system_reason(cause) + note + ("" if rejection is None else advice(rejection)),
    )


def proxy_rejection(response: HTTPResponse, note: str) -> Optional[Failure]:
    """Return the failure for a response of a proxy that needs a user; None for another response."""
    if response.status != _PROXY_AUTHENTICATION:
        return None
    cause = ProxyError(f"{response.status} Proxy Authentication Required")
    return Failure(cause, sent=False, permanent=True, advice=note)


def proxy_url(url: str) -> str:
    """Return the URL of a proxy as all versions of httpx accept it.

    httpcore lets a SOCKS proxy resolve the host in any case.
    """
    return "socks5" + url[len("socks5h") :] if url.lower().startswith("socks5h:") else url


def _system_reason(cause: BaseException) -> str:
    """Return why connecting failed, if the message doesn't say it.

    anyio only says "All connection attempts failed".
    """
    if "ConnectError" not in _names(cause) or "[" in str(cause):
        return ""
    pending: List[Optional[BaseException]] = [cause]
    seen: Set[int] = set()
    while pending:
        one = pending.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, ConnectionError) and one.errno is not None:
            return f": [Errno {one.errno}] {os.strerror(one.errno)}"
        pending += [*_members(one), one.__context__, one.__cause__]
    return ""


def _names(cause: BaseException) -> FrozenSet[str]:
    return frozenset(cls.__name__ for cls in type(cause).__mro__)


def _members(cause: BaseException) -> Tuple[BaseException, ...]:
    """Return the exceptions of a group, nested ones too; nothing for another exception."""
    nested = getattr(cause, "exceptions", None)
    if not isinstance(nested, tuple):
        return ()
    found = cast("Tuple[BaseException, ...]", nested)
    return tuple(leaf for one in found for leaf in (_members(one) or (one,)))


def headers_of(response: httpx.Response) -> Dict[str, str]:
    """Return a response's headers by lower-case names."""
    return collect_headers(response.headers.multi_items())


# The clients of parent processes. A thread that is not in this process may hold their locks, so
# neither closing nor finalizing them is safe here.
_inherited: List[object] = []


def abandon(
    client: Union[httpx.Client, httpx.AsyncClient, None], where: Optional[ExecutionContext] = None
) -> None:
    """Close a client, unless that needs an event loop.

    Args:
        client: The client; None for none.
        where: Where it was used; None for here.
    """
    if where is not None and where.process != os.getpid():
        _inherited.append(client)
    elif client_kind(client) == "Client":
        cast("httpx.Client", client).close()
