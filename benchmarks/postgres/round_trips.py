"""Round trips between a server and PostgreSQL per request, counted by a proxy."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Proxy", "proxy"]

_SOCKET = ".s.PGSQL.5432"


class Proxy:
    """A socket that passes everything on to PostgreSQL's.

    Args:
        url: URL of the database to connect through the proxy.

    Attributes:
        trips: How often the server sent something and then waited for PostgreSQL.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.trips = 0

    async def serve(self, folder: Path, target: str) -> None:
        """Serve on a socket in `folder` until it is cancelled."""

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there, back = await asyncio.open_unix_connection(target)
            answered = asyncio.Event()
            answered.set()
            await asyncio.gather(
                self._pass_on(reader, back, answered, is_question=True),
                self._pass_on(there, writer, answered, is_question=False),
                return_exceptions=True,
            )

        server = await asyncio.start_unix_server(connected, folder / _SOCKET)
        async with server:
            await server.serve_forever()

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        answered: asyncio.Event,
        *,
        is_question: bool,
    ) -> None:
        with contextlib.closing(writer):
            while data := await reader.read(2**20):
                if not is_question:
                    answered.set()
                elif answered.is_set():
                    self.trips += 1
                    answered.clear()
                writer.write(data)
                await writer.drain()


@contextlib.contextmanager
def proxy(url: str, folder: Path) -> Iterator[Proxy]:
    """Run a proxy before the PostgreSQL of a URL, which names its host by a socket's folder."""
    target = Path(parse_qs(urlsplit(url).query)["host"][0], _SOCKET)
    passing = Proxy(url.replace(str(target.parent), str(folder)))
    loop = asyncio.new_event_loop()
    serving = loop.create_task(passing.serve(folder, str(target)))
    thread = threading.Thread(target=_run, args=(loop, serving))
    thread.start()
    try:
        yield passing
    finally:
        loop.call_soon_threadsafe(serving.cancel)
        thread.join()


def _run(loop: asyncio.AbstractEventLoop, serving: asyncio.Task[None]) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        loop.run_until_complete(serving)
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0.1))
    loop.close()
