"""HTTP/1.1 messages as bytes: reading them whole, and writing answers, broken ones too.

A parser for clients would refuse to write what a faulty service writes, and hides where a message
ends; here both are the point.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, Mapping, Tuple, Union

if TYPE_CHECKING:
    import asyncio

_PART = 256 * 1024
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r]*chunked", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)

Body = Union[bytes, Callable[[], bytes]]


@dataclass(frozen=True)
class Received:
    """A request that came, whole. Header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)  # they hold the key
    body: bytes = field(repr=False)

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    def json(self) -> Any:
        """Return the body, read as JSON.

        Raises:
            ValueError: It is none.
        """
        return json.loads(self.body.decode("utf-8"))


@dataclass(frozen=True)
class Reply:
    """An answer.

    Args:
        status: The status code.
        body: The body, or what makes it: large ones are made when they are first sent.
        headers: The headers, in this order and with these repetitions. `Content-Length` is added,
            unless it stands here, or the body is sent in chunks.
        times: How often the body is sent, to make it large.
        chunked: Whether the body is sent in chunks, so that its length is not told.
        raw: What to send in place of all this, byte for byte; the connection is closed afterwards.
    """

    status: int = 200
    body: Body = field(default=b"", repr=False)
    headers: Tuple[Tuple[str, str], ...] = (("Content-Type", "application/json"),)
    times: int = 1
    chunked: bool = False
    raw: bytes = field(default=b"", repr=False)

    def head(self) -> bytes:
        """Return everything before the body."""
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
        """Return the body, once."""
        return self.body if isinstance(self.body, bytes) else self.body()

    def parts(self) -> Iterator[bytes]:
        """Yield what is sent, in pieces of a bearable size."""
        if self.raw:
            yield self.raw
            return
        yield self.head()
        content = memoryview(self.content())
        for _ in range(self.times):
            for start in range(0, len(content), _PART):
                part = bytes(content[start : start + _PART])
                yield b"%x\r\n%s\r\n" % (len(part), part) if self.chunked else part
        if self.chunked:
            yield b"0\r\n\r\n"


async def read_head(reader: asyncio.StreamReader) -> bytes:
    """Return a message up to the empty line that ends its head."""
    return await reader.readuntil(b"\r\n\r\n")


async def read_body(reader: asyncio.StreamReader, head: bytes) -> Tuple[bytes, bytes]:
    """Return a message's body, and the bytes that carried it."""
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
    """Return the length that a head tells; 0 where it tells none."""
    found = _LENGTH.search(head)
    return int(found.group(1)) if found else 0


def parse_request(head: bytes) -> Tuple[str, str, Dict[str, str]]:
    """Return method, target and headers."""
    first, _, rest = head.decode("latin-1").partition("\r\n")
    method, target, _version = first.split(" ", 2)
    headers: Dict[str, str] = {}
    for line in rest.split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers[name.lower()] = value.strip()
    return method, target, headers
