"""Between the SDK's values and httpx's."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Dict, Optional, Union

from memoryos._protocol.retries import Failure

from .response_body import ACCEPTED_ENCODINGS, collect_headers
from .tls import advice, certificate_error

if TYPE_CHECKING:
    import asyncio

    import httpx

# What httpx raises besides its own: for certificates and proxies that it can't use, for a host
# that IDNA refuses, for a client that is closed.
ALSO_RAISED = (OSError, ValueError, RuntimeError, ImportError)

ACCEPTED = ("accept-encoding", ACCEPTED_ENCODINGS.decode("ascii"))


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
        httpx.LocalProtocolError,
    )
    refusal = certificate_error(cause)
    malformed = isinstance(cause, httpx.LocalProtocolError)
    transient = isinstance(cause, (httpx.TransportError, OSError)) and not malformed
    return Failure(
        cause,
        timed_out=isinstance(cause, httpx.TimeoutException),
        sent=not isinstance(cause, never_sent),
        permanent=not transient or refusal is not None,
        advice="" if refusal is None else advice(refusal),
    )


def headers_of(response: httpx.Response) -> Dict[str, str]:
    """Return an answer's headers by lower-case names."""
    return collect_headers(response.headers.multi_items())


def abandon(client: Union[httpx.Client, httpx.AsyncClient, None]) -> None:
    """Close a client, unless that needs an event loop."""
    import httpx

    if isinstance(client, httpx.Client):
        client.close()
