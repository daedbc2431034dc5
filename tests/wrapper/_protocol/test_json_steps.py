"""Large JSON texts are decoded in steps, to the same values and errors as at once."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos._protocol import json_codec, json_steps, json_strings, json_windows
from memoryos._protocol.responses import HTTPResponse, ResponseKind, is_cut_off, read
from memoryos.exceptions import InvalidResponseError

from ...cpu_time import is_shorter_than_decoding, longest_step
from ..strategies import UNHURRIED
from .response_reading import in_steps

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(), inner, max_size=6),
    max_leaves=30,
)
TEXTS = [
    b"[]",
    b"{}",
    b" [ ] ",
    b'{"a":{}, "b" : [ ], "a": 2}',
    b"[[[[[[[[[[[[[[]]]]]]]]]]]]]]",
    b'["' + b"x" * 100 + b'", 1]',
    b"[" + b"1" * 100 + b"]",
    b"[1.5e300, -0, true, false, null, NaN, -Infinity]",
    b"\xef\xbb\xbf[1, 2, 3, 4, 5, 6, 7, 8, 9]",
    '["ü€😀", "ü€😀", "ü€😀"]'.encode("utf-16"),
    b"123456789012345",
    b'"' + b"\\u00e9" * 20 + b'"',
    b"",
    b"   ",
    b"[1, 2, 3, 4, 5, 6,]",
    b'{"a": 1, "b": 2, "c": 3,}',
    b'{"aaaaaaaaa": 1 "b": 2}',
    b'{"aaaaaaaaa" 1, "b": 2}',
    b"{aaaaaaaaaaaa: 1}",
    b'[1, 2, 3, 4, 5 6, "aaaaaaa"]',
    b"[1, 2, 3, 4, 5, 6}",
    b"[1, 2, 3, 4, 5, 6] 7",
    b"[1, 2, 3, 4, 5, 6]]",
    b'["aaaaaaaaaaaaaaaaaaaaa\n"]',
    b'["aaaaaaaaaaaa\\ud83d\\ude00\\ud83d\\ude00\\ud83d\\ud83daaaaaaaa\\ude00aaaaaaaaaaaa"]',
    b'["' + b"\\\\" * 20 + b'\\"' * 20 + b'", "a,b", "\\",", "],"]',
    b'["' + b"\\\\" * 20 + b"\\x" * 20 + b'"]',
    b'["aaaaaaaaaaaaaaaaaaa\\u12x4aaaaaaaaaaaaaaaaaaaaa"]',
    b'{"a": [1, 2], "b": {"c": "d,"}, "e": [{"f": 1}, {"g": 2}], "a": [3, "],", 4]}',
    b"[[1, 2], [3, [4, 5]], [6, 7, ], 8]",
    b"[1, 2, , 3]",
    b"[,1, 2, 3, 4]",
    b'{"a": [[1, 2], [3, 4}], "b": 5}',
    b'{"a": {"b": [1, 2], "c": }, "d": 1}',
    b'{"a": {"b": [1, 2], "c": 3, }, "d": 1}',
    b'{"a": 1, "b": {"c": 2, "d": 3]}',
    b'[[1, "], ", "[", [2, "\\", [3]]], {"a": {"b,": "{"}}]',
    b'["aaaaaaaaaaaaaaaaaaaaa\xff"]',
]


def outcome(decode, content):
    """Return the value with its types, or the kind of the error and whether the text is cut off."""
    try:
        return repr(decode(content))
    except RecursionError:
        return "too deep"
    except ValueError as error:
        return json_codec.is_cut_off(content, error, opening="{[")


@pytest.fixture(autouse=True, scope="module")
def _small_steps():
    """Have small texts decoded in small steps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_steps, "MIN_BYTES", 5)
        patch.setattr(json_windows, "STEP_CHARACTERS", 7)
        patch.setattr(json_strings, "PART_CHARACTERS", 13)
        yield


@pytest.mark.parametrize("content", TEXTS, ids=lambda content: repr(content[:40]))
def test_the_value_or_the_error_is_the_same(content):
    """Wherever a step ends."""
    assert outcome(in_steps, content) == outcome(json_codec.decode, content)
    for length in range(min(len(content), 60)):
        assert outcome(in_steps, content[:length]) == outcome(json_codec.decode, content[:length])


@given(VALUES, st.sampled_from([None, 1]), st.data())
@UNHURRIED
def test_any_value_is_decoded_to_the_same(value, indent, data):
    """And any damage to its text has the same consequence."""
    content = bytearray(json.dumps(value, indent=indent).encode())
    assert outcome(in_steps, bytes(content)) == outcome(json_codec.decode, bytes(content))
    at = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(at, len(content)))
    content[at:end] = data.draw(st.binary(max_size=3) | st.sampled_from([b",", b'"', b"}", b"]"]))
    assert outcome(in_steps, bytes(content)) == outcome(json_codec.decode, bytes(content))


STORMS = {
    "memories": b'{"data":[' + b",".join([b'{"id":"x","content":"%s"}' % (b"x" * 80)] * 50_000),
    "lists": b"[" + b"[]," * 400_000 + b"[]]",
    "numbers": b"[" + b"0.5," * 1_000_000 + b"1]",
    "names": b'{"a":{' + b'"b":1,' * 700_000 + b'"b":2}}',
    "depth": b'{"a":' * 500 + b"[" + b"1," * 700_000 + b"1]" + b"}" * 500,
    "a string": b'["' + b"x" * 4_000_000 + b'"]',
    "half": b"[" + b"1," * 700_000 + b'"x',
    "junk": b"[" + b"1," * 700_000 + b"1] x",
}


def pauses_of_decoding(content):
    with contextlib.suppress(ValueError):
        yield from json_steps.decode_in_steps(content)


@pytest.mark.parametrize("name", STORMS)
def test_a_large_text_is_decoded_in_short_steps(name, monkeypatch):
    """So an event loop never waits for long."""
    monkeypatch.setattr(json_steps, "MIN_BYTES", 1024 * 1024)
    monkeypatch.setattr(json_windows, "STEP_CHARACTERS", 16 * 1024)
    content = STORMS[name]
    assert is_shorter_than_decoding(1, lambda: longest_step(pauses_of_decoding(content)))


class CountingDecoder:
    """A decoder that adds up the characters that it reads, with a minimum for each call."""

    CALL_CHARACTERS = 200

    def __init__(self):
        self.characters = 0

    def decode(self, text):
        return self._counted(json.JSONDecoder().decode, text, 0)

    def raw_decode(self, text, start=0):
        return self._counted(json.JSONDecoder().raw_decode, text, start)

    def _counted(self, decode, text, start):
        self.characters += self.CALL_CHARACTERS
        try:
            found = decode(text, *[start] * bool(start))
        except json.JSONDecodeError as error:
            self.characters += error.pos - start
            raise
        self.characters += (found[1] if isinstance(found, tuple) else len(text)) - start
        return found


NUMBERS = "1," * 9000 + "1"  # more than one step
MEMORIES = {
    "nested arrays": ("[" * 90 + NUMBERS + "]" * 90 + ",") * 10,
    "nested objects": ('{"a":' * 90 + f"[{NUMBERS}]" + "}" * 90 + ",") * 10,
    "arrays just above a step": f"[{NUMBERS}]," * 10,
    "objects just above a step": ('{"a":{"b":[1,"x",2],"c":{}}' + ',"d":[1,{}]' * 1600 + "},") * 10,
    "commas in strings": ("1," * 5000 + '"' + ',},],\\",' * 700 + '",') * 10,
}


@pytest.mark.parametrize("name", MEMORIES)
def test_nothing_is_decoded_many_times(name, monkeypatch):
    """Wherever the large members are."""
    monkeypatch.setattr(json_windows, "STEP_CHARACTERS", 16 * 1024)
    monkeypatch.setattr(json_strings, "PART_CHARACTERS", 64 * 1024)
    decoder = CountingDecoder()
    monkeypatch.setattr(json_windows, "_decoder", decoder)
    content = f"[{MEMORIES[name]}1]".encode()
    assert in_steps(content) == json.loads(content)
    assert decoder.characters < 10 * len(content)


def test_a_large_text_contains_no_more_objects_than_memory_holds():
    """Each takes much more memory than its brackets."""
    content = b"[" + b"[]," * json_steps.MAX_CONTAINERS + b"1]"
    with pytest.raises(ValueError, match="more than 500000 objects and arrays"):
        in_steps(content)


@pytest.mark.parametrize(
    "strings",
    [
        [r"{[\"{" * 100] * 2000,
        ["[" * 600_000],
        ["\\" * 100_000 + '"' + "[" * 600_000, "{", "\\"],
        ["{"] * 600_000,
    ],
    ids=["many", "long", "escapes", "short"],
)
def test_brackets_in_strings_are_no_objects(strings, monkeypatch):
    """A page may contain many memories of source code or JSON."""
    monkeypatch.setattr(json_windows, "STEP_CHARACTERS", 16 * 1024)
    monkeypatch.setattr(json_strings, "PART_CHARACTERS", 64 * 1024)
    content = json.dumps([{"content": strings}]).encode()
    assert in_steps(content) == [{"content": strings}]
    for cut_off in (content[:-4], content[:-5], content[:-6]):
        assert outcome(in_steps, cut_off) == outcome(json_codec.decode, cut_off)
    objects = b"{}," * json_steps.MAX_CONTAINERS
    with pytest.raises(ValueError, match="more than 500000 objects and arrays"):
        in_steps(b"[" + content + b"," + objects + b"1]")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b'{"data": {"id": "x"}} junk', "is not JSON"), (b'{"data": {"id": "xxx', "is cut off")],
)
def test_a_response_keeps_what_was_decoded_in_steps(content, reason, monkeypatch):
    """The value or the error; it is not decoded again."""
    whole = HTTPResponse(200, {}, b'{"data": {"id": "xxxxxxxxx"}}')
    broken = HTTPResponse(200, {}, content)
    for response in (whole, broken):
        assert list(response.decode())
    monkeypatch.setattr(json_codec, "decode", None)
    assert read(whole, kind=ResponseKind.ITEM, now=0) == {"id": "xxxxxxxxx"}
    with pytest.raises(InvalidResponseError, match=reason) as raised:
        read(broken, kind=ResponseKind.ITEM, now=0)
    assert is_cut_off(raised.value) is (reason == "is cut off")


@pytest.mark.parametrize(
    "response",
    [HTTPResponse(500, {}, b'{"error": {}}'), HTTPResponse(200, {}, b"", "its body is cut off")],
)
def test_a_response_without_a_result_is_not_decoded_in_steps(response):
    """Of errors, only small bodies are decoded."""
    assert list(response.decode()) == []
