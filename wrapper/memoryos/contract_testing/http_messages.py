"""What was sent and what came back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional

__all__ = ["MISSING", "Response", "SentRequest"]

_SHOWN_BYTES = 300


class _Missing:
    """The JSON value of a body that is none."""

    def __repr__(self) -> str:
        return "no JSON"


MISSING: Any = _Missing()


@dataclass(frozen=True)
class SentRequest:
    """A request, without the headers: they hold the key."""

    method: str
    target: str
    content: Optional[bytes]

    def describe(self) -> str:
        """Return the request in one line, a long body cut off."""
        line = f"{self.method} {self.target[:_SHOWN_BYTES]}"
        if self.content is None:
            return line
        body = self.content[:_SHOWN_BYTES].decode("utf-8", "backslashreplace")
        return f"{line} {body}" + ("…" if len(self.content) > _SHOWN_BYTES else "")


@dataclass(frozen=True)
class Response:
    """An response; the names of `headers` are in lower case, `json` is `MISSING` where it is none."""

    request: SentRequest
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    json: Any = field(repr=False)

    @classmethod
    def read(
        cls, request: SentRequest, status: int, headers: Mapping[str, str], body: bytes
    ) -> Response:
        """Return the response with its JSON."""
        return cls(request, status, headers, body, _json(body))

    @property
    def is_success(self) -> bool:
        """Say whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def data(self) -> Any:
        """Return what the envelope of a success holds, or `MISSING`."""
        return self.json.get("data", MISSING) if isinstance(self.json, dict) else MISSING

    @property
    def meta(self) -> Mapping[str, Any]:
        """Return the envelope's `meta`, empty where there is none."""
        meta = self.json.get("meta") if isinstance(self.json, dict) else None
        return meta if isinstance(meta, dict) else {}

    @property
    def error(self) -> Mapping[str, Any]:
        """Return the envelope's `error`, empty where there is none."""
        error = self.json.get("error") if isinstance(self.json, dict) else None
        return error if isinstance(error, dict) else {}


def _json(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return MISSING


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
