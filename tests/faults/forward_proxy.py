"""A forward proxy as companies have it: plain requests are passed on, `CONNECT` opens a tunnel."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from urllib.parse import urlsplit


class ForwardProxy:
    """Listens on this machine, and writes down all that it can read."""

    def __init__(self, refuses=False):
        self.refuses = refuses
        self.heads = []
        self.seen = b""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._tasks = set()

    def __enter__(self):
        self._thread.start()
        self._do(self._start())
        return self

    def __exit__(self, *_):
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def address(self):
        """What HTTP_PROXY is set to."""
        return f"http://127.0.0.1:{self.port}"

    def _do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _start(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _stop(self):
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader, writer):
        self._tasks.add(asyncio.current_task())
        writers = [writer]
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
            await self._carry(reader, writer, writers)
        for open_writer in writers:
            open_writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await open_writer.wait_closed()
        self._tasks.discard(asyncio.current_task())

    async def _carry(self, reader, writer, writers):
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        self.seen += head
        if self.refuses:
            writer.write(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return
        method, target, _ = head.decode().split(" ", 2)
        is_tunnel = method == "CONNECT"
        parts = urlsplit(f"//{target}" if is_tunnel else target)
        onward_reader, onward = await asyncio.open_connection(parts.hostname, parts.port)
        writers.append(onward)
        if is_tunnel:
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            path = target.split(parts.netloc, 1)[1]
            onward.write(head.replace(target.encode(), path.encode(), 1))
        await asyncio.wait(
            [
                asyncio.ensure_future(self._pass_on(reader, onward, listening=True)),
                asyncio.ensure_future(self._pass_on(onward_reader, writer, listening=False)),
            ],
            return_when=asyncio.FIRST_COMPLETED,
        )

    async def _pass_on(self, source, target, *, listening):
        with contextlib.suppress(OSError):
            while True:
                data = await source.read(65536)
                if not data:
                    return
                if listening:
                    self.seen += data
                target.write(data)
                await target.drain()
