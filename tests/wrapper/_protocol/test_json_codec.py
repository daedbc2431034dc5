"""The extra [speed] changes speed and nothing else: it gives what the standard library gives."""

from __future__ import annotations

import array
import collections
import datetime as dt
import enum
import json
import math
import sys
import uuid
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memoryos._protocol import json_codec, operations

from ..strategies import UNHURRIED

if json_codec.orjson is None:
    pytest.skip("orjson is not installed (requirements/test.txt)", allow_module_level=True)


class Text(str):
    """A string of the application's own."""

    __slots__ = ()


class Number(int, enum.Enum):
    """An enum whose value is not the number that it is."""

    ONE = "one"

    def __new__(cls, value):
        """Make the number 1 of whatever value."""
        member = int.__new__(cls, 1)
        member._value_ = value
        return member


class Point(NamedTuple):
    """A tuple of the application's own."""

    x: int


class Float(float):
    """A float of the application's own, as numpy's float64 is."""

    __slots__ = ()


NUMBERS = st.one_of(
    st.integers(),
    st.integers(min_value=2**62, max_value=2**66),
    st.integers(min_value=-(2**66), max_value=-(2**62)),
    st.floats(),
    st.sampled_from([1e16, 1e-5, 1e-7, 5e-324, 1.7976931348623157e308, -0.0, 0.1, 1e22, 2.0**63]),
)
# With lone surrogates, which Python's strings can hold.
TEXTS = st.text(st.characters(exclude_categories=())) | st.sampled_from(["null", "\ud800", "e-5"])
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.lists(inner, max_size=5).map(tuple),
        st.dictionaries(TEXTS, inner, max_size=5),
        st.dictionaries(SCALARS, inner, max_size=3),
    ),
    max_leaves=20,
)
ODD_VALUES = {
    "a string of one's own": {"a": Text("text")},
    "a key of one's own": {Text("a"): 1},
    "an enum": {"a": Number.ONE},
    "a float of one's own": [Float(0.5)],
    "an ordered dict": {"a": collections.OrderedDict(b=1)},
    "a named tuple": Point(1),
    "a date": {"a": dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)},
    "a UUID": {"a": uuid.UUID(int=0)},
    "a set": {"a": {1}},
    "bytes": {"a": b"text"},
    "an array": {"a": array.array("d", [0.5])},
    "nested lists": {"a": [[[1]]]},
    "300 levels": json.loads("[" * 300 + "]" * 300),
    "an infinity": {"a": [0.5, math.inf]},
    "a long integer": {"a": [2**64]},
    "a lone surrogate": {"a": "\udfff"},
}
ODD_JSON = [
    b"",
    b" ",
    b"nul",
    b"NaN",
    b"[Infinity, -Infinity]",
    b"-0",
    b"-0.0",
    b"01",
    b"1.",
    b".5",
    b"+1",
    b"1E5",
    b"1e400",
    b"-1e400",
    b"1e-400",
    b"0.1000000000000000055511151231257827",
    b"9223372036854775807",
    b"9223372036854775808",
    b"-9223372036854775808",
    b"-9223372036854775809",
    b"18446744073709551615",
    b"18446744073709551616",
    b"[123456789012345678901234567890]",
    b"12345678901234567890e0",
    b'{"a":1,"a":2}',
    b'{"a":1,}',
    b"[1,]",
    b"{1:2}",
    b"{'a':1}",
    b'"\\ud800"',
    b'"\\udc00\\ud800"',
    b'"\\ud83d\\ude00"',
    b'"\\u0000"',
    b'"\x00"',
    b'"\n"',
    b'"\\x"',
    b'"\xff"',
    b'"\xc0\x80"',
    b'"\xed\xa0\x80"',
    b"\xef\xbb\xbf[]",
    b"[] []",
    b"[]\x00",
    b"\x0b[]",
    b"// comment\n[]",
    b"[" + b" " * 200_000 + b"18446744073709551616]",
    b"[" * 100_000,
    b"[" * 100_000 + b"]" * 100_000,
    json.dumps("é😀\u2028").encode("utf-16"),
]


def outcome(function, argument):
    """Return what a function gives, to the last bit, or the kind of its refusal."""
    try:
        return repr(function(argument))
    except RecursionError:
        return "too deep"
    except ValueError:  # a UnicodeError among them
        return "refused"
    except TypeError:
        return "of no JSON type"


def with_the_standard_library(function, argument):
    """Return what comes out where orjson is not installed."""
    installed, json_codec.orjson = json_codec.orjson, None
    try:
        return outcome(function, argument)
    finally:
        json_codec.orjson = installed


def sent(value):
    """Return the value that a service reads of what is sent."""
    return json.loads(json_codec.encode_fast(value).decode("utf-8"))


@given(VALUES)
@UNHURRIED
def test_what_is_sent_is_the_same(value):
    """To the last digit and the type of each number; or it is refused in the same way."""
    assert outcome(sent, value) == with_the_standard_library(sent, value)


@pytest.mark.parametrize("value", ODD_VALUES.values(), ids=ODD_VALUES.keys())
def test_what_orjson_would_send_otherwise_is_left_to_the_standard_library(value):
    """Types that it knows and the standard library doesn't, and subclasses, included."""
    assert outcome(json_codec.encode_fast, value) == with_the_standard_library(
        json_codec.encode, value
    )


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
@UNHURRIED
def test_what_is_read_is_the_same(value, escaped, indent):
    """Whatever Python can write, NaN and keys that stand twice included."""
    text = json.dumps(_with_string_keys(value), ensure_ascii=escaped, indent=indent)
    content = text.encode("utf-8", "surrogatepass")
    assert outcome(json_codec.decode, content) == with_the_standard_library(
        json_codec.decode, content
    )


@given(VALUES, st.data())
@UNHURRIED
def test_what_is_damaged_is_read_or_refused_in_the_same_way(value, data):
    """Bytes that are cut off, put in or changed."""
    content = bytearray(json.dumps(_with_string_keys(value)).encode("ascii"))
    at = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(at, len(content)))
    content[at:end] = data.draw(
        st.binary(max_size=3) | st.sampled_from([b"e", b"-", b",", b'"', b"9" * 19, b"NaN", b"\\u"])
    )
    damaged = bytes(content)
    assert outcome(json_codec.decode, damaged) == with_the_standard_library(
        json_codec.decode, damaged
    )


@pytest.mark.parametrize("content", ODD_JSON, ids=lambda content: repr(content[:40]))
def test_what_orjson_would_read_otherwise_is_left_to_the_standard_library(content):
    """Numbers past 64 bits and past every float, escapes of lone surrogates, no JSON at all."""
    assert outcome(json_codec.decode, content) == with_the_standard_library(
        json_codec.decode, content
    )


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=50))
@UNHURRIED
def test_an_embedding_arrives_as_it_was_given(numbers):
    """No digit is lost, however small or large the number."""
    assert repr(json.loads(json_codec.encode_fast({"embedding": numbers}))["embedding"]) == repr(
        numbers
    )


def test_orjson_is_used():
    """Otherwise this module would compare the standard library with itself."""
    embedding = {"embedding": [1e-05] * 3}
    assert json_codec.encode_fast(embedding) == b'{"embedding":[%s]}' % b",".join(
        [json_codec.orjson.dumps(1e-05)] * 3
    )
    assert json_codec.encode_fast(embedding) != json_codec.encode(embedding)
    deep = b"[" * 1000 + b"]" * 1000
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(500)
    try:
        assert isinstance(json_codec.decode(deep), list)
    finally:
        sys.setrecursionlimit(limit)


def test_what_is_sent_under_an_idempotency_key_is_the_same_to_the_byte():
    """The same call may be repeated from a machine without orjson; a service may compare bytes."""
    arguments = {"content": "x", "metadata": {"a": 1e-05}, "importance_score": 1e-05}
    call = operations.build_call(operations.create_memory, arguments)
    assert b'{"a":1e-05}' in call.content
    assert b'"importance_score":1e-05' in call.content


@given(
    st.fixed_dictionaries(
        {"content": st.text(min_size=1)},
        optional={
            "metadata": st.dictionaries(st.text(), st.text() | st.lists(st.text()), max_size=3),
            "importance_score": st.floats(0, 1),
            "source_id": st.text(min_size=1),
        },
    )
)
@example({"content": "a", "importance_score": 1e-05})
@example({"content": "a", "importance_score": 0.0001})
@example({"content": "a", "metadata": {"a": [Text("a")]}})
@example({"content": "a", "metadata": {"a": "\ud800"}})
@UNHURRIED
def test_a_memory_is_sent_as_the_same_bytes(arguments):
    """Most have nothing but short values, which are encoded without another look at them."""

    def content(_):
        return operations.build_call(operations.create_memory, arguments).content

    assert outcome(content, None) == with_the_standard_library(content, None)


def _with_string_keys(value):
    """Return the value with the keys as strings, so that it can be written."""
    if isinstance(value, dict):
        return {
            key if isinstance(key, str) else repr(key): _with_string_keys(item)
            for key, item in value.items()
        }
    return (
        [_with_string_keys(item) for item in value] if isinstance(value, (list, tuple)) else value
    )


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("encode", [json_codec.encode, json_codec.encode_fast])
def test_a_number_that_json_has_not_is_never_written(encode, number):
    """Not as NaN, which other readers refuse, nor as null, which would be another value."""
    for value in ({"a": number}, {"a": [0.5, number]}, {"a": {"b": number}}):
        with pytest.raises(ValueError, match="Out of range"):
            encode(value)


@pytest.mark.parametrize("write", [json_codec.encode, json_codec.encode_fast])
def test_what_is_written_is_compact_utf_8(write):
    """No space, and no escape where none is needed: byte by byte the same everywhere."""
    assert write({"é": ["😀", 1, None, True]}) == '{"é":["😀",1,null,true]}'.encode()


@pytest.mark.parametrize("content", [b"12345678901234567890", b"[12345678901234567890]"])
def test_a_long_number_is_read_exactly_wherever_it_is(content):
    """orjson would make a float of it."""
    value = json_codec.decode(content)
    assert value == json.loads(content)
    assert b"12345678901234567890" in json_codec.encode(value)
