"""Programs that never close their client: `unclosed.py FORM BASE_URL`."""

from __future__ import annotations

import asyncio
import functools
import gc
import sys
import threading
import types

from memoryos import AsyncMemoryOS, MemoryOS

BASE_URL = sys.argv[2]
KEY = "mos_test_unclosed"


def used(**settings):
    """Return a client after a call."""
    client = MemoryOS(KEY, BASE_URL, **settings)
    client.tags.list()
    return client


async def used_async(client=None):
    """Return an asynchronous client after a call."""
    client = client or AsyncMemoryOS(KEY, BASE_URL)
    await client.tags.list()
    return client


async def used_in_cycle():
    """Leave a client in a reference cycle."""
    in_cycle(await used_async())


async def used_by_many():
    """Open several connections."""
    client = AsyncMemoryOS(KEY, BASE_URL)
    await asyncio.gather(*(used_async(client) for _ in range(5)))
    return client


async def used_and_cancelled():
    """Break a call off."""
    client = await used_async()
    call = asyncio.ensure_future(client.tags.list())
    await asyncio.sleep(0)
    call.cancel()
    return client


async def used_and_dropped():
    """Forget a client while the loop runs."""
    await used_async()
    await asyncio.sleep(0.01)


def in_cycle(client):
    """Put a client into a reference cycle, and forget it."""
    node = types.SimpleNamespace(client=client)
    node.itself = node


def closure():
    """Return a function that holds a client."""
    client = used()
    return lambda: client


def in_module():
    """Put a client into another module."""
    module = sys.modules["another"] = types.ModuleType("another")
    module.client = used()


def in_thread():
    """Use a client in a thread, and hold it there."""
    local = threading.local()

    def work():
        local.client = used()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return local


def in_loops(*, close):
    """Use a client in loops that are made by hand."""
    client = AsyncMemoryOS(KEY, BASE_URL)
    for _ in range(2):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(used_async(client))
        if close:
            loop.close()
    return client


def dropped_with_loop():
    """Forget a client together with its loop, which is never closed."""
    in_loops(close=False)
    gc.collect()


def several_runs():
    """Use a client in several loops."""
    client = AsyncMemoryOS(KEY, BASE_URL)
    for _ in range(2):
        asyncio.run(used_async(client))
    return client


def given():
    """Pass an httpx client, which is never closed either."""
    import httpx

    return used(http_client=httpx.Client(trust_env=False))


def given_async():
    """Pass an asynchronous httpx client."""
    import httpx

    client = AsyncMemoryOS(KEY, BASE_URL, http_client=httpx.AsyncClient(trust_env=False))
    asyncio.run(used_async(client))
    return client


def local():
    """Use a Memory OS in this process."""
    client = MemoryOS.local(":memory:", embedder="none")
    client.tags.list()
    return client


def local_async():
    """Use one asynchronously."""
    client = AsyncMemoryOS.local(":memory:", embedder="none")
    asyncio.run(used_async(client))
    return client


@functools.lru_cache(maxsize=None)
def cached():
    """Return a client, the same one each time."""
    return used()


class Holder:
    """Has a client as a class attribute."""


def attribute():
    """Set the attribute."""
    Holder.client = used()


def children():
    """Use a client and another one with options."""
    client = used()
    child = client.with_options(timeout=3)
    child.tags.list()
    return child


FORMS = {
    "module": used,
    "class attribute": attribute,
    "closure": closure,
    "lru_cache": cached,
    "another module": in_module,
    "builtins": lambda: setattr(sys, "memory", used()),
    "cycle": lambda: in_cycle(used()),
    "thread": in_thread,
    "with_options": children,
    "only a child": lambda: used().with_options(timeout=3),
    "low_level": lambda: used().low_level,
    "never used": lambda: (MemoryOS(KEY, BASE_URL), AsyncMemoryOS(KEY, BASE_URL)),
    "http_client": given,
    "async": lambda: asyncio.run(used_async()),
    "async, dropped": lambda: asyncio.run(used_and_dropped()),
    "async, cycle": lambda: asyncio.run(used_in_cycle()),
    "async, many": lambda: asyncio.run(used_by_many()),
    "async, cancelled": lambda: asyncio.run(used_and_cancelled()),
    "async, several runs": several_runs,
    "async, closed loops": lambda: in_loops(close=True),
    "async, open loops": lambda: in_loops(close=False),
    "async, dropped with its loop": dropped_with_loop,
    "async, http_client": given_async,
    "local": local,
    "local, async": local_async,
}

result = FORMS[sys.argv[1]]()
