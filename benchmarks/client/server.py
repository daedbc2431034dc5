"""A server faster than any client: it parses only the start line and the number of items.

    python -m benchmarks.client.server [--certificate FILE --key FILE] [--core N]

Prints its ports for HTTP and TLS as JSON; exits when its standard input ends.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import ssl
import sys

from benchmarks.machine import pin

from .answers import PATHS, answer

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
# The number of items, in the query or the body, under any of the peers' names for it.
_COUNT = re.compile(rb"""\b(?:limit|page_size|top_k|max_num_results)"?[=:] ?(\d+)""")
_OFFSET = re.compile(rb"[?&]offset=(\d+)")
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"


class Answering(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        while (end := received.find(b"\r\n\r\n") + 4) > 3:
            length = _LENGTH.search(received, 0, end)
            if length is not None:
                end += int(length[1])
            if len(received) < end:
                break
            self._transport.write(_answer(received[:end]))
            received = received[end:]
        self._received = received


def _answer(request: bytes) -> bytes:
    method, target = request[: request.index(b"\r\n")].split(b" ")[:2]
    path = (method + b" " + target.partition(b"?")[0]).decode()
    if path not in PATHS:
        return _NOT_FOUND
    count, offset = _COUNT.search(request), _OFFSET.search(target)
    return answer(path, int(count[1]) if count else 1, int(offset[1]) if offset else 0)


async def _serve(context: ssl.SSLContext | None) -> None:
    loop = asyncio.get_running_loop()
    plain = await loop.create_server(Answering, "127.0.0.1", 0, backlog=2048)
    ports = {"http": plain.sockets[0].getsockname()[1]}
    if context is not None:
        secured = await loop.create_server(Answering, "127.0.0.1", 0, backlog=2048, ssl=context)
        ports["https"] = secured.sockets[0].getsockname()[1]
    print(json.dumps(ports), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


def main() -> None:
    """Serve until the standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.client.server")
    parser.add_argument("--certificate", help="a file with the chain")
    parser.add_argument("--key", help="a file with the private key")
    parser.add_argument("--core", type=int, help="the core to stay on")
    options = parser.parse_args()
    pin(options.core)
    context = None
    if options.certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.certificate, options.key)
    asyncio.run(_serve(context))


if __name__ == "__main__":
    main()
