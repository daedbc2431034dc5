"""Requests sent during a run, and their responses."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional

__all__ = ["MISSING", "Response", "SentRequest"]

_MAX_SHOWN_BYTES = 300


class _Missing:
    """Value of `Response.json` if the body is not JSON."""

    def __repr__(self) -> str:
        return "no JSON"


MISSING: Any = _Missing()


@dataclass(frozen=True)
class SentRequest:
    """A request without its headers, which contain the API key."""

    method: str
    target: str
    content: Optional[bytes]

    def describe(self) -> str:
        """Return the request in one line, with a long body truncated."""
        line = f"{self.method} {self.target[:_MAX_SHOWN_BYTES]}"
        if self.content is None:
            return line
        body = self.content[:_MAX_SHOWN_BYTES].decode("utf-8", "backslashreplace")
        return f"{line} {body}" + ("…" if len(self.content) > _MAX_SHOWN_BYTES else "")


@dataclass(frozen=True)
class Response:
    """A response.

    Attributes:
        request: The request.
        status: HTTP status.
        headers: Headers by lower-case name.
        body: The body.
        json: The body as JSON, or `MISSING` if it is not JSON.
    """

    request: SentRequest
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    json: Any = field(repr=False)

    @classmethod
    def read(
        cls, request: SentRequest, status: int, headers: Mapping[str, str], body: bytes
    ) -> Response:
        """Create a response and parse its body."""
        return cls(request, status, headers, body, _json(body))

    @property
    def is_success(self) -> bool:
        """True if the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def data(self) -> Any:
        """`data` of the envelope, or `MISSING`."""
        return self.json.get("data", MISSING) if isinstance(self.json, dict) else MISSING

    @property
    def meta(self) -> Mapping[str, Any]:
        """`meta` of the envelope, or an empty dict."""
        meta = self.json.get("meta") if isinstance(self.json, dict) else None
        return meta if isinstance(meta, dict) else {}

    @property
    def error(self) -> Mapping[str, Any]:
        """`error` of the envelope, or an empty dict."""
        error = self.json.get("error") if isinstance(self.json, dict) else None
        return error if isinstance(error, dict) else {}


def _json(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_reject_constant)
    except (ValueError, RecursionError):
        return MISSING


def _reject_constant(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
