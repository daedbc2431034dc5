"""A socket that answers by itself, for whole calls without a network, a thread or a wait."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sys
from collections import Counter

from memoryos import AsyncMemoryOS, MemoryOS
from memoryos._async import connections as async_connections
from memoryos._async.transport import AsyncTransport
from memoryos._sync import connections
from memoryos._sync.transport import Transport

from . import contract_answers as answers

KEY = "mos_test_unit0123456789"
BASE_URL = "http://memory.test/v1"
# As they are before the watch on exchanges is put around them, whose calls must not be counted.
SENDS = [(kind, kind.send) for kind in (Transport, AsyncTransport)]
MEMORY = answers.example("Memory")
SEARCH = answers.example("SearchResponse")


def page(length):
    """Return a page with so many memories."""
    return {"data": [MEMORY["data"]] * length, "meta": answers.example("MemoryPage")["meta"]}


def reply(body, status=200):
    """Return the bytes of an answer."""
    content = json.dumps(body, separators=(",", ":")).encode()
    head = f"HTTP/1.1 {status} OK\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(content)}\r\n\r\n".encode() + content


class AnsweringSocket(socket.socket):
    """One end of a pair: what is sent is noted, and answered at once by the other end."""

    def __init__(self, line):
        mine, self._other = socket.socketpair()
        super().__init__(fileno=mine.detach())
        self.setblocking(False)  # noqa: FBT003 - the standard library's signature
        self._line = line

    def send(self, data, *flags):
        """Take a request, which comes whole, and answer it."""
        self._line.sent.append(bytes(data))
        self._other.sendall(self._line.next_reply())
        return len(data)

    def recv(self, *arguments):
        """Read, and note it."""
        self._line.reads += 1
        return super().recv(*arguments)

    def close(self):
        """Close both ends."""
        self._other.close()
        super().close()


class Line:
    """One kind of client, whose connections are answering sockets."""

    def __init__(self, kind, monkeypatch, engine=None):
        if engine is not None:
            monkeypatch.setattr(connections, "ENGINE", engine)
            monkeypatch.setattr(async_connections, "ENGINE", engine)
        self.is_async = kind == "async"
        self.replies = [reply(MEMORY)]
        self.sent = []
        self.sockets = []
        self.reads = 0

        for transport, send in SENDS:
            monkeypatch.setattr(transport, "send", send)

        async def connect(*_arguments):
            return self._socket()

        monkeypatch.setattr(connections, "connect", lambda *_arguments: self._socket())
        monkeypatch.setattr(async_connections, "connect", connect)

    def _socket(self):
        self.sockets.append(AnsweringSocket(self))
        return self.sockets[-1]

    def next_reply(self):
        """Return the next reply; the last one is given again and again."""
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def run(self, call, *, warm=0, times=1, watched=contextlib.nullcontext):
        """Make a call some times, under watch, after some without; return what the watch saw."""
        return (
            asyncio.run(self._run_async(call, warm, times, watched))
            if self.is_async
            else (self._run(call, warm, times, watched))
        )

    def _run(self, call, warm, times, watched):
        with MemoryOS(KEY, BASE_URL) as client:
            client._session.sleep = lambda _seconds: None
            for _ in range(warm):
                call(client)
            with watched() as seen:
                for _ in range(times):
                    call(client)
        return seen

    async def _run_async(self, call, warm, times, watched):
        async with AsyncMemoryOS(KEY, BASE_URL) as client:
            client._session.sleep = lambda _seconds: asyncio.sleep(0)
            for _ in range(warm):
                await call(client)
            with watched() as seen:
                for _ in range(times):
                    await call(client)
        return seen


@contextlib.contextmanager
def calls_counted():
    """Count the calls of functions in Python, by the file that the function stands in."""
    counted = Counter()

    def note(frame, event, _argument):
        if event == "call":
            counted[frame.f_code.co_filename.replace("\\", "/")] += 1

    sys.setprofile(note)
    try:
        yield counted
    finally:
        sys.setprofile(None)


@contextlib.contextmanager
def instructions_counted():
    """Count the instructions of Python that run in this thread; the result has one number."""
    counted = [0]

    def note(frame, event, _argument):
        frame.f_trace_opcodes = True
        counted[0] += event == "opcode"
        return note

    before = sys.gettrace()
    sys.settrace(note)
    try:
        yield counted
    finally:
        sys.settrace(before)
