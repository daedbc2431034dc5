"""The four ways to a Memory OS, behind one face: sync and async, in-process and over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
from typing import NamedTuple

from memoryos import AsyncMemoryOS, MemoryOS, MemoryOSError

from .transcripts import Transcript


class Implementation(NamedTuple):
    """One of the ways."""

    client: type
    over_http: bool

    def __str__(self):
        return f"{self.client.__name__} {'over HTTP' if self.over_http else 'in-process'}"


IMPLEMENTATIONS = [
    Implementation(client, over_http)
    for over_http in (False, True)
    for client in (MemoryOS, AsyncMemoryOS)
]


class Unified:
    """A client of either kind: every call returns its answer, and stands in the transcript."""

    def __init__(self, target, run, transcript, name=""):
        self._target = target
        self._run = run
        self._name = name
        self.transcript = transcript

    def __getattr__(self, name):
        value = getattr(self._target, name)
        dotted = f"{self._name}.{name}".lstrip(".")
        if not callable(value):
            return Unified(value, self._run, self.transcript, dotted)

        def call(*args, **kwargs):
            try:
                answer = self._run(value(*args, **kwargs))
            except MemoryOSError as error:
                self.transcript.add(dotted, error)
                raise
            self.transcript.add(dotted, answer)
            return answer

        return call


@contextlib.contextmanager
def unified(client):
    """Put one face on a client, and close it in the end."""
    with contextlib.ExitStack() as stack:
        run = _itself
        if isinstance(client, AsyncMemoryOS):
            run = stack.enter_context(_one_loop())
        yield Unified(client, run, Transcript())
        run(client.close())


@contextlib.contextmanager
def empty_memory(implementation, server, folder):
    """Open a Memory OS without memories: a new owner on the server, or a new file."""
    if implementation.over_http:
        key = server.new_key(scopes=["*"])
        client = implementation.client(api_key=key, base_url=server.base_url)
    else:
        client = implementation.client.local(folder / f"{implementation}.db")
    with unified(client) as memory:
        yield memory


def _itself(answer):
    return answer


@contextlib.contextmanager
def _one_loop():
    loop = asyncio.new_event_loop()
    try:
        yield loop.run_until_complete
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
