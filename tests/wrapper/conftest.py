"""What the tests of the wrapper share: both clients behind one face, and no time passing."""

from __future__ import annotations

import contextlib
import inspect

import httpx
import pytest
import respx

from memoryos import AsyncMemoryOS, MemoryOS
from memoryos._protocol import json_codec
from memoryos._protocol.retries import Clock

KEY = "mos_test_unit0123456789"
BASE_URL = "http://memory.test/v1"  # without TLS, whose roots take long to read
# These run twice: on the standard library's JSON and on orjson, where it is installed.
WITH_JSON = {
    "test_argument_properties",
    "test_bad_input",
    "test_calls",
    "test_create_results",
    "test_cut_off_bodies",
    "test_export_file",
    "test_failures",
    "test_odd_services",
    "test_operations",
    "test_pagination",
    "test_response_properties",
    "test_responses",
    "test_retries",
    "test_validation",
}
JSON_LIBRARIES = ["json", "orjson"] if json_codec.orjson is not None else ["json"]
PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


class Api:
    """One kind of client on a network that is not there: `await api.done(…)` ends a call of it."""

    key = KEY
    base_url = BASE_URL

    def __init__(self, kind, router):
        self.is_async = kind == "async"
        self.router = router
        self.now = 0.0
        self.waits = []

    def client(self, **settings):
        """Make a client whose sleep takes no time, and whose jitter is always the longest."""
        client_class = AsyncMemoryOS if self.is_async else MemoryOS
        client = client_class(**{"api_key": KEY, "base_url": BASE_URL, **settings})
        client._session.clock = Clock(lambda: self.now, lambda: self.now, lambda: 1.0)
        client._session.sleep = self._sleep_async if self.is_async else self._sleep
        return client

    def http_client(self, **settings):
        """Make an httpx client of the kind that the client takes, without reading TLS roots."""
        http_client_class = httpx.AsyncClient if self.is_async else httpx.Client
        return http_client_class(**{"verify": False, **settings})

    async def done(self, value):
        """Return what a call hands out, whichever client made it."""
        assert inspect.isawaitable(value) is self.is_async
        return await value if self.is_async else value

    @contextlib.asynccontextmanager
    async def entered(self, client):
        """Enter and leave the client, in the way of its kind."""
        if self.is_async:
            async with client as inner:
                yield inner
        else:
            with client as inner:
                yield inner

    def _sleep(self, seconds):
        self.waits.append(seconds)
        self.now += seconds

    async def _sleep_async(self, seconds):
        self._sleep(seconds)


def pytest_generate_tests(metafunc):
    """Run the modules that send or read JSON with each library."""
    if metafunc.module.__name__.rpartition(".")[2] in WITH_JSON:
        metafunc.fixturenames.insert(0, "json_library")
        metafunc.parametrize("json_library", JSON_LIBRARIES, indirect=True)


@pytest.fixture
def json_library(request, monkeypatch):
    """Have the SDK read and write JSON with this library."""
    if request.param == "json":
        monkeypatch.setattr(json_codec, "orjson", None)
    return request.param


@pytest.fixture(autouse=True)
def _no_proxy_from_outside(monkeypatch):
    """A proxy of the machine would change which transport is tested."""
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def router():
    """The network: it answers what a test tells it, and refuses every other request."""
    with respx.mock(base_url=BASE_URL, assert_all_called=False) as routes:
        yield routes


@pytest.fixture(params=["sync", "async"])
def api(request, router):
    """Each of the two clients in turn."""
    return Api(request.param, router)
