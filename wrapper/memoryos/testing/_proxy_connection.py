"""A client's connection to the proxy, and its connection to the service."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from typing import Iterable, Optional, Tuple

from ._http_messages import content_length, read_body, read_head
from .faults import End, Fault, Moment

# SO_LINGER with a timeout of 0: closing the socket resets the connection.
_RESET_ON_CLOSE = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
_CLOSE_TIMEOUT_SECONDS = 1.0
MAX_HEAD_BYTES = 128 * 1024

CONNECTION_ERRORS = (OSError, EOFError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


class ProxyConnection:
    """Reads requests from a client and forwards them, with faults applied."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.task: Optional[asyncio.Task[object]] = asyncio.current_task()
        self._writer = writer
        self._upstream: Optional[Tuple[asyncio.StreamReader, asyncio.StreamWriter]] = None

    async def read_request(
        self, first: bytes, fault: Fault
    ) -> Optional[Tuple[bytes, bytes, bytes]]:
        """Return head, body and raw body of a request; None if a fault ended the connection."""
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

    async def forward(self, address: Tuple[str, int], request: bytes, method: str) -> bytes:
        """Forward a request unchanged to the service, and return its response."""
        if self._upstream is None:
            self._upstream = await asyncio.open_connection(*address, limit=MAX_HEAD_BYTES)
        reader, writer = self._upstream
        writer.write(request)
        head = await read_head(reader)
        has_no_body = method == "HEAD" or head[9:12] in (b"204", b"304")
        return head if has_no_body else head + (await read_body(reader, head))[1]

    async def send(self, parts: Iterable[bytes], fault: Fault) -> bool:
        """Send a response as the fault allows; return whether it was sent completely."""
        await asyncio.sleep(fault.delay)
        if fault.at is Moment.HALF_ANSWER and fault.ends is not None:
            response = b"".join(parts)
            body_at = response.find(b"\r\n\r\n") + 4
            await self._write(response[: (body_at + len(response)) // 2])
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
        """End the connection as the fault says."""
        if fault.ends is End.HANG:
            if fault.at is Moment.HALF_REQUEST:  # never read the rest of the request
                await asyncio.Event().wait()
            while await self.reader.read(MAX_HEAD_BYTES):
                pass  # until the client closes the connection
        elif fault.ends is End.CLOSE:
            self._writer.close()
            with contextlib.suppress(*CONNECTION_ERRORS, asyncio.TimeoutError):
                await asyncio.wait_for(self._writer.wait_closed(), _CLOSE_TIMEOUT_SECONDS)
        self.close(reset=fault.ends is not End.CLOSE)

    def close(self, *, reset: bool = True) -> None:
        """Close the connection immediately."""
        sock: Optional[socket.socket] = self._writer.get_extra_info("socket")
        if reset and sock is not None and sock.fileno() >= 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._writer.transport.abort()
        if self._upstream is not None:
            self._upstream[1].transport.abort()

    async def wait_closed(self) -> None:
        """Close both connections, and wait until they are closed."""
        self._writer.transport.abort()
        writers = [self._writer]
        if self._upstream is not None:
            self._upstream[1].transport.abort()
            writers.append(self._upstream[1])
        for writer in writers:
            with contextlib.suppress(*CONNECTION_ERRORS):
                await writer.wait_closed()
