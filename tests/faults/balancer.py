"""Several servers behind one address: each connection goes to the next one that takes it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from itertools import count


class Balancer:
    """Spreads connections over the given ports of this machine; it looks at nothing in them."""

    def __init__(self, ports):
        self.ports = ports
        self.taken = [0] * len(ports)
        self._turns = count()
        self._links = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_):
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _stop(self):
        self._server.close()
        links = list(self._links)
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)

    async def _serve(self, reader, writer):
        link = asyncio.ensure_future(self._connect(reader, writer))
        self._links.add(link)
        link.add_done_callback(self._links.discard)
        with contextlib.suppress(asyncio.CancelledError):
            await link

    async def _connect(self, reader, writer):
        with contextlib.closing(writer):
            for _ in self.ports:
                number = next(self._turns) % len(self.ports)
                try:
                    ours = await asyncio.open_connection("127.0.0.1", self.ports[number])
                except OSError:
                    continue
                self.taken[number] += 1
                with contextlib.closing(ours[1]):
                    await _first_ended(_copy(reader, ours[1]), _copy(ours[0], writer))
                return


async def _first_ended(*works):
    """Wait until one direction has ended; then the connection is over in both."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _copy(reader, writer):
    with contextlib.suppress(OSError):
        while True:
            part = await reader.read(65_536)
            if not part:
                return
            writer.write(part)
            await writer.drain()
