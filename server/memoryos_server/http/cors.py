"""CORS: which web pages may call the server from a browser, as headers tell the browser.

A browser sends a page's request to another server only if that server names the page's origin. The
origins are exact. `*` would open what needs no key, such as metrics, to every page that somebody
who can reach the server visits; `null` is the origin that any page can give itself, in a frame. No
cookies are used, so browsers are never told to send any (`Access-Control-Allow-Credentials`).
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from memoryos_server.contract.features import FEATURES_HEADER

from .requests import Request

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from .responses import Response

__all__ = ["CrossOrigin", "parse_origin"]

PREFLIGHT_SECONDS = 600
"""How long a browser may remember what it was told, before it asks again."""

_EXPOSED = (
    f"Allow, Retry-After, WWW-Authenticate, {FEATURES_HEADER}, X-Request-Id, "
    "Mcp-Protocol-Version, Mcp-Session-Id"
)
_HOST = r"(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)"
# Also those of apps, such as `capacitor://localhost` and `chrome-extension://id`.
_ORIGIN = re.compile(rf"([a-z][a-z0-9+.-]*)://({_HOST})(?::([0-9]{{1,5}}))?", re.ASCII)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_MAX_PORT = 65_535
_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_NAMES = re.compile(rf"{_NAME}(?:[ \t]*,[ \t]*{_NAME})*")


class CrossOrigin:
    """Adds the headers of CORS to responses.

    Args:
        origins: The origins of the pages that may call the server, as `parse_origin` returns them.
    """

    def __init__(self, origins: Collection[str]) -> None:
        self._origins = frozenset(origins)

    def add_headers(
        self, method: str, headers: Iterable[tuple[bytes, bytes]], response: Response
    ) -> Response:
        """Return the response to a request with the headers that its page's browser needs.

        Args:
            method: Method of the request.
            headers: Headers of the request.
            response: The response.
        """
        request = Request.build(method, "", b"", headers, b"")
        added = [("Vary", "Origin")]  # for caches, also if this request has no origin
        origins = request.header("origin")
        if len(origins) == 1 and origins[0] in self._origins:
            added.append(("Access-Control-Allow-Origin", origins[0]))
            if method == "OPTIONS" and request.header("access-control-request-method"):
                added += _preflight(request)
                response = _accepted(response)
            else:
                added.append(("Access-Control-Expose-Headers", _EXPOSED))
        return response._replace(headers=(*response.headers, *added))


def parse_origin(text: str) -> str:
    """Return an origin as browsers send it: in lower case, without the default port.

    Raises:
        ValueError: It isn't an origin; the message says what is.
    """
    if text in {"*", "null"}:
        raise ValueError(
            f"must name the origins one by one: {text} would allow pages that you don't know"
        )
    match = _ORIGIN.fullmatch(text.lower())
    if match is None or int(match[3] or 0) > _MAX_PORT:
        raise ValueError(
            f"must be origins such as https://app.example or http://localhost:3000, without a "
            f"path, in ASCII; {text} is not one"
        )
    scheme, host, port = match.groups()
    is_default = port is None or int(port) == _DEFAULT_PORTS.get(scheme)
    return f"{scheme}://{host}" if is_default else f"{scheme}://{host}:{int(port)}"


def _preflight(request: Request) -> Iterator[tuple[str, str]]:
    """Yield what a browser asks before it sends a request with a key or a body in JSON.

    All is allowed that is asked: the request itself gets the error, and the page can read it.
    """
    for asked, allowed in (("method", "Methods"), ("headers", "Headers")):
        names = ",".join(request.header(f"access-control-request-{asked}"))
        if _NAMES.fullmatch(names):
            yield f"Access-Control-Allow-{allowed}", names
    yield "Access-Control-Max-Age", str(PREFLIGHT_SECONDS)


def _accepted(response: Response) -> Response:
    """Return the response to a preflight; browsers take a 404 for a refusal of the page."""
    if response.status != HTTPStatus.NOT_FOUND:
        return response
    kept = [item for item in response.headers if not item[0].startswith("Content-")]
    return response._replace(status=HTTPStatus.NO_CONTENT.value, headers=tuple(kept), body=b"")
