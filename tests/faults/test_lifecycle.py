"""Closing, forgetting to close, threads, event loops: one client in every way it is used."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from memoryos import AsyncMemoryOS, MemoryOS
from memoryos.exceptions import APIConnectionError
from memoryos.testing import faults

from .callers import KEY, TRIED, Caller, done, open_sockets
from .forward_proxy import ForwardProxy


def test_closing_twice_is_fine_and_a_call_afterwards_says_so(caller, network):
    """After calls over a network, too: nothing is sent any more."""
    proxy, settings = network

    async def use(client):
        await done(client.memories.create("tea"))
        for _ in range(2):
            await done(client.close())
        with pytest.raises(APIConnectionError, match="closed") as raised:
            await done(client.memories.create("tea"))
        assert (raised.value.code, raised.value.attempts) == ("CLIENT_CLOSED", 0)

    caller.run(use, proxy.base_url, **({} if caller.through_httpx else settings))
    assert proxy.counts.requests == 1


def test_closing_while_calls_are_under_way_ends_well(own, proxy):
    """They get their answers, and their connections are closed when they have them."""
    held = open_sockets()
    proxy.fail_always(faults.delay(0.2))

    async def use(client):
        if own.is_async:
            calls = [asyncio.ensure_future(client.memories.create(f"{n}")) for n in range(8)]
        else:
            calls = [asyncio.ensure_future(_threaded(client, f"{n}")) for n in range(8)]
        while proxy.counts.requests < 8:  # noqa: ASYNC110 - another thread counts
            await asyncio.sleep(0.005)
        await done(client.close())
        assert [(await call)["content"] for call in calls] == [f"{n}" for n in range(8)]

    own.run(use, proxy.base_url)
    proxy.drop_connections()
    assert open_sockets() == held


async def _threaded(client, content):
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, client.memories.create, content)


def unclosed(kind, base_url, **settings):
    """Make a client, use it, and forget it."""
    client = Caller(kind).client(base_url, **settings)
    if kind == "async":

        async def call():
            await client.memories.list()

        asyncio.run(call())
    else:
        client.memories.list()


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_forgotten_client_warns_once_and_closes_its_sockets(kind, network):
    """As Python's own files do: a ResourceWarning that names the address, and nothing left open."""
    proxy, settings = network
    held = open_sockets()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        unclosed(kind, proxy.base_url, **settings)
        gc.collect()
    assert [warning.category for warning in caught] == [ResourceWarning]
    assert proxy.base_url in str(caught[0].message)
    assert KEY not in str(caught[0].message)
    proxy.drop_connections()
    assert open_sockets() == held


def test_a_forgotten_client_behind_a_proxy_warns_and_closes_its_sockets(proxy, monkeypatch):
    """Through httpx as well."""
    with ForwardProxy() as company:
        monkeypatch.setenv("HTTP_PROXY", company.address)
        with pytest.warns(ResourceWarning, match="unclosed client") as caught:
            unclosed("sync", proxy.base_url)
    gc.collect()
    assert len(caught) == 1


UNCLOSED = Path(__file__).parent / "programs" / "unclosed.py"
FORMS = [
    *("module", "class attribute", "closure", "lru_cache", "another module", "builtins", "cycle"),
    *("thread", "with_options", "only a child", "low_level", "never used", "http_client", "async"),
    *("async, dropped", "async, cycle", "async, many", "async, cancelled", "async, several runs"),
    *("async, closed loops", "async, open loops", "async, dropped with its loop"),
    "async, http_client",
    *(pytest.param(form, marks=pytest.mark.local_server) for form in ("local", "local, async")),
]


def stderr_of(form, base_url, *flags, proxy=None):
    """Return what a program that never closes its client writes to standard error."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    if proxy:
        environ["HTTP_PROXY"] = proxy
    command = [sys.executable, *flags, str(UNCLOSED), form, base_url]
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
    return ran.stderr


def test_a_client_behind_a_proxy_that_was_closed_leaves_no_task(proxy, monkeypatch):
    """Its event loop may end at once, and would warn of a task that never ran."""

    async def use():
        client = AsyncMemoryOS(KEY, proxy.base_url)
        await client.tags.list()
        await client.close()
        await asyncio.sleep(0)
        return asyncio.all_tasks() - {asyncio.current_task()}

    with ForwardProxy() as company:
        monkeypatch.setenv("HTTP_PROXY", company.address)
        assert asyncio.run(use()) == set()
        assert company.heads


@pytest.mark.parametrize("form", FORMS)
def test_a_program_that_never_closes_its_client_ends_silently(proxy, form):
    """However it holds the client: nothing is closed too late, or imported while Python ends."""
    assert stderr_of(form, proxy.base_url) == ""
    assert proxy.received or form.startswith(("never", "local"))


@pytest.mark.parametrize(
    "form",
    [
        *("module", "closure", "cycle", "with_options", "async", "async, dropped", "async, many"),
        *("async, several runs", "async, closed loops", "async, open loops"),
        "async, dropped with its loop",
    ],
)
def test_a_program_behind_a_proxy_ends_silently(proxy, form):
    """httpx's connections are closed, too."""
    with ForwardProxy() as company:
        assert stderr_of(form, proxy.base_url, proxy=company.address) == ""
        assert company.heads


@pytest.mark.parametrize("behind_proxy", [False, True])
@pytest.mark.parametrize("form", ["module", "cycle", "async", "async, cycle", "async, many"])
def test_where_warnings_are_on_there_is_one_at_most(proxy, form, behind_proxy):
    """It names the address, and no other warning names a socket."""
    with ForwardProxy() as company:
        address = company.address if behind_proxy else None
        stderr = stderr_of(form, proxy.base_url, "-W", "always", proxy=address)
    assert stderr.count("ResourceWarning: unclosed") <= 1
    assert "ignored" not in stderr
    assert "unclosed <socket" not in stderr
    if not behind_proxy:
        assert f"unclosed client of {proxy.base_url}" in stderr


@pytest.mark.parametrize("client_class", [MemoryOS, AsyncMemoryOS])
def test_a_client_that_was_never_used_has_nothing_to_warn_of(client_class):
    """It opened nothing."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        client_class(KEY, "http://127.0.0.1:1/v1")
        gc.collect()
    assert caught == []


@pytest.mark.parametrize("kind", ["sync", "sync-httpx"])
def test_one_client_serves_64_threads(kind, network):
    """Every thread gets its own answers, while some connections break."""
    proxy, settings = network
    proxy.fail_randomly({faults.LOST_ANSWER: 0.02, faults.CLOSED_BEFORE_ANSWER: 0.02}, seed=3)
    settings = {} if kind == "sync-httpx" else settings

    def work(client, number):
        for step in range(10):
            content = f"{number}-{step}"
            assert client.memories.create(content)["content"] == content
            TRIED["calls from 64 threads"] += 1

    async def use(client):
        client._session.sleep = lambda _seconds: None
        with ThreadPoolExecutor(64) as pool:
            for result in [pool.submit(work, client, number) for number in range(64)]:
                result.result()

    Caller(kind).run(use, proxy.base_url, max_retries=20, **settings)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_the_first_calls_of_many_threads_share_the_transport(kind, proxy):
    """They come at once, before there is one: nothing is made twice and lost."""
    client = Caller(kind).client(proxy.base_url)
    start = threading.Barrier(16)

    def work():
        start.wait()
        if kind == "sync":
            return client.memories.create("tea")
        return asyncio.run(_create(client))

    with ThreadPoolExecutor(16) as pool:
        results = [pool.submit(work) for _ in range(16)]
        assert {result.result()["content"] for result in results} == {"tea"}
    if kind == "sync":
        client.close()
    else:
        asyncio.run(client.close())


async def _create(client):
    return await client.memories.create("tea")


def test_an_async_client_outlives_its_event_loops(network):
    """Several `asyncio.run` in turn, as in scripts and workers: each finds the client usable."""
    proxy, settings = network
    client = AsyncMemoryOS(KEY, proxy.base_url, max_retries=0, **settings)
    for number in range(4):
        assert asyncio.run(_create(client))["content"] == "tea"
        assert proxy.counts.connections == number + 1  # those of an ended loop are never used
    asyncio.run(client.close())


def test_an_async_client_takes_a_loop_that_replaces_another(network):
    """A loop is closed by hand and replaced, with a call broken off in it."""
    proxy, settings = network
    client = AsyncMemoryOS(KEY, proxy.base_url, max_retries=0, **settings)
    for _ in range(3):
        loop = asyncio.new_event_loop()
        assert loop.run_until_complete(_create(client))["content"] == "tea"
        proxy.fail_next(faults.HANGS_BEFORE_ANSWER)
        with pytest.raises(asyncio.TimeoutError):
            loop.run_until_complete(asyncio.wait_for(_create(client), 0.05))
        loop.close()
    asyncio.run(client.close())


def test_an_async_client_serves_two_loops_in_two_threads_at_once(network):
    """Each loop has its own connections, and each call its own answer."""
    proxy, settings = network
    client = AsyncMemoryOS(KEY, proxy.base_url, **settings)

    async def work(number):
        for step in range(20):
            names = [f"{number}-{step}-{n}" for n in range(5)]
            answers = await asyncio.gather(*(client.memories.create(name) for name in names))
            assert [answer["content"] for answer in answers] == names

    with ThreadPoolExecutor(4) as pool:
        for result in [pool.submit(asyncio.run, work(number)) for number in range(4)]:
            result.result()
    asyncio.run(client.close())


@pytest.mark.anyio
async def test_the_sync_client_works_inside_a_running_loop(network):
    """As in Jupyter, where a loop always runs: beside an async client, too."""
    proxy, settings = network
    async with AsyncMemoryOS(KEY, proxy.base_url, **settings) as beside:
        with MemoryOS(KEY, proxy.base_url, **settings) as client:
            task = asyncio.ensure_future(beside.memories.create("beside"))
            await asyncio.sleep(0)
            assert client.memories.create("tea")["content"] == "tea"
            assert (await task)["content"] == "beside"
