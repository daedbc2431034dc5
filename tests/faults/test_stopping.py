"""`create_many` ends with its caller: no other item is sent, and no attempt is repeated."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from memoryos import AsyncMemoryOS, MemoryOS
from memoryos._sync import concurrency
from memoryos.testing import faults

from .callers import KEY, wait_until

PROGRAM = Path(__file__).parent / "programs" / "stops.py"
TIMEOUT = 1.5
WAITS_LONG = faults.status(503, retry_after=30)


def endless():
    """Yield an invalid item, whose result comes at once, and valid ones without end."""
    yield {}
    for number in itertools.count():
        yield f"item {number}"


def workers():
    """Return the threads of `create_many` that are alive."""
    return [one for one in threading.enumerate() if one.name.startswith("memoryos-bulk")]


def stop_by_break(client):
    for _ in client.memories.create_many(endless(), concurrency=4):
        break


def stop_by_close(client):
    results = client.memories.create_many(endless(), concurrency=4)
    next(results)
    results.close()


def stop_by_exception(client):
    with contextlib.suppress(ZeroDivisionError):
        for result in client.memories.create_many(endless(), concurrency=4):
            print(1 / result.index)


def stop_by_progress(client):
    def fail(_done, _total):
        raise ZeroDivisionError

    with contextlib.suppress(ZeroDivisionError):
        next(client.memories.create_many(endless(), concurrency=4, on_progress=fail))


def stop_by_garbage_collection(client):
    cycle = [client.memories.create_many(endless(), concurrency=4)]
    cycle.append(cycle)
    next(cycle[0])
    del cycle
    gc.collect()


STOPS = [
    stop_by_break,
    stop_by_close,
    stop_by_exception,
    stop_by_progress,
    stop_by_garbage_collection,
]


@pytest.mark.parametrize("fault", [faults.HANGS_BEFORE_ANSWER, faults.HANGS_IN_ANSWER, WAITS_LONG])
@pytest.mark.parametrize("stop", STOPS)
def test_each_item_under_way_ends_with_its_attempt(proxy, stop, fault):
    """However the caller stops: no item is sent twice, and no thread is left."""
    proxy.fail_always(fault)
    with MemoryOS(KEY, proxy.base_url, timeout=TIMEOUT, max_retries=9) as client:
        started = time.monotonic()
        stop(client)
        wait_until(lambda: not workers())
        assert time.monotonic() - started < TIMEOUT + 5
    assert proxy.counts.requests <= 3


def test_a_service_that_hangs_holds_up_the_caller_only_for_the_grace(proxy, monkeypatch):
    """The attempts end by themselves; the client works again at once."""
    monkeypatch.setattr(concurrency, "STOP_GRACE_SECONDS", 0.05)
    proxy.fail_always(faults.HANGS_BEFORE_ANSWER)
    with MemoryOS(KEY, proxy.base_url, timeout=6, max_retries=9) as client:
        started = time.monotonic()
        stop_by_close(client)
        assert time.monotonic() - started < 4
        proxy.clear()
        assert client.memories.create("tea")["content"] == "tea"
        wait_until(lambda: not workers())
    assert proxy.counts.requests <= 4


def test_what_a_healthy_service_stores_is_done_when_the_caller_goes_on(proxy):
    """Nothing runs in the background after `break`."""
    with MemoryOS(KEY, proxy.base_url, timeout=20) as client:
        stop_by_break(client)
        assert not workers()


def test_a_generator_may_be_collected_in_one_of_its_own_threads(proxy, recwarn):
    """The garbage collector runs where it likes: a thread can't wait for itself."""
    collected_in, may_collect = [], threading.Event()
    with MemoryOS(KEY, proxy.base_url, timeout=20) as client:
        transport = client._session.transport
        held = [client.memories.create_many(endless(), concurrency=2)]

        def send(request, timeout):
            may_collect.wait()
            collected_in.append(threading.current_thread().name)
            held.clear()
            return type(transport).send(transport, request, timeout)

        transport.send = send
        next(held[0])
        may_collect.set()
        wait_until(lambda: not workers())
    assert collected_in[0].startswith("memoryos-bulk")
    assert [warning for warning in recwarn if "Unraisable" in str(warning.category)] == []


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("ending", ["aclose", "cancel", "break"])
async def test_an_async_caller_cancels_what_is_under_way(proxy, ending):
    """Before `aclose` returns, so that nothing is sent afterwards."""
    proxy.fail_always(faults.HANGS_BEFORE_ANSWER)
    async with AsyncMemoryOS(KEY, proxy.base_url, timeout=20, max_retries=9) as client:
        results = client.memories.create_many(endless(), concurrency=4)
        before = asyncio.all_tasks()
        await results.__anext__()
        if ending == "aclose":
            await results.aclose()
        elif ending == "cancel":
            task = asyncio.ensure_future(results.__anext__())
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        else:
            del results
            for _ in range(20):
                await asyncio.sleep(0)
        assert {*asyncio.all_tasks()} - before == set()
        await asyncio.sleep(0.3)  # the proxy accepts what had begun, and finds it closed
    assert proxy.counts.requests <= 4


@contextlib.contextmanager
def started(way, base_url):
    """Run a program until the end of the block."""
    environment = {**os.environ, "MEMORY_OS_API_KEY": KEY}
    command = [sys.executable, "-W", "error", str(PROGRAM), way, base_url]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to all processes of a console")
@pytest.mark.parametrize(
    ("way", "under_way"),
    [("in_the_loop", 4), ("never_closed", 4), ("in_the_body", 3), ("named", 3)],
)
def test_one_ctrl_c_ends_the_program(proxy, way, under_way):
    """With one traceback, that of the KeyboardInterrupt, and without another attempt."""
    proxy.fail_always(faults.HANGS_BEFORE_ANSWER)
    with started(way, proxy.base_url) as process:
        wait_until(lambda: proxy.counts.requests == under_way)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=15)
    assert process.returncode == -signal.SIGINT
    assert errors.count("Traceback") == 1
    assert errors.endswith("\nKeyboardInterrupt\n")
    assert proxy.counts.requests == under_way


def test_a_program_that_ends_waits_for_no_attempt(proxy):
    """Also where it never closes the generator; nothing is printed on the way."""
    proxy.fail_always(faults.HANGS_BEFORE_ANSWER)
    with started("at_exit", proxy.base_url) as process:
        output, errors = process.communicate(timeout=10)
    assert (output, process.returncode) == ("0\n", 0)
    assert "Traceback" not in errors


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to all processes of a console")
def test_one_ctrl_c_ends_the_command_line(proxy):
    """With its own status and line."""
    proxy.fail_always(faults.HANGS_BEFORE_ANSWER)
    environment = {**os.environ, "MEMORY_OS_API_KEY": KEY, "MEMORY_OS_BASE_URL": proxy.base_url}
    program = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from memoryos._cli.main import main; sys.exit(main())"
    )
    command = [sys.executable, "-c", program, "create", "--lines", "--concurrency", "4"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as process:
        try:
            process.stdin.write("line\n" * 100)
            process.stdin.close()
            process.stdin = None
            wait_until(lambda: proxy.counts.requests == 4)
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=15)
        finally:
            process.kill()
    assert (process.returncode, output) == (130, "")
    assert re.fullmatch(
        r"stopped after 0 memories; to continue, .* --batch \w+ .*\nmemoryos create: interrupted\n",
        errors,
    )
    assert proxy.counts.requests == 4
