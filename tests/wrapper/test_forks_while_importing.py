"""A process is forked while another thread makes its first call, whose imports take a while."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from memoryos.testing import FaultProxy

PROGRAM = """
import os, signal, socket, sys, threading, time, warnings

import memoryos

WAY, BASE_URL = sys.argv[1:]
warnings.simplefilter("ignore", DeprecationWarning)  # of a fork among threads


def look_up(host, port, *_arguments, **_options):
    # A child that is forked while another thread is inside the C library's resolver inherits its
    # locks: no Python program can prevent that. The codec is what a real look-up imports.
    host.encode("idna")
    return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port))]


class SlowImports:
    def find_spec(self, name, path=None, target=None):
        if threading.current_thread() is first:
            time.sleep(0.01)


def call():
    if WAY == "low_level":
        return client.low_level
    if WAY == "bulk":
        return list(client.memories.create_many(["a content"], concurrency=1))
    return client.memories.create("a content")


client = memoryos.MemoryOS(base_url=BASE_URL)
socket.getaddrinfo = look_up
first = threading.Thread(target=call, daemon=True)
sys.meta_path.insert(0, SlowImports())
signal.signal(signal.SIGALRM, lambda *_: os._exit(4))
signal.alarm(50)  # the parent must not hang either
first.start()
children = []
while first.is_alive() or not children:
    time.sleep(0.005)
    child = os.fork()
    if not child:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(30)
        call()
        os._exit(0)
    children.append(child)
print({os.waitpid(child, 0)[1] for child in children})
"""

WATCHING_PROGRAM = """
import asyncio, sys

import memoryos
from memoryos import _imports

WAY, BASE_URL = sys.argv[1:]
interruptible = []


class Watch:
    def find_spec(self, name, path=None, target=None):
        if not _imports._lock._is_owned():
            interruptible.append(name)


async def call_async():
    await client.memories.create("a content")
    await client.close()


def call():
    if WAY == "low_level":
        return client.low_level
    if WAY == "bulk":
        return list(client.memories.create_many(["a content"], concurrency=1))
    return client.memories.create("a content")


if WAY == "async":
    asyncio.run(asyncio.sleep(0))  # asyncio's own imports
    client = memoryos.AsyncMemoryOS(base_url=BASE_URL)
    sys.meta_path.insert(0, Watch())
    asyncio.run(call_async())
else:
    client = memoryos.MemoryOS(base_url=BASE_URL)
    sys.meta_path.insert(0, Watch())
    call()
    client.close()
print(interruptible)
"""


def ended(program, way):
    """Run a program whose service has a name, and may be behind a proxy."""
    with FaultProxy() as service:
        base_url = service.base_url.replace("127.0.0.1", "localhost")
        environment = {**os.environ, "MEMORY_OS_API_KEY": "mos_live_" + "0" * 32, "NO_PROXY": ""}
        if way == "proxy":
            environment["HTTP_PROXY"] = service.base_url.partition("/v1")[0]
        return subprocess.run(
            [sys.executable, "-c", program, way, base_url],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # children that hang would keep it open
            text=True,
            timeout=90,
            check=False,
        )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("way", ["direct", "proxy", "low_level", "bulk"])
def test_a_fork_during_a_first_call_hangs_no_process(way):
    """Neither the parent nor a child waits for the lock of a module or of `logging`."""
    process = ended(PROGRAM, way)
    assert (process.stdout, process.returncode) == ("{0}\n", 0)


@pytest.mark.parametrize("way", ["direct", "proxy", "low_level", "bulk", "async"])
def test_all_that_a_first_call_imports_it_imports_while_forks_wait(way):
    """The test above meets only what takes a while; this one every import, in each run."""
    process = ended(WATCHING_PROGRAM, way)
    assert (process.stdout, process.returncode) == ("[]\n", 0)
