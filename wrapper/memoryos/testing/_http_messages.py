"""Read complete HTTP/1.1 messages, and write responses, including malformed ones.

HTTP libraries don't write malformed messages, and don't show where a message ends. Fault injection
needs both.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, Mapping, Tuple, Union

if TYPE_CHECKING:
    import asyncio

_PART_BYTES = 256 * 1024
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r]*chunked", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)

Body = Union[bytes, Callable[[], bytes]]


@dataclass(frozen=True)
class Received:
    """A complete request, as received by a server.

    Attributes:
        method: HTTP method.
        target: Path and query.
        headers: Headers by lower-case name.
        body: The body.
    """

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)  # contains the API key
    body: bytes = field(repr=False)

    @property
    def path(self) -> str:
        """The target without the query."""
        return self.target.partition("?")[0]

    def json(self) -> Any:
        """Parse the body as JSON.

        Raises:
            ValueError: The body is not JSON.
        """
        return json.loads(self.body.decode("utf-8"))


@dataclass(frozen=True)
class Reply:
    """A response to send.

    Args:
        status: HTTP status.
        body: The body, or a function that creates it when it is first sent.
        headers: The headers, in this order. They may be repeated. `Content-Length` is added unless
            it is listed or `chunked` is set.
        times: Number of repetitions of the body, for large responses.
        chunked: Send the body with chunked transfer encoding, without a `Content-Length`.
        raw: Bytes to send instead of the response. The connection is closed afterwards.
    """

    status: int = 200
    body: Body = field(default=b"", repr=False)
    headers: Tuple[Tuple[str, str], ...] = (("Content-Type", "application/json"),)
    times: int = 1
    chunked: bool = False
    raw: bytes = field(default=b"", repr=False)

    def head(self) -> bytes:
        """Return the status line and the headers."""
        try:
            reason = HTTPStatus(self.status).phrase
        except ValueError:
            reason = ""
        headers = list(self.headers)
        if self.chunked:
            headers.append(("Transfer-Encoding", "chunked"))
        elif not any(name.lower() == "content-length" for name, _ in headers):
            headers.append(("Content-Length", str(len(self.content()) * self.times)))
        lines = [f"HTTP/1.1 {self.status} {reason}", *(f"{n}: {v}" for n, v in headers), "", ""]
        return "\r\n".join(lines).encode("latin-1")

    def content(self) -> bytes:
        """Return the body, without repetitions."""
        return self.body if isinstance(self.body, bytes) else self.body()

    def parts(self) -> Iterator[bytes]:
        """Yield the bytes of the response in parts of up to 256 KiB."""
        if self.raw:
            yield self.raw
            return
        yield self.head()
        content = memoryview(self.content())
        for _ in range(self.times):
            for start in range(0, len(content), _PART_BYTES):
                part = bytes(content[start : start + _PART_BYTES])
                yield b"%x\r\n%s\r\n" % (len(part), part) if self.chunked else part
        if self.chunked:
            yield b"0\r\n\r\n"


async def read_head(reader: asyncio.StreamReader) -> bytes:
    """Read a message up to the empty line after its headers."""
    return await reader.readuntil(b"\r\n\r\n")


async def read_body(reader: asyncio.StreamReader, head: bytes) -> Tuple[bytes, bytes]:
    """Read the body of a message. Return it decoded, and as received."""
    if not _CHUNKED.search(head):
        body = await reader.readexactly(content_length(head))
        return body, body
    body, raw = b"", b""
    while True:
        line = await reader.readuntil(b"\r\n")
        size = int(line.split(b";")[0], 16)
        part = await reader.readexactly(size + 2)
        body, raw = body + part[:-2], raw + line + part
        if size == 0:
            return body, raw


def content_length(head: bytes) -> int:
    """Return the `Content-Length` of a head, or 0."""
    found = _LENGTH.search(head)
    return int(found.group(1)) if found else 0


def parse_request(head: bytes) -> Tuple[str, str, Dict[str, str]]:
    """Parse the head of a request into method, target and headers."""
    first, _, rest = head.decode("latin-1").partition("\r\n")
    method, target, _version = first.split(" ", 2)
    headers: Dict[str, str] = {}
    for line in rest.split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers[name.lower()] = value.strip()
    return method, target, headers
