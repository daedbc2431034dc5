"""JSON that is nested without end ends a call, and never the process."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc

import pytest

from memoryos._protocol import json_codec, json_nesting, json_steps

from .response_reading import in_steps

LIMIT = json_nesting.MAX_DEPTH
LARGE = json_steps.MIN_BYTES + 1

# A future whose exception nobody reads is logged where it is collected: here, within the decoder.
COLLECTED_WITHIN_THE_DECODER = """
import asyncio, gc, logging
from memoryos._protocol.responses import HTTPResponse, ResponseKind, read
from memoryos.exceptions import InvalidResponseError

class Cycle:
    pass

async def main(content):
    loop = asyncio.get_running_loop()
    for objects in range(800, 1000, 2):
        gc.disable()
        gc.collect()
        cycle = Cycle()
        cycle.itself, cycle.future = cycle, loop.create_future()
        cycle.future.set_exception(ValueError())
        del cycle
        gc.set_threshold(gc.get_count()[0] + objects)
        gc.enable()
        response = HTTPResponse(200, {}, content)
        for _ in response.decode():
            pass
        try:
            read(response, kind=ResponseKind.ITEM, now=0)
        except InvalidResponseError:
            continue
        raise AssertionError("it was read")

logging.basicConfig()
asyncio.run(main(%r * %d + %r))
print("alive")
"""


@pytest.fixture
def limited(monkeypatch):
    """Limit the nesting on every Python."""
    monkeypatch.setattr(json_nesting, "_MAY_ABORT", True)
    monkeypatch.setattr(json_codec, "orjson", None)


@pytest.mark.parametrize("unit", [b"[", b'{"a":', b'["[",'], ids=["lists", "objects", "mixed"])
@pytest.mark.parametrize("size", [100_000, LARGE], ids=["at once", "in steps"])
@pytest.mark.parametrize("end", [b"", b'"\xc3'], ids=["", "within a character"])
def test_a_body_without_end_leaves_the_process_alive(unit, size, end):
    """Before 3.9.2, Python aborted where a finalizer ran near the recursion limit."""
    code = COLLECTED_WITHIN_THE_DECODER % (unit, size // len(unit), end)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "alive\n", done.stderr[-2000:]


@pytest.mark.usefixtures("limited")
@pytest.mark.parametrize("decode", [json_codec.decode, in_steps], ids=["at once", "in steps"])
@pytest.mark.parametrize("padding", [0, LARGE], ids=["small", "large"])
def test_the_limit_is_exact(decode, padding):
    """Brackets in strings, and lists beside each other, don't count."""
    for depth, is_read in ((LIMIT, True), (LIMIT + 1, False)):
        inner = b"[" * (depth - 1) + b"]" * (depth - 1)
        content = b'["[[{\\"[", [],' + b"[]," * LIMIT + inner + b"]" + b" " * padding
        if is_read:
            assert len(decode(content)) == LIMIT + 3
            continue
        with pytest.raises(RecursionError, match=f"more than {LIMIT} deep"):
            decode(content)


@pytest.mark.usefixtures("limited")
@pytest.mark.parametrize(
    ("beginning", "end"),
    [(b"[" + b" " * 1200, b"]"), (b'{"a":' + b" " * 1200, b"}"), (b"[" + b"[]," * 400, b"]")],
    ids=["lists", "objects", "lists with members"],
)
def test_the_limit_holds_across_steps(beginning, end):
    """Encoding, printing or copying a value that is nested too deeply is as dangerous."""
    for depth, is_read in ((LIMIT, True), (LIMIT + 1, False)):
        content = b"[[]," + beginning * (depth - 2) + b"[]" + end * (depth - 2) + b"]"
        assert len(content) > LARGE
        if is_read:
            assert len(in_steps(content)) == 2
            continue
        with pytest.raises(RecursionError, match=f"more than {LIMIT} deep"):
            in_steps(content)


@pytest.mark.usefixtures("limited")
def test_a_long_string_of_escapes_takes_little_memory():
    """A text that is decoded at once may have many megabytes."""
    text = "[" + "[]," * LIMIT + '"' + r"\n" * 500_000 + '"]'
    tracemalloc.start()
    try:
        json_nesting.check_nesting(text)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5 * len(text)


@pytest.mark.usefixtures("limited")
@pytest.mark.parametrize("escapes", [r"\"", r"\\", r"\\\"", r"\\\\", r"\n\"", r"\u0022"])
def test_escapes_neither_end_a_string_nor_hide_its_end(escapes):
    """Only brackets outside strings count."""
    deep = "[" * LIMIT
    json_nesting.check_nesting(f'["{escapes}{deep}"]')
    with pytest.raises(RecursionError):
        json_nesting.check_nesting(f'["{escapes}",{deep}')


@pytest.mark.usefixtures("limited")
def test_what_was_closed_before_makes_no_room():
    """A part of a text can begin deep within an array, and go on after its end."""
    json_nesting.check_nesting("]" * LIMIT + "[" * LIMIT)
    with pytest.raises(RecursionError, match=f"more than {LIMIT} deep"):
        json_nesting.check_nesting("]" * LIMIT + "[" * (LIMIT + 1))
