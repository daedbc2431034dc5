"""Asking an embedding service over HTTP: bounded, tried again, and failing as a 503.

No error repeats what the service said: that may hold a part of the key, or of a memory.
"""

from __future__ import annotations

import json
import os
import random
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from memoryos._protocol.retry_after import retry_after
from memoryos._protocol.secret import Secret
from memoryos_server.model.errors import ServiceError, unavailable
from memoryos_server.per_process import PerProcess

from .retries import REQUEST, Policy, delay_before_retry, is_retried

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

__all__ = ["Clock", "HttpService", "SettingError", "checked_key", "checked_url"]

MAX_ANSWER_BYTES = 64 * 1_048_576

# So long that no client waits for it: somebody has to put something right first.
_LASTING_SECONDS = 300.0
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")


class SettingError(ValueError):
    """A setting of an embedder can't be used; the message says which, without a secret."""


@dataclass(frozen=True)
class Clock:
    """The seam for tests: where time and chance come from, and how to wait."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    random: Callable[[], float] = random.random
    sleep: Callable[[float], None] = time.sleep


class _Answer(NamedTuple):
    """What came of one attempt; `status` is None where no whole answer came."""

    status: int | None
    body: bytes = b""
    asked: float | None = None
    trouble: str = ""


class _Bearer(httpx.Auth):
    """Sends a key, and shows it nowhere else."""

    def __init__(self, key: Secret[str]) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._key.reveal()}"
        yield request


class HttpService:
    """One service, asked with JSON. Safe to share between threads, and across `fork`.

    Args:
        name: what to call it in an error.
        base_url: where it is, without a slash at its end.
        key: sent with each request, or None for none.
        advice: what to do about a status, by the status, to follow the error's sentence.
        policy: how long and how often to try.
        transport: what sends the requests; by default httpx's own, with the environment's proxies.
        clock: time and chance.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        key: Secret[str] | None = None,
        advice: Mapping[int, str] | None = None,
        policy: Policy = REQUEST,
        transport: httpx.BaseTransport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.base_url = base_url
        self._name = name
        self._key = key
        self._advice = dict(advice or {})
        self._policy = policy
        self._transport = transport
        self._clock = clock or Clock()
        self._clients = PerProcess(self._new_client)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Return the JSON that the service answers.

        Raises:
            ServiceError: with status 503, no usable answer came.
        """
        started = self._clock.monotonic()
        attempts = 0
        while True:
            left = self._policy.deadline - (self._clock.monotonic() - started)
            answer = self._attempt(path, body, min(self._policy.timeout, max(left, 0.001)))
            attempts += 1
            if answer.status == 200:
                return self._read(answer)
            code = _code(answer.body)
            if not is_retried(answer.status, code):
                raise self._refused(answer, code)
            left = self._policy.deadline - (self._clock.monotonic() - started)
            delay = delay_before_retry(
                attempts, answer.asked, left, self._policy, self._clock.random
            )
            if delay is None:
                raise self._failed(answer, code)
            self._clock.sleep(delay)

    def unusable(self, what: str) -> ServiceError:
        """Return the error for an answer that is `what`, and no use."""
        return unavailable(f"The embedder {self._name} answered {what}", _LASTING_SECONDS)

    def _attempt(self, path: str, body: Mapping[str, Any], seconds: float) -> _Answer:
        client = self._clients.get()
        ends = self._clock.monotonic() + seconds
        try:
            with client.stream(
                "POST", self.base_url + path, json=body, timeout=seconds
            ) as response:
                content = bytearray()
                for chunk in response.iter_bytes():
                    content += chunk
                    if self._clock.monotonic() > ends:
                        return _Answer(None, trouble="took too long to answer")
                    if len(content) > MAX_ANSWER_BYTES:
                        return _Answer(413, trouble="answered more than fits into memory")
        except httpx.TimeoutException:
            return _Answer(None, trouble="took too long to answer")
        except (httpx.TransportError, httpx.DecodingError):
            return _Answer(None, trouble="can't be reached")
        asked = retry_after(response.headers, self._clock.wall())
        return _Answer(response.status_code, bytes(content), asked)

    def _read(self, answer: _Answer) -> Any:
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError):
            raise self.unusable("something else than JSON") from None

    def _refused(self, answer: _Answer, code: str) -> ServiceError:
        advice = self._advice.get(answer.status or 0, "")
        sentence = f"The embedder {self._name} {_said(answer, code)}"
        return unavailable(f"{sentence}: {advice}" if advice else sentence, _LASTING_SECONDS)

    def _failed(self, answer: _Answer, code: str) -> ServiceError:
        sentence = f"The embedder {self._name} {_said(answer, code)}"
        return unavailable(sentence, 1.0 if answer.asked is None else answer.asked)

    def _new_client(self) -> httpx.Client:
        auth = None if self._key is None else _Bearer(self._key)
        return httpx.Client(auth=auth, transport=self._transport, follow_redirects=False)


def checked_key(given: str | None, name: str) -> Secret[str]:
    """Return a key that can be sent; no error repeats it.

    Args:
        given: what was found, or None.
        name: the variable that it comes from.

    Raises:
        SettingError: there is none, or it can't be in a header.
    """
    key = Secret((given or "").strip())
    del given  # some tracebacks show the locals of their frames
    if not key.reveal():
        raise SettingError(f"no key: set the environment variable {name}")
    if not all("!" <= character <= "~" for character in key.reveal()):
        raise SettingError(f"{name} is malformed: a key is printable ASCII without spaces")
    return key


def checked_url(given: str, name: str) -> str:
    """Return an address, without a slash at its end.

    Raises:
        SettingError: it is none, or holds a user and a password, which is not repeated.
    """
    url = given.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or "@" in url or "?" in url or "#" in url or re.search(r"[^!-~]", url):
        raise SettingError(
            f"{name} must be an address such as https://host/v1, without user, query and fragment"
        )
    return url


def environment(name: str) -> str | None:
    """Return a variable of the environment, None where it is not set or empty."""
    return os.environ.get(name) or None


def _said(answer: _Answer, code: str) -> str:
    if answer.trouble:
        return answer.trouble
    return f"answered {answer.status} ({code})" if code else f"answered {answer.status}"


def _code(body: bytes) -> str:
    """Return the name that an error has in OpenAI's envelope, if it is just a name."""
    try:
        error = json.loads(body)["error"]
        found = error.get("code") or error.get("type")
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return ""
    return found if isinstance(found, str) and _CODE.fullmatch(found) else ""
