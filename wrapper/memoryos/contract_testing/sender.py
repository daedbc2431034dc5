"""The only place where a request leaves: it asks the guard, and remembers what the run has made."""

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

_ATTEMPTS = 4
_LONGEST_WAIT = 60.0
_LONGEST_STREAK = 5
_SHORTEST_WAIT = 1.0


class NotSentError(Exception):
    """The guard refuses to send a request; the message says why."""


class NoResponseError(Exception):
    """The server took a request and gave no response."""


class RateLimitedError(Exception):
    """The server kept answering 429 or 503."""


class UnreachableError(BaseException):
    """The server can't be reached, or not any more.

    Not an `Exception`: nothing in between may take it for the failure of one request.
    """


class Sender:
    """Sends requests of one run.

    Args:
        client: an HTTP client, not following redirects.
        base_url: the address that the contract's paths are relative to, without a slash at its end.
        api_key: sent where a request says nothing else.
        own: what the run has made; kept up to date here.
        interruption: asked before and after each request.
        sleep: waits, in seconds, where the server says when to come back.
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
        self._streak = 0

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
        """Send one request, again where the server asks to come back, and return the response.

        Args:
            method: in upper case.
            path: below the base URL, percent-encoded.
            query: names and values, as text.
            content: the body, sent as JSON.
            headers: further headers.
            authorization: the header, None for none; by default the run's key.
            interruptible: whether a request to stop is obeyed here.

        Raises:
            NotSentError: the guard refuses.
            NoResponseError, RateLimitedError, UnreachableError: as their names say.
        """
        import httpx

        try:
            request = self._request(
                method, path, query, content, dict(headers or {}), authorization
            )
        except httpx.InvalidURL as error:
            raise NotSentError(f"not sent: no address can say it ({error})") from None
        sent = SentRequest(method, request.url.raw_path.decode("ascii"), content)
        reason = blocked_reason(method, sent.target, dict(request.headers), self.own)
        if reason is not None:
            raise NotSentError(f"not sent: {reason}")
        for _ in range(_ATTEMPTS):
            if interruptible:
                self._interruption.raise_if_requested()
            response = self._exchange(request, sent)
            self._remember(method, path, response)
            if response.status not in (429, 503):
                return response
            self._sleep(_wait(response))
        raise RateLimitedError("the server kept answering 429 or 503")

    def invent_id(self, *, uuid_like: bool = True) -> str:
        """Return an id that no memory has, after the server has said so.

        Raises:
            NotSentError: the server knows it all the same.
        """
        fresh = uuid.uuid4()
        invented = str(fresh) if uuid_like else f"not-a-uuid-{fresh.hex}"
        response = self.send("GET", "/memories/" + invented)
        if response.status not in (400, 404, 422):
            message = f"a GET of an id that was just invented answers {response.status}"
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
        self._client.cookies.clear()  # a request means the same, whatever went before it
        url = self._base_url + path
        if query:
            url += "?" + urlencode(query, quote_via=quote)
        return self._client.build_request(
            method, url, content=content, headers=list(headers.items())
        )

    def _exchange(self, request: httpx.Request, sent: SentRequest) -> Response:
        import httpx

        self.requests += 1
        try:
            response = self._client.send(request)
        except httpx.LocalProtocolError as error:
            raise NotSentError(f"not sent: HTTP can't say it ({error})") from None
        except httpx.TransportError as error:
            raise self._no_answer(sent, error) from None  # its request holds the key
        self._streak = 0
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Response.read(sent, response.status_code, headers, response.content)

    def _no_answer(self, sent: SentRequest, error: Exception) -> BaseException:
        self._streak += 1
        reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        if self._streak >= _LONGEST_STREAK:
            return UnreachableError(f"no response to {self._streak} requests in a row ({reason})")
        return NoResponseError(f"no response to {sent.method} {sent.target[:100]} ({reason})")

    def _remember(self, method: str, path: str, response: Response) -> None:
        data = response.data
        if method == "DELETE" and (response.is_success or response.status == 404):
            self.own.deleted.add(path.rpartition("/")[2])
        if method != "POST" or not isinstance(data, dict):
            return
        if path == "/memories":
            self._remember_memory(data)
        elif path == "/entities" and response.is_success:
            self.own.entities[str(data.get("id"))] = str(data.get("name"))

    def _remember_memory(self, memory: Dict[str, Any]) -> None:
        if is_own_memory(memory, self.own):
            self.own.created.add(memory["id"])
        elif memory.get("id", MISSING) not in self.own.created and is_plain_id(memory.get("id")):
            self.own.unrecognized.add(memory["id"])


def _wait(response: Response) -> float:
    seconds = retry_after(response.headers, time.time())
    return _SHORTEST_WAIT if seconds is None else min(seconds, _LONGEST_WAIT)
