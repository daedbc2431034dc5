"""pytest plugin: fixtures that give each test a Memory OS in process, over HTTP, or mocked.

pytest loads it automatically if memoryos is installed; `-p no:memoryos` disables it. Imports are
inside the fixtures, so that the plugin doesn't slow down test runs that don't use them.

Routers of respx and the fixture `httpx_mock` of pytest-httpx intercept all clients while they are
active. For other libraries that patch httpx, use `MemoryOS(http_client=httpx.Client())`.

Example:
    >>> def test_remembers(memoryos_local):
    ...     memoryos_local.memories.create("Ada drinks her coffee black")
    ...     assert memoryos_local.search("coffee")["results"]
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Callable, Generator, Iterator, TypeVar

import pytest

if TYPE_CHECKING:
    from memoryos import AsyncMemoryOS, MemoryOS

    from . import Clock, MemoryApi, MemoryServer, Sandbox
    from ._retry_waits import Waits

_Fixture = TypeVar("_Fixture")

_MARKER = "memoryos"
_EMBEDDER = "memoryos_embedder"
_DEFAULT_EMBEDDER = "minilm"
_LOOPBACK = "127.0.0.1"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting `memoryos_embedder`, the embedder of all tests."""
    parser.addini(
        _EMBEDDER,
        "how the Memory OS of memoryos's fixtures searches: minilm (by meaning), hashing (equal "
        "words, without a model) or none (text search)",
        default=_DEFAULT_EMBEDDER,
    )


def pytest_configure(config: pytest.Config) -> None:
    """Add the marker `memoryos`, which sets the embedder of single tests."""
    config.addinivalue_line("markers", f"{_MARKER}(embedder): embedder of this test's Memory OS")


@pytest.fixture
def memoryos_clock() -> Clock:
    """`Clock` of this test's Memory OS. It stands still until the test moves it."""
    from ._clock import Clock

    return Clock()


@pytest.fixture
def _memoryos_sandbox(request: pytest.FixtureRequest, memoryos_clock: Clock) -> Iterator[Sandbox]:
    """Memory OS shared by the fixtures of one test."""
    from ._sandbox import Sandbox

    with _or_fail(lambda: Sandbox(memoryos_clock, embedder=_embedder(request))) as sandbox:
        yield sandbox


@pytest.fixture
def memoryos_local(_memoryos_sandbox: Sandbox) -> MemoryOS:
    """`MemoryOS` client on an in-process Memory OS that only this test uses."""
    return _memoryos_sandbox.client()


@pytest.fixture
def async_memoryos_local(_memoryos_sandbox: Sandbox) -> AsyncMemoryOS:
    """`AsyncMemoryOS` client on the same Memory OS as `memoryos_local`, for any event loop."""
    return _memoryos_sandbox.async_client()


@pytest.fixture
def memoryos_server(
    _memoryos_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MemoryServer]:
    """`MemoryServer` for the same Memory OS. Environment variables direct new clients to it."""
    from ._test_server import MemoryServer

    with MemoryServer(_memoryos_sandbox) as server:
        _set_environment(monkeypatch, server.environment)
        _bypass_proxies(monkeypatch)
        yield server


@pytest.fixture
def memoryos_api(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryApi]:
    """`MemoryApi`: a respx mock of the API. Environment variables direct new clients to it."""
    with _or_fail(_memory_api) as api:
        _set_environment(monkeypatch, api.environment)
        yield api
    if api.broken_rules:
        pytest.fail("\n".join(api.broken_rules), pytrace=False)


@pytest.fixture
def memoryos_waits(monkeypatch: pytest.MonkeyPatch) -> Waits:
    """`Waits`: the waits of clients between attempts, recorded instead of slept."""
    from ._retry_waits import skip_waits

    return skip_waits(monkeypatch.setattr)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, None]:
    """Fail a test that sent an invalid request, even if it caught the error."""
    outcome = yield
    api = getattr(item, "funcargs", {}).get("memoryos_api")
    if api is None or not api.broken_rules:
        return
    violations = "\n".join(api.broken_rules)
    api.broken_rules.clear()  # so that the fixture doesn't report them again
    if outcome.excinfo is None:
        outcome.force_exception(pytest.fail.Exception(violations, pytrace=False))
    elif str(outcome.excinfo[1]) != violations:
        item.add_report_section("call", "memoryos_api", violations)


def _or_fail(make: Callable[[], _Fixture]) -> _Fixture:
    """Return the result of `make`. If it fails, fail the test with a one-line reason."""
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
        raise ValueError(f"the marker {_MARKER} takes one keyword argument: embedder")
    return str(marker.kwargs["embedder"])


def _set_environment(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def _bypass_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exclude the test server from proxies that the environment configures."""
    for name in ("no_proxy", "NO_PROXY"):
        listed = os.environ.get(name)
        monkeypatch.setenv(name, f"{listed},{_LOOPBACK}" if listed else _LOOPBACK)
