"""One client's connection to the proxy, and the connection to the service that belongs to it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from typing import Iterable, Optional, Tuple

from ._http_messages import content_length, read_body, read_head
from .faults import End, Fault, Moment

# SO_LINGER on, for no time: closing the socket then resets the connection.
_RESETTING = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
_HANDSHAKE_LIMIT = 1.0  # seconds for a client to agree to a connection's end
LARGEST_HEAD = 128 * 1024

HUNG_UP = (OSError, EOFError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


class ProxyConnection:
    """Reads requests from a client, and ends or delays what is planned to fail."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.task: Optional[asyncio.Task[object]] = asyncio.current_task()
        self._writer = writer
        self._upstream: Optional[Tuple[asyncio.StreamReader, asyncio.StreamWriter]] = None

    async def request(self, first: bytes, fault: Fault) -> Optional[Tuple[bytes, bytes, bytes]]:
        """Return head, body and the bytes that carried the body; None where a fault ended it."""
        if fault.at in (Moment.CONNECTION, Moment.REQUEST) and fault.ends is not None:
            await self.end(fault)
            return None
        head = first + await read_head(self.reader)
        if fault.at is Moment.HALF_REQUEST and fault.ends is not None:
            await self.reader.readexactly(content_length(head) // 2)
            await self.end(fault)
            return None
        body, raw = await read_body(self.reader, head)
        return head, body, raw

    async def ask(self, address: Tuple[str, int], request: bytes, method: str) -> bytes:
        """Send a request to the service as it came, and return its answer."""
        if self._upstream is None:
            self._upstream = await asyncio.open_connection(*address, limit=LARGEST_HEAD)
        reader, writer = self._upstream
        writer.write(request)
        head = await read_head(reader)
        has_no_body = method == "HEAD" or head[9:12] in (b"204", b"304")
        return head if has_no_body else head + (await read_body(reader, head))[1]

    async def send(self, parts: Iterable[bytes], fault: Fault) -> bool:
        """Send an answer, as far and as fast as the fault allows; return whether it went whole."""
        await asyncio.sleep(fault.delay)
        if fault.at is Moment.HALF_ANSWER and fault.ends is not None:
            answer = b"".join(parts)
            body_at = answer.find(b"\r\n\r\n") + 4
            await self._write(answer[: (body_at + len(answer)) // 2])
            await self.end(fault)
            return False
        for part in parts:
            if fault.drip:
                for position in range(len(part)):
                    await self._write(part[position : position + 1])
                    await asyncio.sleep(fault.drip)
            else:
                await self._write(part)
        return True

    async def _write(self, part: bytes) -> None:
        self._writer.write(part)
        await self._writer.drain()

    async def end(self, fault: Fault) -> None:
        """End the exchange in the way of the fault."""
        if fault.ends is End.HANG:
            if fault.at is Moment.HALF_REQUEST:  # what is left of the request is never read
                await asyncio.Event().wait()
            while await self.reader.read(LARGEST_HEAD):
                pass  # until the client hangs up
        elif fault.ends is End.CLOSE:
            self._writer.close()
            with contextlib.suppress(*HUNG_UP, asyncio.TimeoutError):
                await asyncio.wait_for(self._writer.wait_closed(), _HANDSHAKE_LIMIT)
        self.cut(resetting=fault.ends is not End.CLOSE)

    def cut(self, *, resetting: bool = True) -> None:
        """End the connection at once."""
        sock: Optional[socket.socket] = self._writer.get_extra_info("socket")
        if resetting and sock is not None and sock.fileno() >= 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESETTING)
        self._writer.transport.abort()
        if self._upstream is not None:
            self._upstream[1].transport.abort()

    async def closed(self) -> None:
        """Wait until nothing of it is open."""
        self._writer.transport.abort()
        writers = [self._writer]
        if self._upstream is not None:
            self._upstream[1].transport.abort()
            writers.append(self._upstream[1])
        for writer in writers:
            with contextlib.suppress(*HUNG_UP):
                await writer.wait_closed()
