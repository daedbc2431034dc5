"""Whatever a peer sends, and however it is split: both engines read the same, or both reject it."""

from __future__ import annotations

import pytest
from hypothesis import example, given, reject, settings
from hypothesis import strategies as st

from memoryos._transport.http1.errors import InvalidMessageError
from memoryos._transport.http1.head import check_syntax

from .conftest import engine_named
from .reading import read
from .test_hostile_responses import ACCEPTED, AMBIGUOUS, CUT_OFF

SPECIMENS = [*AMBIGUOUS.values(), *CUT_OFF.values(), *[item[0] for item in ACCEPTED.values()]]
SHORT = [specimen for specimen in SPECIMENS if len(specimen) < 2000]

PIECES = [
    *(b"HTTP/1.1 ", b"HTTP/1.0 ", b"200 OK", b"100 ", b"204", b"304", b"\r\n", b"\r", b"\n"),
    *(b"Content-Length", b"Transfer-Encoding", b"Connection", b"Content-Encoding", b":", b" "),
    *(b"chunked", b"close", b"keep-alive", b"gzip", b"identity", b"0", b"2", b"a", b";", b'"'),
    *(b",", b"\t", b"\0", b"\xff", b"{}", b"X", b"=", b"\\"),
]


def engines():
    """Return both engines, which are no fixture for hypothesis."""
    return engine_named("h11"), engine_named("httptools")


def heads():
    """Heads that mostly obey the syntax."""
    name = st.sampled_from(["Content-Length", "Transfer-Encoding", "Connection", "X", "x-Y_z!~"])
    value = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
    known = st.sampled_from(["0", "2", "02", "chunked", "close", "keep-alive", "gzip", "2, 2", ""])
    blank = st.sampled_from(["", " ", "\t", "  "])
    line = st.tuples(name, blank, st.one_of(known, value), blank)
    start = st.sampled_from(["HTTP/1.1 200 OK", "HTTP/1.0 200", "HTTP/1.1 204 ", "HTTP/1.1 999 x"])
    return st.builds(
        lambda start, lines: (
            "\r\n".join(
                [start, *[f"{name}:{before}{value}{after}" for name, before, value, after in lines]]
            ).encode()
            + b"\r\n\r\n"
        ),
        start,
        st.lists(line, max_size=4),
    )


def mutated():
    """Specimens with bytes inserted, removed or replaced."""

    def mutate(data, position, removed, inserted):
        position %= len(data) + 1
        return data[:position] + inserted + data[position + removed :]

    return st.builds(
        mutate,
        st.sampled_from(SHORT),
        st.integers(0, 2000),
        st.integers(0, 3),
        st.one_of(st.binary(max_size=4), st.sampled_from(PIECES)),
    )


def messages():
    """Bytes that a peer may send."""
    bodies = st.sampled_from(
        [b"", b"{}", b"{}{}", b"2\r\n{}\r\n0\r\n\r\n", b"2\r\n{}\r\n0\r\n\r\nx"]
    )
    return st.one_of(
        mutated(),
        st.builds(lambda head, body: head + body, heads(), bodies),
        st.lists(st.sampled_from(PIECES), max_size=25).map(b"".join),
        st.binary(max_size=60),
    )


@settings(max_examples=1000, deadline=None)
@given(messages(), st.lists(st.integers(0, 200), max_size=6), st.sampled_from(["GET", "HEAD"]))
@example(b"HTTP/1.1 200 OK\r\nConnection: \x7f\r\n\r\n", [], "GET")
def test_engines_agree(data, cuts, method):
    """The same result, or both reject it, with any split."""
    h11, httptools = engines()
    whole = read(h11, [data], method)
    assert read(httptools, [data], method) == whole
    bounds = sorted({0, len(data), *[cut for cut in cuts if cut < len(data)]})
    parts = [data[start:end] for start, end in zip(bounds, bounds[1:])]
    split = read(h11, parts, method)
    assert read(httptools, parts, method) == split
    # A reader stops at the end of a message: only what it never saw may differ.
    assert split[:-1] == whole[:-1] if isinstance(whole, tuple) else split == whole


@settings(max_examples=600, deadline=None)
@given(heads())
def test_engines_accept_every_head_of_the_syntax(head):
    """So neither rejects, or reads differently, what the other reads."""
    try:
        check_syntax(head)
    except InvalidMessageError:
        reject()
    h11, httptools = engines()
    assert h11.parse(head) == httptools.parse(head)


@pytest.mark.parametrize("specimen", SHORT)
def test_every_split_in_two(specimen):
    """Of each specimen, at every position."""
    h11, httptools = engines()
    whole = read(h11, [specimen])
    for position in range(1, len(specimen)):
        parts = [specimen[:position], specimen[position:]]
        by_h11, by_httptools = read(h11, parts), read(httptools, parts)
        assert by_h11 == by_httptools
        assert by_h11[:4] == whole[:4]
