"""Both engines."""

from __future__ import annotations

from importlib import import_module

import pytest

PACKAGE = "memoryos._transport.http1"


def engine_named(name):
    """Return an engine; skip the test where its library is not installed."""
    if name == "httptools":
        pytest.importorskip("httptools", reason="httptools comes with the extra [speed], on 3.9+")
    return import_module(f"{PACKAGE}.{name}_engine")


@pytest.fixture(params=["h11", "httptools"])
def engine(request):
    """Each engine in turn."""
    return engine_named(request.param)


@pytest.fixture
def engines():
    """Both engines."""
    return [engine_named("h11"), engine_named("httptools")]
