"""Send requests: the only place where a run does so. Blocks unsafe ones and records creations."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any, Callable, Dict, Mapping, Optional, Sequence, Tuple
from urllib.parse import quote, urlencode

from memoryos._protocol.retry_after import retry_after

from .http_messages import MISSING, Response, SentRequest
from .safety import Ownership, blocked_reason, is_own_memory, is_plain_id

if TYPE_CHECKING:
    import httpx

    from memoryos._protocol.secret import Secret

    from .signals import Interruption

__all__ = ["NoResponseError", "NotSentError", "RateLimitedError", "Sender", "UnreachableError"]

MAX_ATTEMPTS = 4
DEFAULT_WAIT_SECONDS = 1.0
MAX_WAIT_SECONDS = 60.0
MAX_CONSECUTIVE_FAILURES = 5
_MAX_SHOWN_TARGET_CHARACTERS = 100
"""Requests without a response after which the server counts as unreachable."""


class NotSentError(Exception):
    """The request was not sent. The message says why."""


class NoResponseError(Exception):
    """The server accepted a request, but sent no response."""


class RateLimitedError(Exception):
    """All attempts were answered with 429 or 503."""


class UnreachableError(BaseException):
    """The server can't be reached.

    Not an `Exception`, so that no handler mistakes it for the failure of one request.
    """


class Sender:
    """Sends the requests of one run.

    Args:
        client: HTTP client that doesn't follow redirects.
        base_url: Base URL, without a trailing slash.
        api_key: Default API key.
        own: Records of what the run created, updated here.
        interruption: Checked before each attempt.
        sleep: Waits a number of seconds before a retry.

    Attributes:
        own: Records of what the run created.
        requests: Number of requests sent.
    """

    def __init__(
        self,
        client: httpx.Client,
        base_url: str,
        api_key: Secret[str],
        own: Ownership,
        interruption: Interruption,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.own = own
        self.requests = 0
        self._client = client
        self._base_url = base_url
        self._api_key = api_key
        self._interruption = interruption
        self._sleep = sleep
        self._consecutive_failures = 0

    def __repr__(self) -> str:
        return f"Sender({self._base_url})"

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Sequence[Tuple[str, str]] = (),
        content: Optional[bytes] = None,
        headers: Optional[Mapping[str, str]] = None,
        authorization: Optional[str] = "",
        interruptible: bool = True,
    ) -> Response:
        """Send a request, and retry it on 429 and 503.

        Args:
            method: HTTP method, in upper case.
            path: Path relative to the base URL, percent-encoded.
            query: Query parameters.
            content: Body, sent as JSON.
            headers: Additional headers.
            authorization: `Authorization` header; None for no header. Default: the run's API key.
            interruptible: Stop if the run was asked to.

        Returns:
            The response.

        Raises:
            NotSentError: The request is unsafe or can't be encoded.
            NoResponseError: The server sent no response.
            RateLimitedError: All attempts were answered with 429 or 503.
            UnreachableError: Several requests in a row got no response.
            InterruptionRequestedError: The run was asked to stop.
        """
        import httpx

        try:
            request = self._request(
                method, path, query, content, dict(headers or {}), authorization
            )
        except httpx.InvalidURL as error:
            raise NotSentError(f"not sent: invalid URL ({error})") from None
        sent = SentRequest(method, request.url.raw_path.decode("ascii"), content)
        reason = blocked_reason(method, sent.target, dict(request.headers), self.own)
        if reason is not None:
            raise NotSentError(f"not sent: {reason}")
        for _ in range(MAX_ATTEMPTS):
            if interruptible:
                self._interruption.raise_if_requested()
            response = self._send_once(request, sent)
            self._record(method, path, response)
            if response.status not in (429, 503):
                return response
            self._sleep(_wait(response))
        raise RateLimitedError(f"status 429 or 503 in all {MAX_ATTEMPTS} attempts")

    def invent_id(self, *, uuid_like: bool = True) -> str:
        """Return a random id, after checking that the server doesn't know it.

        Args:
            uuid_like: Return a UUID. Otherwise return a malformed id.

        Raises:
            NotSentError: The server knows the id.
        """
        fresh = uuid.uuid4()
        invented = str(fresh) if uuid_like else f"not-a-uuid-{fresh.hex}"
        response = self.send("GET", "/memories/" + invented)
        if response.status not in (400, 404, 422):
            message = f"GET with a random id returns {response.status}"
            raise NotSentError(f"not sent: {message}")
        self.own.absent.add(invented)
        return invented

    def _request(
        self,
        method: str,
        path: str,
        query: Sequence[Tuple[str, str]],
        content: Optional[bytes],
        headers: Dict[str, str],
        authorization: Optional[str],
    ) -> httpx.Request:
        if authorization is not None:
            headers["authorization"] = authorization or "Bearer " + self._api_key.reveal()
        if content is not None:
            headers.setdefault("content-type", "application/json")
        self._client.cookies.clear()  # requests must not depend on earlier responses
        url = self._base_url + path
        if query:
            url += "?" + urlencode(query, quote_via=quote)
        return self._client.build_request(
            method, url, content=content, headers=list(headers.items())
        )

    def _send_once(self, request: httpx.Request, sent: SentRequest) -> Response:
        import httpx

        self.requests += 1
        try:
            received = self._client.send(request)
        except httpx.LocalProtocolError as error:
            raise NotSentError(f"not sent: not valid in HTTP ({error})") from None
        except httpx.TransportError as error:
            raise self._no_response(sent, error) from None  # its request contains the key
        self._consecutive_failures = 0
        headers = {name.lower(): value for name, value in received.headers.items()}
        return Response.read(sent, received.status_code, headers, received.content)

    def _no_response(self, sent: SentRequest, error: Exception) -> BaseException:
        self._consecutive_failures += 1
        reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        if self._consecutive_failures >= MAX_CONSECUTIVE_FAILURES:
            return UnreachableError(
                f"no response to {self._consecutive_failures} requests in a row ({reason})"
            )
        return NoResponseError(
            f"no response to {sent.method} {sent.target[:_MAX_SHOWN_TARGET_CHARACTERS]} ({reason})"
        )

    def _record(self, method: str, path: str, response: Response) -> None:
        data = response.data
        if method == "DELETE" and (response.is_success or response.status == 404):
            self.own.deleted.add(path.rpartition("/")[2])
        if method != "POST" or not isinstance(data, dict):
            return
        if path == "/memories":
            self._record_memory(data)
        elif path == "/entities" and response.is_success:
            self.own.entities[str(data.get("id"))] = str(data.get("name"))

    def _record_memory(self, memory: Dict[str, Any]) -> None:
        if is_own_memory(memory, self.own):
            self.own.created.add(memory["id"])
        elif memory.get("id", MISSING) not in self.own.created and is_plain_id(memory.get("id")):
            self.own.unrecognized.add(memory["id"])


def _wait(response: Response) -> float:
    seconds = retry_after(response.headers, time.time())
    return DEFAULT_WAIT_SECONDS if seconds is None else min(seconds, MAX_WAIT_SECONDS)
