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
    respx, pytest_httpx = sys.modules.get("respx"), sys.modules.get("pytest_httpx")
    return (respx is not None and _has_routers(respx)) or (
        pytest_httpx is not None and _replaces_httpx(pytest_httpx)
    )


def _has_routers(respx: ModuleType) -> bool:
    try:
        mockers: Any = respx.mocks.Mocker.registry
    except AttributeError:  # another thread is importing it
        return False
    for name in mockers:  # noqa: SIM110 - a generator would take longer, and this is in each call
        if mockers[name].routers:
            return True
    return False


def _replaces_httpx(pytest_httpx: ModuleType) -> bool:
    import httpx

    owner = getattr(httpx.HTTPTransport.handle_request, "__module__", None) or ""
    return owner.partition(".")[0] == pytest_httpx.__name__
