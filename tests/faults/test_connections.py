"""Connections: used again, bounded in number, shared in order of arrival, and never left over."""

from __future__ import annotations

import asyncio
import json
import socket
import threading

import pytest

from memoryos import AsyncMemoryOS, MemoryOS
from memoryos._async import connections as async_connections
from memoryos._sync import connections
from memoryos.exceptions import APIConnectionError, APITimeoutError, InvalidResponseError
from memoryos.testing import Fault, FaultProxy, Reply, faults

from .callers import KEY, done, held_until, open_sockets, quicken, until, wait_until, waiting


@pytest.fixture
def few(monkeypatch):
    """Allow three connections instead of a hundred."""
    for module in (connections, async_connections):
        monkeypatch.setattr(module, "MAX_CONNECTIONS", 3)
    return 3


def contents(proxy):
    """Return what was created, in the order in which it came."""
    return [json.loads(received.body)["content"] for received in proxy.received]


def test_calls_in_a_row_share_one_connection(caller, network):
    """Nothing is connected twice that could be used again."""
    proxy, settings = network

    async def use(client):
        for number in range(20):
            answer = await done(client.memories.create(f"tea {number}"))
            assert answer["content"] == f"tea {number}"

    caller.run(use, proxy.base_url, **({} if caller.through_httpx else settings))
    assert proxy.counts.connections == 1


def test_more_threads_than_connections_share_them(few, proxy):
    """Every thread gets its own answers, and no more connections are made than are allowed."""
    answers = {}

    def work(number):
        for step in range(10):
            content = f"{number}-{step}"
            answers[content] = client.memories.create(content)["content"]

    with MemoryOS(KEY, proxy.base_url) as client:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(answers) == 240
    assert all(content == answer for content, answer in answers.items())
    assert proxy.counts.connections <= few


@pytest.mark.anyio
async def test_more_tasks_than_connections_share_them(few, proxy):
    """The same with tasks on one event loop."""
    async with AsyncMemoryOS(KEY, proxy.base_url) as client:
        names = [f"tea {number}" for number in range(200)]
        answers = await asyncio.gather(*(client.memories.create(name) for name in names))
    assert [answer["content"] for answer in answers] == names
    assert proxy.counts.connections <= few


@pytest.mark.anyio
async def test_tasks_that_wait_are_served_in_order(monkeypatch, proxy):
    """Who asked first is served first."""
    monkeypatch.setattr(async_connections, "MAX_CONNECTIONS", 1)
    async with AsyncMemoryOS(KEY, proxy.base_url) as client:
        names = [f"tea {number}" for number in range(30)]
        await asyncio.gather(*(client.memories.create(name) for name in names))
    assert contents(proxy) == names


def test_threads_that_wait_are_served_in_order(monkeypatch):
    """Who asked first is served first, whichever thread the system would run."""
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 1)
    names = [f"tea {number}" for number in range(12)]
    release = threading.Event()
    with FaultProxy(answer=held_until(release)) as proxy, MemoryOS(
        KEY, proxy.base_url, max_retries=0
    ) as client:
        threads = []
        for position, name in enumerate(names):
            threads.append(threading.Thread(target=client.memories.create, args=(name,)))
            threads[-1].start()
            wait_until(lambda position=position: waiting(client) == position)
        release.set()
        for thread in threads:
            thread.join()
        assert contents(proxy) == names


def test_waiting_for_a_connection_ends_with_the_timeout(own, monkeypatch):
    """All connections are busy: the call that waits says so, was never sent, and blocks nobody."""
    for module in (connections, async_connections):
        monkeypatch.setattr(module, "MAX_CONNECTIONS", 1)
    release = threading.Event()

    async def use(client):
        policy = client._session.policy
        patient = asyncio.ensure_future(in_background(own, client, "patient"))
        await until(lambda: proxy.counts.requests)
        client._session.policy = type(policy)(timeout=0.05, max_retries=0)
        with pytest.raises(APITimeoutError) as raised:
            await done(client.memories.create("hasty"))
        assert "in use" in str(raised.value.__cause__)
        client._session.policy = policy
        release.set()
        assert (await patient)["content"] == "patient"
        assert (await done(client.memories.create("next")))["content"] == "next"

    with FaultProxy(answer=held_until(release)) as proxy:
        own.run(use, proxy.base_url, timeout=20)
        assert contents(proxy) == ["patient", "next"]


async def in_background(caller, client, content):
    """Create a memory while the test goes on."""
    if caller.is_async:
        return await client.memories.create(content)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, client.memories.create, content)


def test_a_connection_that_lay_idle_too_long_is_closed(own, network, monkeypatch):
    """The next call opens another one, and the old one is gone."""
    for module in (connections, async_connections):
        monkeypatch.setattr(module, "KEEPALIVE_SECONDS", -1.0)
    proxy, settings = network

    async def use(client):
        await done(client.memories.list())
        held = open_sockets()
        for _ in range(3):
            await done(client.memories.list())
        wait_until(lambda: open_sockets() <= held)

    own.run(use, proxy.base_url, **settings)
    assert proxy.counts.connections == 4


def test_a_connection_that_the_service_closed_is_not_used_again(caller, network):
    """An idle connection may be gone: the next call takes a new one, at the first attempt."""
    proxy, settings = network

    async def use(client):
        waits = quicken(client)
        for number in range(5):
            answer = await done(client.memories.create(f"tea {number}"))
            assert answer["content"] == f"tea {number}"
            proxy.drop_connections()
        assert waits == []

    caller.run(use, proxy.base_url, max_retries=0, **({} if caller.through_httpx else settings))
    assert (proxy.counts.connections, proxy.counts.requests) == (5, 5)


def test_a_connection_is_not_used_after_half_an_answer(caller, network):
    """What is left of an answer that was given up never becomes the answer to another call."""
    proxy, settings = network
    proxy.fail_next(faults.LARGE_IN_CHUNKS)

    async def use(client):
        with pytest.raises(InvalidResponseError, match="larger than"):
            await done(client.memories.list())
        assert (await done(client.memories.create("mine")))["content"] == "mine"

    caller.run(use, proxy.base_url, **({} if caller.through_httpx else settings))


def two_answers():
    """Make a fault: one request, two answers."""
    first = json.dumps({"data": {"content": "first"}}).encode()
    second = Reply(200, json.dumps({"data": {"content": "NOT YOURS"}}).encode())
    both = first + b"".join(second.parts())
    kind = ("Content-Type", "application/json")
    return Fault("two answers", reply=Reply(200, both, (kind, ("Content-Length", str(len(first))))))


def test_an_answer_to_no_request_is_nobodys_answer(own, network):
    """A service that answers twice does not shift every later answer by one."""
    proxy, settings = network
    proxy.fail_next(two_answers())

    async def use(client):
        assert (await done(client.memories.create("first")))["content"] == "first"
        assert (await done(client.memories.create("second")))["content"] == "second"

    own.run(use, proxy.base_url, **settings)


def test_nothing_stays_open_whatever_went_wrong(caller):
    """All faults, one after the other, on one client: as many sockets as before."""
    before = open_sockets()
    with FaultProxy() as proxy:

        async def use(client):
            quicken(client)
            for fault in faults.CONNECTIONS + faults.MESSAGES:
                proxy.fail_always(fault)
                with pytest.raises((APIConnectionError, InvalidResponseError)):
                    await done(client.memories.create("tea"))
                proxy.clear()
                assert (await done(client.memories.create("tea")))["content"] == "tea"

        caller.run(use, proxy.base_url, max_retries=1)
    assert open_sockets() == before


def test_an_address_that_does_not_answer_leaves_time_for_the_next(own, proxy, monkeypatch):
    """Of a host's two addresses the first takes packets and says nothing: the second is tried."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        fillers = [_connecting(silent.getsockname()) for _ in range(4)]  # its queue is full
        addresses = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", address)
            for address in (silent.getsockname(), ("127.0.0.1", proxy.port))
        ]
        real = socket.getaddrinfo

        def getaddrinfo(host, *args, **named):
            if host != "two.test":
                return real(host, *args, **named)
            if named.get("flags"):
                raise socket.gaierror("not a number")
            return addresses

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

        async def use(client):
            assert (await done(client.memories.create("tea")))["content"] == "tea"

        own.run(use, f"http://two.test:{proxy.port}/v1", timeout=4, max_retries=0)
        for filler in fillers:
            filler.close()


def _connecting(address):
    filler = socket.socket()
    filler.settimeout(0)
    filler.connect_ex(address)
    return filler
