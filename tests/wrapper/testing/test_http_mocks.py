"""respx and pytest-httpx intercept clients that have no http_client of their own."""

from __future__ import annotations

import gc
import json
import socket
import subprocess
import sys
import types
import warnings

import httpx
import pytest
import respx

from memoryos import (
    APIConnectionError,
    APITimeoutError,
    AsyncMemoryOS,
    MemoryOS,
    NotFoundError,
    ServerError,
)
from memoryos._transport.http_mocks import is_httpx_mocked
from memoryos.testing import FaultProxy, MemoryApi, Reply

from .. import contract_answers as answers

pytestmark = pytest.mark.anyio
ID = "7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11"
KEY = "mos_test_key"
BASE_URL = "http://memory.test/v1"  # without TLS, whose roots take long to read
PATH = f"/memories/{ID}"
MEMORY = answers.success(answers.memory(id=ID))
USINGS = ["httpx", "httpcore"]

OUTSIDE_PYTEST = """
import respx
from memoryos import MemoryOS

memory = MemoryOS("mos_test_key", "http://memory.test/v1", max_retries=0)
with memory, respx.mock(using="httpx") as router:
    router.get("http://memory.test/v1/memories").respond(json={"data": [], "meta": {}})
    assert memory.memories.list() == {"data": [], "meta": {}}
"""

USED_WITH_RESPX = """
    import pytest
    import respx
    from memoryos import AsyncMemoryOS, MemoryOS

    ADDRESS = "http://memory.test/v1/memories"
    PAGE = {"data": [], "meta": {}}
    memory = MemoryOS("mos_test_key", "http://memory.test/v1", max_retries=0)
    async_memory = AsyncMemoryOS("mos_test_key", "http://memory.test/v1", max_retries=0)

    @pytest.fixture
    def anyio_backend():
        return "asyncio"

    @respx.mock
    def test_decorator():
        respx.get(ADDRESS).respond(json=PAGE)
        assert memory.memories.list() == PAGE

    @respx.mock(using="httpx")
    def test_decorator_with_httpx(respx_mock):
        respx_mock.get(ADDRESS).respond(json=PAGE)
        assert memory.memories.list() == PAGE

    @pytest.mark.respx(base_url="http://memory.test/v1", using="httpx")
    def test_fixture(respx_mock):
        respx_mock.get("/memories").respond(json=PAGE)
        assert memory.memories.list() == PAGE

    @pytest.mark.anyio
    async def test_asynchronous(respx_mock):
        respx_mock.get(ADDRESS).respond(json=PAGE)
        assert await async_memory.memories.list() == PAGE
        await async_memory.close()
"""

USED_WITH_PYTEST_HTTPX = """
    import pytest
    from memoryos import APITimeoutError, AsyncMemoryOS, MemoryOS, RateLimitError
    import httpx

    ADDRESS = "http://memory.test/v1/search"
    FOUND = {"results": []}
    OPTIONS = {"api_key": "mos_test_key", "base_url": "http://memory.test/v1", "max_retries": 0}
    memory = MemoryOS(**OPTIONS)

    @pytest.fixture
    def anyio_backend():
        return "asyncio"

    def test_result(httpx_mock):
        httpx_mock.add_response(url=ADDRESS, method="POST", json={"data": FOUND})
        assert memory.search("tea") == FOUND
        (request,) = httpx_mock.get_requests()
        assert request.headers["Authorization"] == "Bearer mos_test_key"

    def test_error(httpx_mock):
        httpx_mock.add_response(status_code=429, headers={"Retry-After": "7"}, json={})
        with pytest.raises(RateLimitError) as raised:
            memory.search("tea")
        assert raised.value.retry_after == 7

    def test_timeout(httpx_mock):
        httpx_mock.add_exception(httpx.ReadTimeout("slow"))
        with pytest.raises(APITimeoutError):
            memory.search("tea")

    @pytest.mark.anyio
    async def test_asynchronous(httpx_mock):
        httpx_mock.add_response(json={"data": FOUND})
        async with AsyncMemoryOS(**OPTIONS) as client:
            assert await client.search("tea") == FOUND
"""


class Own:
    """One kind of client, without an http_client."""

    def __init__(self, kind):
        self.is_async = kind == "async"

    def client(self, base_url=BASE_URL):
        client_class = AsyncMemoryOS if self.is_async else MemoryOS
        return client_class(KEY, base_url, max_retries=0)

    async def done(self, value):
        return await value if self.is_async else value


@pytest.fixture(params=["sync", "async"])
def own(request):
    """Each of the two clients in turn."""
    return Own(request.param)


@pytest.fixture
def no_network(monkeypatch):
    """Fail where a request would leave the process."""

    def fail(*arguments, **options):
        raise AssertionError("the request reached the network")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    monkeypatch.setattr(socket.socket, "connect", fail)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("using", USINGS)
async def test_respx_intercepts_a_client(own, using):
    """Whatever it replaces; it gets the request as the SDK sends it."""
    client = own.client()
    with respx.mock(base_url=BASE_URL, using=using) as router:
        route = router.get(PATH).respond(json=MEMORY)
        assert (await own.done(client.memories.get(ID)))["id"] == ID
    (call,) = route.calls
    assert call.request.headers["authorization"] == f"Bearer {KEY}"
    assert call.request.headers["user-agent"].startswith("memoryos-python/")
    await own.done(client.close())


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("using", USINGS)
async def test_errors_of_a_mock_are_errors_of_the_sdk(own, using):
    """A status, a timeout, a connection that can't be made."""
    client = own.client()
    with respx.mock(base_url=BASE_URL, using=using) as router:
        router.get(PATH).respond(404, json=answers.failure("NOT_FOUND"))
        with pytest.raises(NotFoundError):
            await own.done(client.memories.get(ID))
        router.get(PATH).mock(side_effect=httpx.ReadTimeout("slow"))
        with pytest.raises(APITimeoutError):
            await own.done(client.memories.get(ID))
        router.get(PATH).mock(side_effect=httpx.ConnectError("refused"))
        with pytest.raises(APIConnectionError, match="refused"):
            await own.done(client.memories.get(ID))
    await own.done(client.close())


@pytest.mark.parametrize("using", USINGS)
async def test_a_client_is_intercepted_only_while_a_mock_is_active(own, using):
    """Before and after, it sends over its own connections, to the same service."""
    with FaultProxy(answer=unavailable) as service:
        client = own.client(service.base_url)
        for received in (1, 2, 3):
            with pytest.raises(ServerError):
                await own.done(client.memories.get(ID))
            assert len(service.received) == received
            with respx.mock(base_url=service.base_url, using=using) as router:
                router.get(PATH).respond(json=MEMORY)
                assert (await own.done(client.memories.get(ID)))["id"] == ID
        await own.done(client.close())


@pytest.mark.parametrize("using", USINGS)
async def test_a_client_that_is_intercepted_leaves_nothing_open(own, using):
    """So there is no ResourceWarning where a test forgets it."""
    client = own.client()
    with respx.mock(base_url=BASE_URL, using=using) as router:
        router.get(PATH).respond(json=MEMORY)
        await own.done(client.memories.get(ID))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not client._session.transport.is_open
        del client
        gc.collect()


def unavailable(received):
    """Answer as a service that is overloaded."""
    content = json.dumps(answers.failure("HTTP_503")).encode()
    return Reply(503, content, (("Content-Type", "application/json"),))


@pytest.mark.usefixtures("no_network")
async def test_the_mock_of_the_sdk_intercepts_a_client(own):
    """Without pytest's fixtures, too."""
    with MemoryApi() as api:
        client = own.client(api.base_url)
        assert (await own.done(client.memories.list()))["data"]
        await own.done(client.close())


def test_is_httpx_mocked_follows_respx():
    """A router counts as long as it is started, whichever way."""
    assert not is_httpx_mocked()
    outer, inner = respx.mock(assert_all_called=False), respx.mock(using="httpx")
    with outer:
        assert is_httpx_mocked()
        with inner:
            assert is_httpx_mocked()
        assert is_httpx_mocked()
    assert not is_httpx_mocked()
    outer.start()
    assert is_httpx_mocked()
    outer.stop()
    with respx.mock(using=None):
        assert not is_httpx_mocked()  # it replaces nothing


def test_a_library_that_is_being_imported_is_not_active(monkeypatch):
    """Another thread may import it at this moment."""
    monkeypatch.setitem(sys.modules, "respx", types.ModuleType("respx"))
    monkeypatch.setitem(sys.modules, "pytest_httpx", types.ModuleType("pytest_httpx"))
    assert not is_httpx_mocked()


def test_nothing_is_imported_to_look_for_mocks(monkeypatch):
    """A program that uses neither library pays nothing."""
    for name in ("respx", "pytest_httpx"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert not is_httpx_mocked()
    assert not {"respx", "pytest_httpx"} & set(sys.modules)


def test_respx_intercepts_without_pytest():
    """In a program of its own."""
    command = [sys.executable, "-W", "error", "-c", OUTSIDE_PYTEST]
    finished = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (finished.returncode, finished.stderr) == (0, "")


def test_respx_works_as_its_users_use_it(run_tests):
    """Its decorator, its fixture and its marker, with a client made before the test."""
    outcomes = run_tests(USED_WITH_RESPX).outcomes
    assert set(outcomes.values()) == {"passed"}, outcomes
    assert len(outcomes) == 4


def test_pytest_httpx_works_as_its_users_use_it(run_tests):
    """Its fixture, with no argument of the client's."""
    pytest.importorskip("pytest_httpx", reason="pytest-httpx needs Python 3.10")
    outcomes = run_tests(USED_WITH_PYTEST_HTTPX).outcomes
    assert set(outcomes.values()) == {"passed"}, outcomes
    assert len(outcomes) == 4
