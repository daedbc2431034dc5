"""Faults to inject with a `FaultProxy` or a `MemoryServer`.

The constants are faults with default parameters, grouped in tuples by kind; `ALL` contains all of
them by name. The functions `status`, `delay` and `drip` create faults with other parameters.

Example:
    >>> server.fail_next(faults.LOST_ANSWER)
    >>> server.fail_next(faults.status(429, retry_after=2), times=3)
    >>> server.fail_always(faults.delay(0.5))
"""

from __future__ import annotations

import enum
import gzip
import json
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Dict, Iterable, Mapping, Optional, Tuple, Union

from ._http_messages import Body, Reply

Header = Tuple[str, str]

REQUEST_ID = "req_fault"
"""Request id in the error responses of this module."""

DATE = "Sat, 12 Nov 1994 12:00:00 GMT"
"""`Date` header of responses whose `Retry-After` is a date."""

BOMB_SIZE = 128 * 1024 * 1024
"""Decompressed size of the gzip bomb, in bytes (128 MiB)."""

_JSON_TYPE = ("Content-Type", "application/json")


class Moment(enum.Enum):
    """Moment at which a fault ends an exchange."""

    CONNECTION = "when the connection is accepted"
    REQUEST = "when the request starts to arrive"
    HALF_REQUEST = "when half of the request body is read"
    ANSWER = "after the service has processed the request, before the response"
    HALF_ANSWER = "when half of the response body is sent"


class End(enum.Enum):
    """How a fault ends an exchange."""

    REFUSE = "the connection is refused"
    RESET = "the connection is reset"
    CLOSE = "the connection is closed"
    HANG = "nothing more is sent, until the client closes the connection"


@dataclass(frozen=True)
class Fault:
    """A fault.

    Args:
        name: Name of the fault, for counters and messages.
        ends: How the exchange is ended early; None if it is not.
        at: When the exchange is ended.
        delay: Seconds to wait before the response.
        drip: Seconds between the bytes of the response; 0 sends it at once.
        reply: Response to send instead of the service's; None for the service's response.
        acts: With `reply`: the service still processes the request.
    """

    name: str
    ends: Optional[End] = None
    at: Moment = Moment.ANSWER
    delay: float = 0
    drip: float = 0
    reply: Optional[Reply] = None
    acts: bool = False

    def __str__(self) -> str:
        return self.name


def status(
    code: int,
    *,
    retry_after: Union[float, str, None] = None,
    headers: Iterable[Header] = (),
    acts: bool = False,
    body: Optional[Mapping[str, Any]] = None,
) -> Fault:
    """Return a fault that sends an error response in the contract's format.

    Args:
        code: HTTP status.
        retry_after: Value of the `Retry-After` header: seconds, or a date. Default: no header.
        headers: Additional headers.
        acts: The service processes the request before the error is sent.
        body: Body of the response. Default: `error_body(code)`.
    """
    more = tuple(headers)
    if retry_after is not None:
        more += (("Retry-After", str(retry_after)),)
    shown = "".join(f" {name}: {value}" for name, value in more if name != "Date")
    return Fault(
        f"{code}{shown}", reply=_json_reply(code, body or error_body(code), *more), acts=acts
    )


def error_body(code: int) -> Dict[str, Any]:
    """Return an error envelope in the contract's format.

    Args:
        code: HTTP status.
    """
    return {
        "error": {"code": f"FAULT_{code}", "message": f"a fault with status {code}"},
        "meta": {"request_id": REQUEST_ID},
    }


def delay(seconds: float) -> Fault:
    """Return a fault that delays the response.

    Args:
        seconds: The delay.
    """
    return Fault(f"a response {seconds:g} s late", delay=seconds)


def drip(seconds: float) -> Fault:
    """Return a fault that sends the response byte by byte.

    Args:
        seconds: Time between two bytes.
    """
    return Fault(f"a response with one byte every {seconds:g} s", drip=seconds)


def _json_reply(code: int, body: object, *headers: Header) -> Reply:
    return Reply(code, json.dumps(body).encode(), (_JSON_TYPE, *headers))


def _body(name: str, body: Body, *headers: Header, code: int = 200) -> Fault:
    has_type = any(header.lower() == "content-type" for header, _ in headers)
    all_headers = headers if has_type else (_JSON_TYPE, *headers)
    return Fault(name, reply=Reply(code, body, all_headers))


def _raw(name: str, raw: bytes) -> Fault:
    return Fault(name, reply=Reply(raw=raw))


@lru_cache(maxsize=None)
def _bomb() -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    zeros = bytes(1024 * 1024)
    parts = [packer.compress(zeros) for _ in range(BOMB_SIZE // len(zeros))]
    return b"".join([*parts, packer.flush()])


_HTML = b"<html><body>Please sign in</body></html>"
_SUCCESS = json.dumps({"data": {"id": "x"}, "meta": {}}).encode()
_PAGE_TYPE = ("Content-Type", "text/html; charset=utf-8")

NONE = Fault("nothing")
"""No fault."""

REFUSED = Fault("refused", End.REFUSE, Moment.CONNECTION)
RESET_ON_CONNECTION = Fault("reset on connection", End.RESET, Moment.CONNECTION)
RESET_BEFORE_REQUEST = Fault("reset before the request", End.RESET, Moment.REQUEST)
RESET_IN_REQUEST = Fault("reset in the request", End.RESET, Moment.HALF_REQUEST)
LOST_ANSWER = Fault("lost answer", End.RESET, Moment.ANSWER)
RESET_IN_ANSWER = Fault("reset in the answer", End.RESET, Moment.HALF_ANSWER)
CLOSED_ON_CONNECTION = Fault("closed on connection", End.CLOSE, Moment.CONNECTION)
CLOSED_BEFORE_ANSWER = Fault("closed before the answer", End.CLOSE, Moment.ANSWER)
CLOSED_IN_ANSWER = Fault("closed in the answer", End.CLOSE, Moment.HALF_ANSWER)
HANGS_ON_CONNECTION = Fault("hangs on connection", End.HANG, Moment.CONNECTION)
HANGS_IN_REQUEST = Fault("hangs in the request", End.HANG, Moment.HALF_REQUEST)
HANGS_BEFORE_ANSWER = Fault("hangs before the answer", End.HANG, Moment.ANSWER)
HANGS_IN_ANSWER = Fault("hangs in the answer", End.HANG, Moment.HALF_ANSWER)
DELAYED = delay(0.05)
DRIPS = drip(0.01)

CONNECTIONS = (
    REFUSED,
    RESET_ON_CONNECTION,
    RESET_BEFORE_REQUEST,
    RESET_IN_REQUEST,
    LOST_ANSWER,
    RESET_IN_ANSWER,
    CLOSED_ON_CONNECTION,
    CLOSED_BEFORE_ANSWER,
    CLOSED_IN_ANSWER,
)
"""Faults that break the connection."""

TIMES = (
    HANGS_ON_CONNECTION,
    HANGS_IN_REQUEST,
    HANGS_BEFORE_ANSWER,
    HANGS_IN_ANSWER,
    DRIPS,
    DELAYED,
)
"""Faults that delay the response: the last two by a limited time, the others forever."""

STATUSES = tuple(status(code) for code in (408, 409, 425, 429, 500, 502, 503, 504, 520, 599))
"""Error responses without `Retry-After`."""

WAITS = (
    status(409, retry_after=1),
    status(429, retry_after=2),
    status(503, retry_after="1.5"),
    status(503, retry_after="Sat, 12 Nov 1994 12:00:03 GMT", headers=[("Date", DATE)]),
    status(503, retry_after="Fri, 11 Nov 1994 12:00:00 GMT", headers=[("Date", DATE)]),
    status(429, retry_after=600),
    status(429, retry_after=-5),
    status(429, retry_after="soon"),
    status(429, headers=[("Retry-After-Ms", "1500")]),
    status(429, retry_after=7, headers=[("Retry-After-Ms", "250")]),
)
"""Error responses with `Retry-After` or `Retry-After-Ms`."""

HTML_200 = _body("HTML with 200", _HTML, _PAGE_TYPE)
HTML_502 = _body("HTML with 502", _HTML, _PAGE_TYPE, code=502)
ERROR_STRING = _json_reply(403, {"error": "No entry", "meta": {"request_id": REQUEST_ID}})
REDIRECT = _body("a redirect", b"", ("Location", "http://127.0.0.2/v1/elsewhere"), code=307)
LARGE = Fault("100 MB", reply=Reply(200, bytes(1024 * 1024), times=100))
LARGE_IN_CHUNKS = Fault("100 MB in chunks", reply=Reply(200, b" " * 2**20, times=100, chunked=True))
BOMB = _body("a gzip bomb", _bomb, ("Content-Encoding", "gzip"))

ANSWERS = (
    HTML_200,
    HTML_502,
    Fault("error as a string", reply=ERROR_STRING),
    _body("an empty body", b""),
    Fault("no content", reply=Reply(204, headers=())),
    _body("half a JSON", _SUCCESS[:12]),
    _body("UTF-16", _SUCCESS.decode().encode("utf-16")),
    _body("bytes of no charset", b'{"data": "\xff\xfe"}'),
    _body("gzip that is none", _SUCCESS, ("Content-Encoding", "gzip")),
    _body("half a gzip", gzip.compress(_SUCCESS)[:-12], ("Content-Encoding", "gzip")),
    _body("an unknown encoding", _SUCCESS, ("Content-Encoding", "unheard-of")),
    _body("null", b"null"),
    _body("a list", b"[]"),
    _body("no data", b'{"meta": {}}'),
    _body("data that is null", b'{"data": null, "meta": {}}'),
    _body("an error with 200", json.dumps(error_body(500)).encode()),
    _body("depth without end", b"[" * 100_000),
    REDIRECT,
    LARGE,
    LARGE_IN_CHUNKS,
    BOMB,
)
"""Responses that violate the contract."""

MESSAGES = (
    _raw("no HTTP", b"220 smtp.test ESMTP\r\n"),
    _raw("half a head", b"HTTP/1.1 200 OK\r\nContent-Le"),
    _raw("a header without a name", b"HTTP/1.1 200 OK\r\n: x\r\n\r\n"),
    _raw("an endless head", b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 40_000 + b"\r\n"),
    _raw(
        "two content lengths",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n" + _SUCCESS,
    ),
    _raw("a length of letters", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n" + _SUCCESS),
    _raw("an endless length", b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n{}"),
    _raw("a chunk of letters", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"),
    _raw(
        "a switch of protocols",
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
    ),
)
"""Malformed HTTP messages."""

DOUBLED = (
    status(429, headers=[("Retry-After", "1"), ("Retry-After", "30")]),
    _body("two request ids", b"", ("X-Request-Id", "req_a"), ("X-Request-Id", "req_b"), code=503),
)
"""Responses with a repeated header."""

ALL = {
    fault.name: fault
    for group in (CONNECTIONS, TIMES, STATUSES, WAITS, ANSWERS, MESSAGES, DOUBLED)
    for fault in group
}
"""All faults above, by name."""
