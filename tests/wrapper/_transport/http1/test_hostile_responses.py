"""The matrix of hostile and odd responses: both engines, split in every way."""

from __future__ import annotations

import gzip
import zlib

import pytest

from memoryos._transport.http1 import chunked, head, response_reader
from memoryos._transport.http1.response_reader import MAX_INFORMATIONAL_RESPONSES

from .reading import INCOMPLETE, OTHER_PROTOCOL, REJECTED, read, split

OK = b"HTTP/1.1 200 OK\r\n"
LENGTH = b"Content-Length: 2\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
END = b"\r\n"
BODY = b"{}"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def response(*headers, body=BODY, start=OK):
    return start + b"".join(headers) + END + body


def chunks(*parts, trailer=b""):
    coded = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    return coded + b"0\r\n" + trailer + b"\r\n"


AMBIGUOUS = {
    # lengths
    "two equal lengths": response(LENGTH, LENGTH),
    "two different lengths": response(LENGTH, b"Content-Length: 3\r\n"),
    "a list of lengths": response(b"Content-Length: 2, 2\r\n"),
    "a signed length": response(b"Content-Length: +2\r\n"),
    "a negative length": response(b"Content-Length: -2\r\n"),
    "a hexadecimal length": response(b"Content-Length: 0x2\r\n"),
    "a length with an underscore": response(b"Content-Length: 1_0\r\n"),
    "an empty length": response(b"Content-Length:\r\n"),
    "a fractional length": response(b"Content-Length: 2.0\r\n"),
    "a length of 5,000 digits": response(b"Content-Length: " + b"9" * 5000 + END),
    # transfer codings
    "length and coding": response(LENGTH, CHUNKED, body=chunks(BODY)),
    "coding and length": response(CHUNKED, LENGTH, body=chunks(BODY)),
    "unknown coding": response(b"Transfer-Encoding: xchunked\r\n"),
    "gzip as a coding": response(b"Transfer-Encoding: gzip, chunked\r\n", body=chunks(BODY)),
    "identity as a coding": response(b"Transfer-Encoding: identity\r\n"),
    "chunked twice": response(b"Transfer-Encoding: chunked, chunked\r\n", body=chunks(BODY)),
    "two codings": response(CHUNKED, CHUNKED, body=chunks(BODY)),
    "chunked with a parameter": response(b"Transfer-Encoding: chunked;a=b\r\n"),
    "an empty coding": response(b"Transfer-Encoding:\r\n"),
    "chunked in HTTP/1.0": response(CHUNKED, start=b"HTTP/1.0 200 OK\r\n", body=chunks(BODY)),
    # the status line
    "HTTP/2.0": response(LENGTH, start=b"HTTP/2.0 200 OK\r\n"),
    "HTTP/1.2": response(LENGTH, start=b"HTTP/1.2 200 OK\r\n"),
    "HTTP/11.1": response(LENGTH, start=b"HTTP/11.1 200 OK\r\n"),
    "a status of two digits": response(LENGTH, start=b"HTTP/1.1 20 OK\r\n"),
    "a status of four digits": response(LENGTH, start=b"HTTP/1.1 2000 OK\r\n"),
    "a status below 100": response(LENGTH, start=b"HTTP/1.1 099 OK\r\n"),
    "a status that is no number": response(LENGTH, start=b"HTTP/1.1 2x0 OK\r\n"),
    "two spaces": response(LENGTH, start=b"HTTP/1.1  200 OK\r\n"),
    "a tab": response(LENGTH, start=b"HTTP/1.1\t200 OK\r\n"),
    "a NUL in the reason": response(LENGTH, start=b"HTTP/1.1 200 O\0K\r\n"),
    "leading CRLF": END + response(LENGTH),
    "leading space": b" " + response(LENGTH),
    # headers
    "folded value": response(LENGTH, b"X: a\r\n b\r\n"),
    "folded first line": response(b" X: a\r\n", LENGTH),
    "bare LF after the status": response(LENGTH, start=b"HTTP/1.1 200 OK\n"),
    "bare LF after a header": response(b"X: a\n", LENGTH),
    "bare LF everywhere": b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
    "bare CR in a value": response(b"X: a\rb\r\n", LENGTH),
    "NUL in a value": response(b"X: a\0b\r\n", LENGTH),
    "DEL in a value": response(b"X: a\x7fb\r\n", LENGTH),
    "ESC in a value": response(b"X: \x1b[31m\r\n", LENGTH),
    "non-ASCII in a value": response("X: é\r\n".encode(), LENGTH),
    "Latin-1 in a value": response(b"X: \xe9\r\n", LENGTH),
    "non-ASCII in a name": response("é: x\r\n".encode(), LENGTH),
    "space before the colon": response(b"X : a\r\n", LENGTH),
    "tab before the colon": response(b"X\t: a\r\n", LENGTH),
    "no colon": response(b"X\r\n", LENGTH),
    "no name": response(b": a\r\n", LENGTH),
    "a parenthesis in a name": response(b"X(1): a\r\n", LENGTH),
    # floods
    "too many headers": response(LENGTH, *[b"X: a\r\n"] * (head.MAX_HEADERS + 1)),
    "too large a header": response(LENGTH, b"X: " + b"a" * head.MAX_HEAD_BYTES + END),
    "too large a name": response(LENGTH, b"X" * head.MAX_HEAD_BYTES + b": a\r\n"),
    "too large a reason": response(LENGTH, start=OK[:-2] + b"k" * head.MAX_HEAD_BYTES + END),
    "an endless head": OK + b"X: a\r\n" * head.MAX_HEAD_BYTES,
    "an endless line": OK + b"X" * head.MAX_HEAD_BYTES * 2,
    "a 1xx storm": CONTINUE * (MAX_INFORMATIONAL_RESPONSES + 1) + response(LENGTH),
    # upgrades
    "switching protocols": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
    "a malformed 1xx": b"HTTP/1.1 100 Continue\r\nX : a\r\n\r\n" + response(LENGTH),
    "a 1xx with a bare LF": b"HTTP/1.1 100 Continue\n\n" + response(LENGTH),
    # chunks
    "a chunk size with a space": response(CHUNKED, body=b"2 \r\n{}\r\n0\r\n\r\n"),
    "a chunk size with a tab": response(CHUNKED, body=b"2\t\r\n{}\r\n0\r\n\r\n"),
    "a chunk size with 0x": response(CHUNKED, body=b"0x2\r\n{}\r\n0\r\n\r\n"),
    "a signed chunk size": response(CHUNKED, body=b"+2\r\n{}\r\n0\r\n\r\n"),
    "a negative chunk size": response(CHUNKED, body=b"-2\r\n{}\r\n0\r\n\r\n"),
    "a huge chunk size": response(CHUNKED, body=b"F" * 16 + b"\r\n{}"),
    "a chunk size of zeros": response(CHUNKED, body=b"0" * 16 + b"2\r\n{}\r\n0\r\n\r\n"),
    "an empty chunk size": response(CHUNKED, body=b"\r\n{}\r\n0\r\n\r\n"),
    "a chunk size that is none": response(CHUNKED, body=b"g\r\n{}\r\n0\r\n\r\n"),
    "bare LF after a size": response(CHUNKED, body=b"2\n{}\r\n0\r\n\r\n"),
    "bare CR after a size": response(CHUNKED, body=b"2\r{}\r\n0\r\n\r\n"),
    "bare LF after a chunk": response(CHUNKED, body=b"2\r\n{}\n0\r\n\r\n"),
    "a chunk longer than its size": response(CHUNKED, body=b"2\r\n{}xx0\r\n\r\n"),
    "a space before a size": response(CHUNKED, body=b" 2\r\n{}\r\n0\r\n\r\n"),
    "an extension without a name": response(CHUNKED, body=b"2;\r\n{}\r\n0\r\n\r\n"),
    "an extension with a NUL": response(CHUNKED, body=b"2;a\0\r\n{}\r\n0\r\n\r\n"),
    "an extension with a CR": response(CHUNKED, body=b"2;a\rb\r\n{}\r\n0\r\n\r\n"),
    "an extension with an LF": response(CHUNKED, body=b"2;a\nb\r\n{}\r\n0\r\n\r\n"),
    "an open quote": response(CHUNKED, body=b'2;a="b\r\n{}\r\n0\r\n\r\n'),
    "too long an extension": response(
        CHUNKED, body=b"2;" + b"a" * chunked.MAX_LINE_BYTES + b"\r\n{}\r\n0\r\n\r\n"
    ),
    "too many extensions": response(
        CHUNKED,
        body=(b"1;" + b"a" * 4000 + b"\r\n \r\n") * (chunked.MAX_OVERHEAD_BYTES // 4000 + 1),
    ),
    "too large a trailer": response(
        CHUNKED, body=b"0\r\n" + (b"X: " + b"a" * 4000 + END) * (chunked.MAX_OVERHEAD_BYTES // 4000)
    ),
    "a malformed trailer": response(CHUNKED, body=b"2\r\n{}\r\n0\r\nX : a\r\n\r\n"),
    "a folded trailer": response(CHUNKED, body=b"2\r\n{}\r\n0\r\nX: a\r\n b\r\n\r\n"),
    "a NUL in a trailer": response(CHUNKED, body=b"2\r\n{}\r\n0\r\nX: \0\r\n\r\n"),
    "bare LF in a trailer": response(CHUNKED, body=b"2\r\n{}\r\n0\r\nX: a\n\r\n"),
    "bare LF after the last chunk": response(CHUNKED, body=b"2\r\n{}\r\n0\r\n\n"),
}

NOT_HTTP = {
    "HTTP/0.9": BODY,
    "lower-case http": response(LENGTH, start=b"http/1.1 200 OK\r\n"),
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
    "SMTP": b"220 mail.test ESMTP\r\n",
    "ICY": response(LENGTH, start=b"ICY 200 OK\r\n"),
    "a TLS alert": b"\x15\x03\x03\x00\x02\x02\x46",
    "an HTTP/2 preface": b"\x00\x00\x12\x04\x00\x00\x00\x00\x00",
}

CUT_OFF = {
    "nothing": b"",
    "half a status line": b"HTTP/1.1 20",
    "no end of the head": OK + LENGTH,
    "half a body": response(LENGTH, body=b"{"),
    "no body": response(LENGTH, body=b""),
    "a chunk without its end": response(CHUNKED, body=b"2\r\n{"),
    "no last chunk": response(CHUNKED, body=b"2\r\n{}\r\n"),
    "no trailer": response(CHUNKED, body=b"2\r\n{}\r\n0\r\n"),
    "half a CRLF": response(CHUNKED, body=b"2\r\n{}\r"),
    "1xx only": CONTINUE,
}

# Each with its content, and whether the connection can be used again.
ACCEPTED = {
    "a length": (response(LENGTH), BODY, True),
    "a length with zeros": (response(b"Content-Length: 0002\r\n"), BODY, True),
    "space around a length": (response(b"Content-Length: \t2 \t\r\n"), BODY, True),
    "no reason": (response(LENGTH, start=b"HTTP/1.1 200\r\n"), BODY, True),
    "an empty reason": (response(LENGTH, start=b"HTTP/1.1 200 \r\n"), BODY, True),
    "a non-ASCII reason": (response(LENGTH, start="HTTP/1.1 200 Bön\r\n".encode()), BODY, True),
    "no space after a colon": (response(b"Content-Length:2\r\n"), BODY, True),
    "an empty value": (response(b"X:\r\n", LENGTH), BODY, True),
    "a strange name": (response(b"!#$%&'*+-.^_`|~: a\r\n", LENGTH), BODY, True),
    "HTTP/1.0": (response(LENGTH, start=b"HTTP/1.0 200 OK\r\n"), BODY, False),
    "HTTP/1.0, kept alive": (
        response(LENGTH, b"Connection: Keep-Alive\r\n", start=b"HTTP/1.0 200 OK\r\n"),
        BODY,
        True,
    ),
    "until close": (response(), BODY, False),
    "until close, HTTP/1.0": (response(start=b"HTTP/1.0 200 OK\r\n"), BODY, False),
    "close": (response(LENGTH, b"Connection: close\r\n"), BODY, False),
    "Close in a list": (response(LENGTH, b"Connection: keep-alive , CLOSE\r\n"), BODY, False),
    "close in a second header": (
        response(b"Connection: keep-alive\r\n", LENGTH, b"connection: x, close\r\n"),
        BODY,
        False,
    ),
    "close and keep-alive": (response(b"Connection: close, keep-alive\r\n", LENGTH), BODY, False),
    "a name that contains close": (response(LENGTH, b"Connection: closed\r\n"), BODY, True),
    "chunks": (response(CHUNKED, body=chunks(b"{", b"}")), BODY, True),
    "CHUNKED": (response(b"Transfer-Encoding: CHUNKED\r\n", body=chunks(BODY)), BODY, True),
    "chunks and close": (
        response(CHUNKED, b"Connection: close\r\n", body=chunks(BODY)),
        BODY,
        False,
    ),
    "upper-case sizes": (
        response(CHUNKED, body=b"000A\r\n" + b" " * 10 + b"\r\n0\r\n\r\n"),
        b" " * 10,
        True,
    ),
    "extensions": (
        response(CHUNKED, body=b'2;a;b=c;d="e\\"f;"\r\n{}\r\n0;z\r\n\r\n'),
        BODY,
        True,
    ),
    "a trailer": (response(CHUNKED, body=chunks(BODY, trailer=b"X: a\r\nY:\r\n")), BODY, True),
    "a trailer with a length": (
        response(CHUNKED, body=chunks(BODY, trailer=b"Content-Length: 9\r\n")),
        BODY,
        True,
    ),
    "informational": (
        CONTINUE + b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + response(LENGTH),
        BODY,
        True,
    ),
    "1xx with close": (
        b"HTTP/1.1 102 Processing\r\nConnection: close\r\n\r\n" + response(LENGTH),
        BODY,
        True,
    ),
    "many informational": (CONTINUE * MAX_INFORMATIONAL_RESPONSES + response(LENGTH), BODY, True),
    "surplus bytes": (response(LENGTH, body=b"{}x"), BODY, False),
    "a surplus line end": (response(LENGTH, body=b"{}\r\n"), BODY, False),
    "a second response": (response(LENGTH) * 2, BODY, False),
    "surplus after chunks": (response(CHUNKED, body=chunks(BODY) + b"x"), BODY, False),
    "a second response after chunks": (response(CHUNKED, body=chunks(BODY)) * 2, BODY, False),
    "no content": (response(start=b"HTTP/1.1 204 No Content\r\n", body=b""), b"", True),
    "no content of length 0": (
        response(b"Content-Length: 0\r\n", start=b"HTTP/1.1 204 No Content\r\n", body=b""),
        b"",
        True,
    ),
    "no content with a body": (response(LENGTH, start=b"HTTP/1.1 204 No Content\r\n"), b"", False),
    "no content, surplus": (response(start=b"HTTP/1.1 204 No Content\r\n"), b"", False),
    "no content in chunks": (
        response(CHUNKED, start=b"HTTP/1.1 204 No Content\r\n", body=chunks(BODY)),
        b"",
        False,
    ),
    "not modified": (response(LENGTH, start=b"HTTP/1.1 304 Not Modified\r\n", body=b""), b"", True),
    "not modified, surplus": (response(LENGTH, start=b"HTTP/1.1 304 Not Modified\r\n"), b"", False),
    "length 0, surplus": (response(b"Content-Length: 0\r\n"), b"", False),
    "an upgrade that is offered": (
        response(LENGTH, b"Connection: upgrade\r\n", b"Upgrade: h2c\r\n"),
        BODY,
        True,
    ),
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_ambiguous_responses_are_rejected(engine, name):
    """Whether they come at once, in small parts or byte by byte."""
    data = AMBIGUOUS[name]
    sizes = (len(data), 7, 1) if len(data) < 20_000 else (len(data), 65_536, 1021)
    assert {size: read(engine, split(data, size)) for size in sizes} == dict.fromkeys(
        sizes, REJECTED
    )


@pytest.mark.parametrize("name", NOT_HTTP)
def test_another_protocol_is_recognised(engine, name):
    """At its first bytes."""
    data = NOT_HTTP[name]
    assert read(engine, [data]) == read(engine, split(data, 1)) == OTHER_PROTOCOL


@pytest.mark.parametrize("name", CUT_OFF)
def test_responses_that_are_cut_off_are_incomplete(engine, name):
    """The end of the connection is no end of a message that says where it ends."""
    data = CUT_OFF[name]
    assert read(engine, [data] if data else []) == INCOMPLETE
    assert read(engine, split(data, 1)) == INCOMPLETE


@pytest.mark.parametrize("name", ACCEPTED)
def test_unambiguous_responses_are_read(engine, name):
    """In one read; and byte by byte, where surplus bytes may stay in the socket."""
    data, content, can_reuse = ACCEPTED[name]
    status, headers, read_content, defect, reusable = read(engine, [data])
    assert (read_content, defect, reusable) == (content, None, can_reuse)
    again = read(engine, split(data, 1))
    assert again[:4] == (status, headers, content, None)


def test_the_raw_bytes_of_chunks_are_limited(engine, monkeypatch):
    """A body of small chunks takes several times its size; so the decoded bytes are not enough."""
    limit = 4096
    monkeypatch.setattr(response_reader, "MAX_BODY_BYTES", limit)
    monkeypatch.setattr(response_reader, "MAX_OVERHEAD_BYTES", 0)
    within, beyond = limit // 6 - 4, limit // 6 + 1
    assert read(engine, [response(CHUNKED, body=chunks(*[b" "] * within))])[2] == b" " * within
    assert read(engine, split(response(CHUNKED, body=chunks(*[b" "] * beyond)), 500)) == REJECTED


def test_head_has_no_body(engine):
    """Whatever its headers announce."""
    assert read(engine, [response(LENGTH, body=b"")], "HEAD")[2:] == (b"", None, True)
    assert read(engine, [response(CHUNKED, body=b"")], "HEAD")[2:] == (b"", None, True)
    assert read(engine, [response(LENGTH)], "HEAD")[2:] == (b"", None, False)


def test_headers_by_lower_case_names(engine):
    """The first where a name repeats; all content codings."""
    data = response(
        b"X-ONE: 1 \r\n",
        b"x-one: 2\r\n",
        b"Content-Encoding: deflate\r\n",
        b"content-encoding: gzip\r\n",
        b"Content-Length: %d\r\n" % len(gzip.compress(zlib.compress(BODY))),
        body=gzip.compress(zlib.compress(BODY)),
    )
    status, headers, content, defect, _reusable = read(engine, [data])
    assert (status, content, defect) == (200, BODY, None)
    assert headers["x-one"] == "1"
    assert headers["content-encoding"] == "deflate, gzip"
