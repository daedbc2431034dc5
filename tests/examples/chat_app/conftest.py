"""The example chat for many users, on the fixtures of `memoryos.testing`."""

from __future__ import annotations

import importlib
import sys

import pytest
from fastapi.testclient import TestClient

from .application import FOLDER


@pytest.fixture
def modules(monkeypatch):
    """The application and its models, imported as a server would; then forgotten."""
    monkeypatch.syspath_prepend(FOLDER)
    names = ("app", "models")
    app, models = map(importlib.import_module, names)
    monkeypatch.setattr(models, "LINE_SECONDS", 0)
    yield app, models
    for name in names:
        del sys.modules[name]


@pytest.fixture
def http(modules, memoryos_server):
    """A client of the running application, which makes its own client of Memory OS."""
    with TestClient(modules[0].app) as http:
        yield http
