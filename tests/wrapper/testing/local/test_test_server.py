"""`memoryos_server`: over HTTP, for code that makes its own client, and failing by name."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading

import pytest

from memoryos import (
    APIConnectionError,
    APITimeoutError,
    AsyncMemoryOS,
    AuthenticationError,
    InvalidResponseError,
    MemoryOS,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
)
from memoryos.testing import MemoryServer, Sandbox, faults

pytestmark = pytest.mark.memoryos(embedder="hashing")
FAILING = pytest.mark.off_contract(reason="the server fails on purpose")


@pytest.fixture
def memory(memoryos_server):
    """A client that gives up at once, as an application makes it."""
    with MemoryOS(max_retries=0) as memory:
        yield memory


def test_a_client_that_is_made_anywhere_is_led_to_it(memoryos_server):
    """In both kinds, and in other processes; the calls are told by the contract's names."""

    async def remember():
        async with AsyncMemoryOS() as memory:
            await memory.memories.create("tea")

    asyncio.run(remember())
    program = "from memoryos import MemoryOS\nwith MemoryOS() as memory: memory.search('tea')"
    subprocess.run([sys.executable, "-c", program], check=True)
    with MemoryOS() as memory:
        assert memory.memories.list()["meta"]["total"] == 1
        memory.memories.delete("00000000-0000-4000-8000-000000000001")
    names = ["create_memory", "search_memories", "list_memories", "delete_memory"]
    assert memoryos_server.calls == names
    assert memoryos_server.requests[0].json()["content"] == "tea"


@FAILING
def test_a_request_that_the_contract_does_not_have_is_told_as_it_came(memoryos_server):
    """It is answered as by any Memory OS: with 404."""
    old = memoryos_server.client(base_url=f"{memoryos_server.base_url}/old")
    with pytest.raises(NotFoundError):
        old.memories.list()
    assert memoryos_server.calls == ["GET /v1/old/memories"]
    memoryos_server.requests.clear()
    assert memoryos_server.calls == []


def test_keys_are_what_they_are_elsewhere(memoryos_server):
    """An unknown one is refused, and one that may only read does not write."""
    reader = memoryos_server.client(api_key=memoryos_server.new_key(["memories:read"]))
    reader.memories.list()
    with pytest.raises(PermissionDeniedError):
        reader.memories.create("tea")
    with pytest.raises(AuthenticationError):
        memoryos_server.client(api_key="mos_test_of_somebody_else").memories.list()
    with pytest.raises(ValueError, match="unknown scope"):
        memoryos_server.new_key(["everything"])


def test_its_clients_are_for_it_whatever_the_environment_says(memoryos_server, monkeypatch):
    monkeypatch.setenv("MEMORY_OS_BASE_URL", "http://127.0.0.1:9/v1")

    async def total():
        async with memoryos_server.async_client(timeout=5) as memory:
            return (await memory.memories.list())["meta"]["total"]

    memoryos_server.client().memories.create("tea")
    assert asyncio.run(total()) == 1


@FAILING
def test_the_next_request_fails_with_the_contracts_own_error(memoryos_server, memory):
    """Nothing is done; the one after it succeeds."""
    memoryos_server.fail_next(status=429, retry_after=2)
    with pytest.raises(RateLimitError) as limited:
        memory.memories.create("tea")
    assert (limited.value.code, limited.value.retry_after) == ("RATE_LIMIT_EXCEEDED", 2)
    assert memory.memories.list()["meta"]["total"] == 0
    memoryos_server.fail_next(status=599)  # which the contract does not have
    with pytest.raises(ServerError) as failed:
        memory.memories.list()
    assert failed.value.status == 599


@FAILING
def test_a_client_that_tries_again_gets_through(memoryos_server, memoryos_waits):
    memoryos_server.fail_next(status=429, retry_after=2, times=2)
    with MemoryOS() as memory:
        memory.memories.create("tea")
    assert memoryos_waits == [2, 2]
    assert memoryos_server.calls == ["create_memory"] * 3


@FAILING
def test_one_operation_fails_and_others_do_not(memoryos_server, memory):
    memoryos_server.fail_next(status=503, operation="search_memories", times=2)
    memoryos_server.fail_next(faults.HTML_200, operation="get_context")
    memory.memories.create("tea")
    for _ in range(2):
        with pytest.raises(ServerError):
            memory.search("tea")
    with pytest.raises(InvalidResponseError):
        memory.get_context("tea")
    assert memory.search("tea")["results"]


@FAILING
def test_every_request_fails_until_that_is_cleared(memoryos_server, memory):
    memoryos_server.fail_always(status=500)
    for _ in range(3):
        with pytest.raises(ServerError):
            memory.memories.list()
    memoryos_server.fail_always(faults.REFUSED)
    with pytest.raises(APIConnectionError):
        memory.memories.list()
    memoryos_server.clear()
    memory.memories.list()


@FAILING
def test_an_answer_that_is_lost_after_the_write_makes_no_second_memory(memoryos_server):
    """Reads in between are answered: it is the write that nobody hears of."""
    with MemoryOS(max_retries=0) as once:
        memoryos_server.drop_after_commit()
        once.memories.list()
        once.search("tea")
        with pytest.raises(APIConnectionError):
            once.memories.create("tea")
        assert once.memories.list()["meta"]["total"] == 1
    with MemoryOS() as memory:
        memoryos_server.drop_after_commit()
        memory.memories.create("coffee")
        assert memory.memories.list()["meta"]["total"] == 2
    sent = [each for each in memoryos_server.requests if each.method == "POST"]
    first, second = sent[-2:]
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


@FAILING
def test_every_answer_is_late_until_that_is_cleared(memoryos_server, memory):
    """Too late for a client that does not wait; what it asked for is done."""
    memoryos_server.latency(0.05)
    assert memory.with_raw_response.memories.list().elapsed >= 0.05
    memoryos_server.latency(60)
    with pytest.raises(APITimeoutError):
        memory.with_options(timeout=0.1).memories.create("tea")
    memoryos_server.clear()
    assert memory.memories.list()["meta"]["total"] == 1


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"retry_after": 2},
        {"fault": faults.LOST_ANSWER, "status": 500},
        {"fault": faults.LOST_ANSWER, "retry_after": 2},
        {"status": 500, "operation": "find_memories"},
        {"fault": faults.RESET_BEFORE_REQUEST, "operation": "list_memories"},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(memoryos_server, arguments):
    """Before the test runs on, and waits for a failure that never comes."""
    with pytest.raises(
        ValueError, match=r"pass either|unknown operation|before the request is complete"
    ):
        memoryos_server.fail_next(**arguments)


def test_a_proxy_of_the_machine_is_not_asked(request, monkeypatch):
    """Somebody's HTTP_PROXY would not find an address of this machine."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "example.org")
    server = request.getfixturevalue("memoryos_server")
    with MemoryOS(max_retries=0) as memory:
        assert memory.memories.list()["data"] == []
    assert os.environ["NO_PROXY"] == "example.org,127.0.0.1"
    assert server.calls == ["list_memories"]


def test_a_server_needs_no_pytest_and_leaves_nothing_behind():
    """Neither threads nor memories, with a client of its own that nobody closed."""
    before = threading.enumerate()
    with Sandbox(embedder="hashing") as sandbox, MemoryServer(sandbox) as server:
        server.client().memories.create("tea")
        assert server.environment == {
            "MEMORY_OS_BASE_URL": server.base_url,
            "MEMORY_OS_API_KEY": server.api_key,
        }
    server.stop()
    assert threading.enumerate() == before


def test_other_clients_of_http_are_served_as_well(memoryos_server):
    """By urllib, which closes its connection after each answer, and by a HEAD of it."""
    program = (
        "import os, urllib.request\n"
        "address, key = os.environ['MEMORY_OS_BASE_URL'], os.environ['MEMORY_OS_API_KEY']\n"
        "for method in ('GET', 'HEAD', 'OPTIONS'):\n"
        "    request = urllib.request.Request(address + '/memories', method=method)\n"
        "    request.add_header('Authorization', 'Bearer ' + key)\n"
        "    with urllib.request.urlopen(request, timeout=10) as answer:\n"
        "        print(method, answer.status, len(answer.read()) > 0)\n"
    )
    command = [sys.executable, "-W", "error", "-c", program]
    printed = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    assert printed.splitlines() == ["GET 200 True", "HEAD 200 False", "OPTIONS 204 False"]
