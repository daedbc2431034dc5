"""Uses one client before and after a fork, in the way that is named; prints `fine`, or fails.

usage: forks.py WAY BASE_URL, with the key in MEMORY_OS_API_KEY
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
import traceback
import warnings

from memoryos import AsyncMemoryOS, MemoryOS

CALLS = 15
PATIENCE = 60  # seconds, before a process that hangs says where


def calls(client, name):
    """Make some calls, each of which must get its own answer."""
    for number in range(CALLS):
        content = f"{name} {number}"
        answer = client.memories.create(content)["content"]
        assert answer == content, (answer, content)


async def calls_async(client, name):
    """Make some calls at once, each of which must get its own answer."""
    names = [f"{name} {number}" for number in range(CALLS)]
    answers = await asyncio.gather(*(client.memories.create(content) for content in names))
    assert [answer["content"] for answer in answers] == names


def forked(work):
    """Run `work` in a forked process; return what to wait for."""
    process = os.fork()
    if process:
        return process
    status = 1
    signal.alarm(PATIENCE)  # a parent's is not its child's
    try:
        work()
        status = 0
    except BaseException:  # noqa: BLE001 - it leaves no other way
        traceback.print_exc()
    finally:
        os._exit(status)


def succeeded(process):
    """Wait for a forked process, and fail where it did."""
    assert os.waitpid(process, 0)[1] == 0


def fork(base_url):
    """Parent and child use the client at the same time, over a connection that the parent made."""
    with MemoryOS(base_url=base_url) as client:
        calls(client, "before")
        children = [forked(lambda n=n: calls(client, f"child {n}")) for n in range(4)]
        calls(client, "parent")
        for child in children:
            succeeded(child)
        calls(client, "after")


def fork_again(base_url):
    """A child of a child has connections of its own, too."""

    def child():
        calls(client, "child")
        grandchild = forked(lambda: calls(client, "grandchild"))
        calls(client, "child")
        succeeded(grandchild)

    with MemoryOS(base_url=base_url) as client:
        calls(client, "before")
        succeeded(forked(child))
        calls(client, "after")


def fork_among_threads(base_url):
    """Threads are in the middle of calls when the process is forked: no lock stays held."""
    warnings.simplefilter("ignore", DeprecationWarning)  # of just that
    is_tls = base_url.startswith("https:")
    with MemoryOS(base_url=base_url) as client:

        def started():
            threads = [threading.Thread(target=calls, args=(client, f"t{n}")) for n in range(8)]
            for thread in threads:
                thread.start()
            return threads

        for thread in started():  # opens connections
            thread.join()
        with no_lookups() if is_tls else contextlib.nullcontext():
            threads = started()
            children = [forked(lambda n=n: calls(client, f"child {n}")) for n in range(10)]
        for thread in threads:
            thread.join()
        for child in children:
            succeeded(child)


def fork_while_locked(base_url):
    """A thread has the lock of the connections at the moment of the fork: no child waits for it."""
    with MemoryOS(base_url=base_url) as client:
        calls(client, "before")
        (pool,) = client._session.transport._made["chosen"]._pools.values()
        with pool._lock:
            children = [forked(lambda: calls(client, "child")), forked(client.close)]
        for child in children:
            succeeded(child)
        calls(client, "after")


class SlowImports:
    """A finder that finds nothing, slowly, and says when a thread imports something."""

    def __init__(self):
        self.began = threading.Event()

    def find_spec(self, name, *_arguments):
        """Wait, and leave the module to the other finders."""
        if name.partition(".")[0] in ("memoryos", "memoryos_api", "httptools", "h11", "httpx"):
            self.began.set()
            time.sleep(0.02)


@contextlib.contextmanager
def no_lookups():
    """Let this process look up addresses only after the block, but the ones forked in it at once.

    A process that is forked while another thread is inside the C library's resolver, or in a
    handshake of OpenSSL, may inherit their locks: no Python program can prevent that.
    """
    lookup, process, over = socket.getaddrinfo, os.getpid(), threading.Event()

    def delayed(*arguments, **options):
        if os.getpid() == process:
            over.wait(PATIENCE)
        return lookup(*arguments, **options)

    socket.getaddrinfo = delayed
    try:
        yield
    finally:
        socket.getaddrinfo = lookup
        over.set()


def fork_in_first_call(base_url):
    """Another thread makes its first call, and imports what that needs."""
    warnings.simplefilter("ignore", DeprecationWarning)  # the process has threads when it forks
    client = MemoryOS(base_url=base_url)
    slow = SlowImports()
    sys.meta_path.insert(0, slow)
    thread = threading.Thread(target=calls, args=(client, "thread"))
    with no_lookups():
        thread.start()
        slow.began.wait(PATIENCE)
        children = [forked(lambda n=n: calls(client, f"child {n}")) for n in range(3)]
    thread.join()
    for child in children:
        succeeded(child)
    client.close()


def fork_in_first_async_call(base_url):
    """Another thread runs a loop, whose first call imports what it needs."""
    warnings.simplefilter("ignore", DeprecationWarning)
    slow = SlowImports()
    client = AsyncMemoryOS(base_url=base_url)
    sys.meta_path.insert(0, slow)

    def work(name):
        asyncio.run(calls_async(client, name))

    thread = threading.Thread(target=work, args=("thread",))
    with no_lookups():
        thread.start()
        slow.began.wait(PATIENCE)
        child = forked(lambda: work("child"))
    thread.join()
    succeeded(child)
    asyncio.run(client.close())


def fork_async(base_url):
    """An async client goes on in a forked process, with a loop of its own."""

    async def parent():
        await calls_async(client, "before")

    client = AsyncMemoryOS(base_url=base_url)
    asyncio.run(parent())
    child = forked(lambda: asyncio.run(calls_async(client, "child")))
    asyncio.run(calls_async(client, "after"))
    succeeded(child)
    asyncio.run(client.close())


def prefork_server(base_url):
    """A server loads the app, and a client in it, before it forks its workers."""
    client = MemoryOS(base_url=base_url)
    workers = [forked(lambda n=n: calls(client, f"worker {n}")) for n in range(4)]
    for worker in workers:
        succeeded(worker)
    client.close()


def close_in_child(base_url):
    """A child that closes the client leaves the parent's connection alone."""
    with MemoryOS(base_url=base_url) as client:
        calls(client, "before")
        succeeded(forked(client.close))
        calls(client, "after")


def _worker(client):
    calls(client, "worker")
    client.close()
    return "fine"


def _pool(base_url, method):
    with MemoryOS(base_url=base_url) as client:
        calls(client, "before")
        with multiprocessing.get_context(method).Pool(2) as pool:
            results = [pool.apply_async(_worker, (client,)) for _ in range(4)]
            assert [result.get(60) for result in results] == ["fine"] * 4
        calls(client, "after")


def multiprocessing_fork(base_url):
    """The client is sent to workers that were forked."""
    warnings.simplefilter("ignore", DeprecationWarning)  # the pool has threads when it forks
    _pool(base_url, "fork")


def multiprocessing_spawn(base_url):
    """The client is sent to workers that were started afresh: the key is in their environment."""
    _pool(base_url, "spawn")


WAYS = (
    fork,
    fork_again,
    fork_among_threads,
    fork_while_locked,
    fork_in_first_call,
    fork_in_first_async_call,
    fork_async,
    prefork_server,
    close_in_child,
    multiprocessing_fork,
    multiprocessing_spawn,
)

if __name__ == "__main__":
    faulthandler.register(signal.SIGALRM, chain=True)
    signal.alarm(PATIENCE)
    {way.__name__: way for way in WAYS}[sys.argv[1]](sys.argv[2])
    print("fine")
