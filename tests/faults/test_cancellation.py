"""A call that is broken off leaves nothing behind: the next one works, and gets its own answer."""

from __future__ import annotations

import asyncio
import gc
import random
import signal
import sys
import threading
import time

import pytest

from memoryos import AsyncMemoryOS, MemoryOS
from memoryos._async import connections as async_connections
from memoryos._sync import connections
from memoryos.exceptions import MemoryOSError
from memoryos.testing import FaultProxy, faults

from .callers import KEY, LONG, TRIED, Caller, held_until, until, wait_until, waiting

# Larger than what sockets, TLS and the proxy hold between them.
LARGE_TEXT = "x" * (24 * 1024 * 1024)

# What the call was doing when it was broken off: the fault that holds it there, and what it sends.
PHASES = {
    "connecting": (faults.HANGS_ON_CONNECTION, "tea"),
    "sending": (faults.HANGS_IN_REQUEST, LARGE_TEXT),
    "waiting for the answer": (faults.HANGS_BEFORE_ANSWER, "tea"),
    "reading the answer": (faults.HANGS_IN_ANSWER, "tea"),
    "reading drops of the answer": (faults.drip(0.05), "tea"),
    "waiting for another try": (faults.status(503, retry_after=30), "tea"),
}
ENDINGS = ["cancel", "wait_for"] + (["timeout"] if sys.version_info >= (3, 11) else [])


@pytest.fixture(params=PHASES.values(), ids=PHASES.keys())
def phase(request):
    """What the call is doing, in turn."""
    return request.param


async def broken_off(work, ending, has_begun):
    """Begin `work`, and break it off in one of asyncio's ways once it has begun."""
    if ending == "cancel":
        task = asyncio.ensure_future(work)
        await until(has_begun)
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    elif ending == "wait_for":
        task = asyncio.ensure_future(work)
        await until(has_begun)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(task, 0.02)
    else:
        limit = asyncio.timeout(None)

        async def expire():
            await until(has_begun)
            limit.reschedule(asyncio.get_running_loop().time() + 0.02)

        with pytest.raises(TimeoutError):
            async with limit:
                await asyncio.gather(work, expire())


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("kind", ["async", "async-httpx"])
def test_the_call_after_a_cancelled_one_gets_its_own_answer(kind, network, phase, ending):
    """Whatever the cancelled call was doing, on a new connection or on one used before."""
    proxy, settings = network
    fault, content = phase
    caller = Caller(kind)

    async def use(client):
        for number in range(2):  # on a new connection, then on an old one where that is possible
            struck = proxy.counts.faults[fault.name]
            proxy.fail_next(fault)
            work = client.memories.create(content)
            has_begun = lambda n=struck: proxy.counts.faults[fault.name] > n  # noqa: E731
            await broken_off(work, ending, has_begun)
            proxy.clear()
            for name in (f"mine {number}", f"also mine {number}"):
                assert (await client.memories.create(name))["content"] == name
            TRIED["calls broken off"] += 1

    settings = {} if caller.through_httpx else settings
    caller.run(use, proxy.base_url, timeout=20, **settings)


def interrupt_once(has_begun):
    """Press Ctrl-C, from a thread, once the main thread's call has begun."""

    def press():
        wait_until(has_begun)
        time.sleep(0.02)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    return thread


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="this system has no pthread_kill")
@pytest.mark.parametrize("kind", ["sync", "sync-httpx"])
def test_the_call_after_an_interrupted_one_gets_its_own_answer(kind, network, phase):
    """Ctrl-C in a sync call, as in a notebook or a shell: the client can be used on."""
    proxy, settings = network
    fault, content = phase
    through_httpx = kind.endswith("httpx")

    async def use(client):
        for number in range(2):
            struck = proxy.counts.faults[fault.name]
            proxy.fail_next(fault)
            thread = interrupt_once(lambda n=struck: proxy.counts.faults[fault.name] > n)
            with pytest.raises(KeyboardInterrupt):
                client.memories.create(content)
            thread.join()
            proxy.clear()
            for name in (f"mine {number}", f"also mine {number}"):
                assert client.memories.create(name)["content"] == name
            TRIED["calls broken off"] += 1

    client_settings = {} if through_httpx else settings
    in_main_thread(kind, use, proxy.base_url, timeout=20, **client_settings)


def in_main_thread(kind, use, base_url, **settings):
    """Run `use` without an event loop around it, which would take Ctrl-C for itself."""
    coroutine = _run(Caller(kind), use, base_url, settings)
    with pytest.raises(StopIteration):
        coroutine.send(None)


async def _run(caller, use, base_url, settings):
    async with caller.http_client() as http_client:
        with caller.client(base_url, http_client=http_client, **settings) as client:
            await use(client)


def test_a_call_that_waits_for_a_connection_can_be_cancelled(monkeypatch):
    """It leaves the queue, and who comes after it is served."""
    monkeypatch.setattr(async_connections, "MAX_CONNECTIONS", 1)

    release = threading.Event()

    async def use(client):
        first = asyncio.ensure_future(client.memories.create("first"))
        await until(lambda: proxy.counts.requests)
        waiting = [asyncio.ensure_future(client.memories.create(f"{n}")) for n in range(5)]
        await asyncio.sleep(0)
        for task in waiting[:4]:
            task.cancel()
        ended = await asyncio.gather(*waiting[:4], return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in ended)
        release.set()
        assert (await first)["content"] == "first"
        assert (await waiting[4])["content"] == "4"

    with FaultProxy(answer=held_until(release)) as proxy:
        Caller("async").run(use, proxy.base_url, timeout=20)
    assert (proxy.counts.connections, proxy.counts.requests) == (1, 2)


def test_a_call_that_waits_for_a_connection_can_be_interrupted(monkeypatch):
    """The same with Ctrl-C, while another thread has the only connection."""
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 1)
    release = threading.Event()
    with FaultProxy(answer=held_until(release)) as proxy, MemoryOS(
        KEY, proxy.base_url, timeout=20
    ) as client:
        first = threading.Thread(target=client.memories.create, args=("first",))
        first.start()
        wait_until(lambda: proxy.counts.requests)
        thread = interrupt_once(lambda: waiting(client) == 1)
        with pytest.raises(KeyboardInterrupt):
            client.memories.create("second")
        thread.join()
        release.set()
        first.join()
        assert client.memories.create("third")["content"] == "third"
    assert (proxy.counts.connections, proxy.counts.requests) == (1, 2)


@pytest.mark.parametrize("moments", [2000 if LONG else 120])
def test_a_cancellation_at_any_moment_leaves_the_client_usable(monkeypatch, network, moments):
    """After each of many loop steps in turn, with three connections for sixteen tasks."""
    proxy, settings = network
    monkeypatch.setattr(async_connections, "MAX_CONNECTIONS", 3)
    chance = random.Random(4)

    async def use(client):
        broken_off = 0
        for moment in range(moments):
            names = [f"{moment}-{number}" for number in range(16)]
            tasks = [asyncio.ensure_future(client.memories.create(name)) for name in names]
            for _ in range(chance.randrange(40)):
                await asyncio.sleep(0)
            cancelled = chance.sample(range(16), 8)
            for number in cancelled:
                tasks[number].cancel()
            answers = await asyncio.gather(*tasks, return_exceptions=True)
            for number, answer in enumerate(answers):
                if number not in cancelled or isinstance(answer, dict):
                    assert answer["content"] == names[number]
                else:
                    assert isinstance(answer, asyncio.CancelledError)
                    broken_off += 1
            TRIED["calls broken off"] += len(cancelled)
        assert broken_off > moments
        pool = next(iter(client._session.transport._made["chosen"]._pools.values()))
        assert (pool.open, len(pool._queue)) == (len(pool._idle), 0)

    Caller("async").run(use, proxy.base_url, timeout=20, **settings)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timer signals")
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("moments", [3000 if LONG else 300])
def test_an_interrupt_at_any_moment_leaves_the_client_usable(monkeypatch, network, moments):
    """Ctrl-C after random microseconds: the next call works, and places are not used up.

    Between making a socket and holding it, an interrupt leaves it to Python to close: it warns.
    """
    proxy, settings = network
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 16)
    chance = random.Random(4)

    def interrupt(_signal, _frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with MemoryOS(KEY, proxy.base_url, timeout=20, max_retries=0, **settings) as client:
            interrupted = 0
            for moment in range(moments):
                interrupted += interrupted_call(client, f"{moment}", chance.uniform(0.00001, 0.002))
                assert client.memories.create(f"after {moment}")["content"] == f"after {moment}"
                TRIED["calls broken off"] += 1
            assert interrupted > moments / 20
    finally:
        signal.signal(signal.SIGALRM, before)
        gc.collect()


def interrupted_call(client, name, seconds):
    """Make a call, and interrupt it after so long; return whether it was not done by then."""
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        assert client.memories.create(name)["content"] == name
        signal.setitimer(signal.ITIMER_REAL, 0)
    except KeyboardInterrupt:
        signal.setitimer(signal.ITIMER_REAL, 0)
        return True
    return False


def test_a_deadline_of_the_callers_is_not_taken_for_one_of_ours():
    """asyncio's own timeout around a call comes out as asyncio's, not as a MemoryOSError."""

    async def use():
        async with AsyncMemoryOS(KEY, proxy.base_url, timeout=20) as client:
            try:
                await asyncio.wait_for(client.memories.list(), 0.05)
            except MemoryOSError as error:
                raise AssertionError("asyncio's timeout was swallowed") from error

    with FaultProxy() as proxy:
        proxy.fail_always(faults.HANGS_BEFORE_ANSWER)
        with pytest.raises(asyncio.TimeoutError):
            asyncio.run(use())
