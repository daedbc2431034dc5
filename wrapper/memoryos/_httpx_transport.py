# Written by tools/sync_from_async.py from _async_httpx_transport.py: edit that file.
"""Sending through httpx: for a caller's own client, for proxies, and inside this process.

httpx bounds each phase of an attempt by the timeout, not the attempt as a whole; between the parts
of a body the whole is looked at too.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Optional, Union

from ._answers import Answer
from ._body import BodyReader
from ._exchange import Failure
from ._httpx_wire import ALSO_RAISED, abandon, decoded, failure_of, headers_of

if TYPE_CHECKING:
    import httpx

    from ._requests import Request


class HttpxTransport:
    """Sends requests through an httpx client: the caller's, or one of its own."""

    def __init__(self, http_client: Optional[httpx.Client], *, owned: bool) -> None:
        self._client = http_client
        self._owned = owned

    def send(self, request: Request, timeout: float) -> Union[Answer, Failure]:
        """Send `request`, and wait at most `timeout` seconds for each phase of the exchange."""
        import httpx

        ends = time.monotonic() + timeout
        try:
            if self._client is None:
                self._client = httpx.Client()
            message = self._client.build_request(
                request.method,
                request.url,
                headers=list(request.headers),
                content=request.content,
                timeout=timeout,
            )
            response = self._client.send(message, follow_redirects=False, stream=True)
            try:
                headers = headers_of(response)
                body = BodyReader(decoded(headers))
                for part in response.iter_bytes():
                    if not body.feed(part):
                        break
                    if time.monotonic() > ends:
                        return Failure(TimeoutError("the answer drips"), timed_out=True)
            finally:
                response.close()
        except (httpx.HTTPError, httpx.InvalidURL, *ALSO_RAISED) as cause:
            return failure_of(cause)
        return Answer(response.status_code, headers, body.content(), body.defect)

    @property
    def is_open(self) -> bool:
        """Return whether a client of the SDK's own is open."""
        return self._owned and self._client is not None and not self._client.is_closed

    def abort(self) -> None:
        """Close the client of the SDK's own, where that needs no event loop."""
        if self._owned:
            abandon(self._client)

    def close(self) -> None:
        """Close the connections, unless they are the caller's."""
        if self._client is not None and self._owned:
            self._client.close()
