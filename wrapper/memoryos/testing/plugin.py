"""The pytest plugin: a Memory OS for each test, in this process, over HTTP or made up.

pytest loads it by itself where memoryos is installed (`-p no:memoryos` leaves it out), so nothing
is imported here that a run without these fixtures would have to wait for.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Callable, Generator, Iterator, TypeVar

import pytest

if TYPE_CHECKING:
    from memoryos import AsyncMemoryOS, MemoryOS

    from . import Clock, MemoryApi, MemoryServer, Sandbox
    from ._retry_waits import Waits

_Made = TypeVar("_Made")

_MARKER = "memoryos"
_EMBEDDER = "memoryos_embedder"
_DEFAULT_EMBEDDER = "minilm"
_THIS_MACHINE = "127.0.0.1"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting that chooses an embedder for all tests."""
    parser.addini(
        _EMBEDDER,
        "what the Memory OS of memoryos's fixtures finds memories by: minilm (their meaning), "
        "hashing (equal words, without a model) or none (text search)",
        default=_DEFAULT_EMBEDDER,
    )


def pytest_configure(config: pytest.Config) -> None:
    """Add the marker that chooses an embedder for some tests."""
    config.addinivalue_line(
        "markers", f"{_MARKER}(embedder): what this test's Memory OS finds memories by"
    )


@pytest.fixture
def memoryos_clock() -> Clock:
    """A `Clock`: the time of this test's Memory OS, which stands still until it is moved."""
    from ._clock import Clock

    return Clock()


@pytest.fixture
def _memoryos_sandbox(request: pytest.FixtureRequest, memoryos_clock: Clock) -> Iterator[Sandbox]:
    """The Memory OS that all fixtures of a test share."""
    from ._sandbox import Sandbox

    with _or_fail(lambda: Sandbox(memoryos_clock, embedder=_embedder(request))) as sandbox:
        yield sandbox


@pytest.fixture
def memoryos_local(_memoryos_sandbox: Sandbox) -> MemoryOS:
    """A `MemoryOS` client on a Memory OS of this test's own, inside this process."""
    return _memoryos_sandbox.client()


@pytest.fixture
def async_memoryos_local(_memoryos_sandbox: Sandbox) -> AsyncMemoryOS:
    """An `AsyncMemoryOS` client on the same, for any event loop of asyncio."""
    return _memoryos_sandbox.async_client()


@pytest.fixture
def memoryos_server(
    _memoryos_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MemoryServer]:
    """A `MemoryServer`: the same over HTTP; the environment leads every new client there."""
    from ._test_server import MemoryServer

    with MemoryServer(_memoryos_sandbox) as server:
        _set(monkeypatch, server.environment)
        _reach_directly(monkeypatch)
        yield server


@pytest.fixture
def memoryos_api(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryApi]:
    """A `MemoryApi`: the contract's routes on respx; every new client is led there."""
    with _or_fail(_memory_api) as api:
        _set(monkeypatch, api.environment)
        yield api
    if api.broken_rules:
        pytest.fail("\n".join(api.broken_rules), pytrace=False)


@pytest.fixture
def memoryos_waits(monkeypatch: pytest.MonkeyPatch) -> Waits:
    """`Waits`: the seconds that clients waited between attempts, which take no time."""
    from ._retry_waits import skip_waits

    return skip_waits(monkeypatch.setattr)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, None]:
    """Fail a test that has sent what the contract does not allow, whoever caught the error."""
    outcome = yield
    api = getattr(item, "funcargs", {}).get("memoryos_api")
    if api is None or not api.broken_rules:
        return
    told = "\n".join(api.broken_rules)
    api.broken_rules.clear()  # told here, and not once more when the fixture ends
    if outcome.excinfo is None:
        outcome.force_exception(pytest.fail.Exception(told, pytrace=False))
    elif str(outcome.excinfo[1]) != told:
        item.add_report_section("call", "memoryos_api", told)


def _or_fail(make: Callable[[], _Made]) -> _Made:
    """Return what is made; where it can't be, fail the test with the reason in one line."""
    try:
        return make()
    except (ImportError, ValueError) as error:
        reason = str(error)
    pytest.fail(reason, pytrace=False)


def _memory_api() -> MemoryApi:
    from memoryos._extras import missing_extra

    try:
        from ._mock_api import MemoryApi
    except ImportError as error:
        raise missing_extra("testing", "memoryos_api", error) from error
    return MemoryApi()


def _embedder(request: pytest.FixtureRequest) -> str:
    node: pytest.Item = request.node
    marker = node.get_closest_marker(_MARKER)
    if marker is None:
        return str(request.config.getini(_EMBEDDER))
    if marker.args or set(marker.kwargs) != {"embedder"}:
        raise ValueError(f"the marker {_MARKER} takes one argument, by its name: embedder")
    return str(marker.kwargs["embedder"])


def _set(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def _reach_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no proxy that the environment names stand between a test and its server."""
    for name in ("no_proxy", "NO_PROXY"):
        listed = os.environ.get(name)
        monkeypatch.setenv(name, f"{listed},{_THIS_MACHINE}" if listed else _THIS_MACHINE)
