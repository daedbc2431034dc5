"""`/`: what this server is, for who opens its address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos_server.contract.strict_json import encode
from memoryos_server.http.responses import content_response

from .html import HTML, page_headers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memoryos_server.http.requests import Request
    from memoryos_server.http.responses import Response
    from memoryos_server.model.caller import Caller

__all__ = ["Index"]

_NAME = "Memory OS"
_API = "/v1"
# Those that are for people come first, and the others in this order; unknown ones have no entry.
_MEANINGS = {
    "/docs": "the documentation of the API, with examples",
    _API: "the address of the API, for the SDK and other clients; it needs an API key",
    "/mcp": "memories for AI applications (Model Context Protocol); it needs an API key",
    "/openapi.json": "the API as an OpenAPI document",
    "/admin/openapi.json": "the administration of API keys as an OpenAPI document",
    "/readyz": "whether the server is ready for requests",
    "/healthz": "whether the server runs",
    "/metrics": "metrics for Prometheus",
    "/version": "the version of the server",
}
_LINKED = frozenset(_MEANINGS) - {_API, "/mcp"}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Memory OS</title>
<link rel="icon" href="data:,">
<style>
:root {{ color-scheme: light dark; }}
body {{
  max-width: 40rem; margin: 12vh auto; padding: 0 1.25rem;
  font: 1.05rem/1.6 system-ui, sans-serif;
}}
dt {{ font-family: ui-monospace, Menlo, Consolas, monospace; margin-top: .8rem; }}
dd {{ margin: 0; opacity: .8; }}
</style>
</head>
<body>
<h1>Memory OS</h1>
<p>This is a Memory OS: a long-term memory for AI applications.</p>
<dl>
{entries}
</dl>
</body>
</html>
"""


class Index:
    """Tells what this is and where its endpoints are: browsers as a page, others as JSON.

    Args:
        paths: The paths of the other endpoints.
    """

    path = "/"
    methods = ("GET",)
    needs_key = False

    def __init__(self, paths: Iterable[str]) -> None:
        present = {_API, *paths}
        meanings = {path: text for path, text in _MEANINGS.items() if path in present}
        entries = "\n".join(
            f"<dt>{_link(path)}</dt><dd>{text}</dd>" for path, text in meanings.items()
        )
        self._page = _PAGE.format(entries=entries).encode()
        self._page_headers = page_headers(self._page)
        self._document = encode({"name": _NAME, "endpoints": meanings})

    async def respond(
        self,
        request: Request,
        caller: Caller | None,  # noqa: ARG002 - anybody may know
        request_id: str,
    ) -> Response:
        """Return the page to who accepts HTML, else the JSON."""
        vary = {"Vary": "Accept"}
        if any("text/html" in accepted.lower() for accepted in request.header("accept")):
            headers = {**vary, **self._page_headers}
            return content_response(HTML, self._page, request_id, headers)
        return content_response("application/json", self._document, request_id, vary)


def _link(path: str) -> str:
    return f'<a href="{path}">{path}</a>' if path in _LINKED else path
