"""What every test shares: what this interpreter can run, a clean environment, one event loop."""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import os
import signal
import sys
from pathlib import Path

import pytest

from . import exchange_validation, statements
from .postgres import new_database, postgres  # noqa: F401 - fixtures of every test

REPOSITORY = Path(__file__).resolve().parent.parent

# What needs a newer Python than the SDK does is not even imported on an older one.
NEWER_PYTHON_NEEDED = {
    "server": ((3, 10), "the local Memory OS"),
    "parity": ((3, 10), "the local Memory OS"),
    "wrapper/_cli/local": ((3, 10), "the local Memory OS"),
    "wrapper/testing/local": ((3, 10), "the local Memory OS"),
    "wrapper/contract_testing": ((3, 10), "the packages of the extra [contract]"),
    "wrapper/mcp": ((3, 10), "the official SDK of MCP"),
    "deploy": ((3, 10), "the local Memory OS"),
    "docs": ((3, 10), "the local Memory OS"),
    "examples": ((3, 10), "the local Memory OS"),
    "tools": ((3, 11), "the Makefile's tools"),
    "benchmarks": ((3, 11), "the benchmarks"),
    "retrieval": ((3, 11), "the benchmarks"),
}
LEFT_OUT = {
    folder: f"needs Python {version[0]}.{version[1]} or newer, for {what}"
    for folder, (version, what) in NEWER_PYTHON_NEEDED.items()
    if sys.version_info < version
}
collect_ignore = list(LEFT_OUT)


# What a developer may have set: it would choose, and pay for, something else than a test means.
OWN_SETTINGS = (
    "MEMORY_OS_API_KEY",
    "MEMORY_OS_BASE_URL",
    "MEMORY_OS_CONFIG",
    "MEMORY_OS_DATA",
    "MEMORY_OS_EMBEDDER",
    "MEMORY_OS_LOG",
    "MEMORY_OS_STORE",
    "OLLAMA_HOST",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
)


def pytest_configure(config):
    """Hold exchanges to the contract, and statements to their owner; let tests press Ctrl-C.

    A shell starts background jobs with SIGINT ignored, which they and their children inherit.
    """
    config.pluginmanager.register(exchange_validation)
    config.pluginmanager.register(statements)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    with contextlib.suppress(ModuleNotFoundError):
        _set_up_properties()


def _set_up_properties():
    """Load settings with which the same commit gets the same verdict, on a busy machine too.

    The examples are the same in every run. `make test-long` tries new ones each time.
    """
    from hypothesis import HealthCheck, settings

    settings.register_profile(
        "repeatable",
        deadline=None,
        derandomize=not os.environ.get("MEMORY_OS_LONG_TESTS"),
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("repeatable")


def _try_a_property():
    """Let Hypothesis make its generator of random numbers, which it can't find once it is frozen.

    It warns then, and a warning fails the first property that runs.
    """
    from hypothesis import given, settings, strategies

    settings(max_examples=1, database=None)(given(strategies.none())(lambda _: None))()


def pytest_collection_finish():
    """Leave the tests themselves out of garbage collections, which hundreds of tests run."""
    with contextlib.suppress(ModuleNotFoundError):
        _try_a_property()
    gc.collect()
    gc.freeze()


def pytest_report_header():
    """Say what this run leaves out, and why."""
    return [f"left out: tests/{folder} ({reason})" for folder, reason in LEFT_OUT.items()]


def shared_folder():
    """Where the vendor's documentation and the benchmark data lie, if they are here."""
    return Path(os.environ.get("MEMORY_OS_SHARED", REPOSITORY.parent / "shared"))


def _has_embedder():
    if importlib.util.find_spec("numpy") is None or "server" in LEFT_OUT:
        return False
    from memoryos_server.embedders import default_embedder

    return default_embedder() is not None


def pytest_collection_modifyitems(items):
    """Skip, with the reason, what needs packages or data that are not here."""
    _skip(items, "embedder", _has_embedder, "the packages of the extra [local] are not installed")
    reason = "the local Memory OS needs Python 3.10 or newer"
    _skip(items, "local_server", lambda: "server" not in LEFT_OUT, reason)
    missing = f"{shared_folder()} is not there (set MEMORY_OS_SHARED)"
    _skip(items, "shared", shared_folder().is_dir, missing)


def _skip(items, marker, is_here, reason):
    marked = [item for item in items if item.get_closest_marker(marker)]
    if marked and not is_here():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
def shared():
    """The folder with the vendor's documentation and the benchmark data."""
    return shared_folder()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    """A developer's own key or address never reaches a test."""
    for name in OWN_SETTINGS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def anyio_backend():
    """Asynchronous tests run on asyncio alone."""
    return "asyncio"
