"""The endpoints that describe the server: `/openapi.json`, `/admin/openapi.json`, `/docs`."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

from memoryos_server import contract
from memoryos_server.contract.strict_json import encode

from .fixed_content import FixedContent
from .html import HTML, page_headers

if TYPE_CHECKING:
    from memoryos_server.http.endpoints import Endpoint

__all__ = ["document_endpoints"]


def document_endpoints() -> list[Endpoint]:
    """Return the endpoints. None of them tells more than the source of this program does."""
    return [
        FixedContent(
            "/openapi.json", "application/json", lambda: _contract("contract.json", "/v1")
        ),
        FixedContent(
            "/admin/openapi.json", "application/json", lambda: _contract("admin.json", "/admin")
        ),
        FixedContent("/docs", HTML, _docs, page_headers),
    ]


def _contract(name: str, base_path: str) -> bytes:
    """Return a contract as this server has it: relative to its own address."""
    document = json.loads(files(contract).joinpath(name).read_text(encoding="utf-8"))
    return encode({**document, "servers": [{"url": base_path}]})


def _docs() -> bytes:
    return files(__package__).joinpath("docs.html").read_bytes()
