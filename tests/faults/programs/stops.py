"""Programs that Ctrl-C ends while `create_many` waits for a service that hangs."""

from __future__ import annotations

import itertools
import signal
import sys
import time

from memoryos import MemoryOS

# Background processes of a shell start with SIGINT ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)


def items():
    """Yield an invalid item, whose result comes at once, and valid ones without end."""
    yield {}
    for number in itertools.count():
        yield f"item {number}"


def results(client):
    """Return the results, with three calls under way after the first."""
    return client.memories.create_many(items(), concurrency=4)


def in_the_loop():
    """Wait for the next result."""
    with MemoryOS(base_url=BASE_URL, timeout=2, max_retries=9) as client:
        for result in results(client):
            print(result.index, flush=True)


def never_closed():
    """The same with a client that nobody closes."""
    client = MemoryOS(base_url=BASE_URL, timeout=2, max_retries=9)
    print([result.index for result in results(client)])


def in_the_body():
    """Ctrl-C comes while the caller does something else."""
    with MemoryOS(base_url=BASE_URL, timeout=2, max_retries=9) as client:
        for result in results(client):
            print(result.index, flush=True)
            time.sleep(60)


def named():
    """The same with a generator that a variable holds."""
    client = MemoryOS(base_url=BASE_URL, timeout=2, max_retries=9)
    held = results(client)
    for result in held:
        print(result.index, flush=True)
        time.sleep(60)


def at_exit():
    """The program ends by itself, with a generator that nobody closes."""
    global abandoned  # noqa: PLW0603 - alive until the interpreter clears the module
    abandoned = results(MemoryOS(base_url=BASE_URL, timeout=30, max_retries=9))
    print(next(abandoned).index, flush=True)


if __name__ == "__main__":
    BASE_URL = sys.argv[2]
    {way.__name__: way for way in (in_the_loop, never_closed, in_the_body, named, at_exit)}[
        sys.argv[1]
    ]()
