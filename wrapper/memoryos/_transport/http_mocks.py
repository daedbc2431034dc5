"""Detect that a library for tests intercepts httpx.

respx and pytest-httpx replace parts of httpx or httpcore. The SDK's own connections use neither, so
these libraries would not see its requests, and a test would reach the network. While one of them
is active, the SDK therefore sends through httpx.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType


def is_httpx_mocked() -> bool:
    """Return whether respx or pytest-httpx intercepts the requests of httpx at this moment."""
    # Nothing is imported here: a library that is not imported intercepts nothing.
    respx = sys.modules.get("respx")
    if respx is not None:
        mocks: Any = getattr(respx, "mocks", None)  # None while another thread imports it
        # A loop, because a generator would take longer, and this is part of every call.
        for mocker in () if mocks is None else mocks.Mocker.registry.values():
            if mocker.routers:
                return True
    pytest_httpx = sys.modules.get("pytest_httpx")
    return pytest_httpx is not None and _replaces_httpx(pytest_httpx)


def _replaces_httpx(pytest_httpx: ModuleType) -> bool:
    import httpx

    owner = getattr(httpx.HTTPTransport.handle_request, "__module__", None) or ""
    return owner.partition(".")[0] == pytest_httpx.__name__
