"""JSON by RFC 8259."""

from __future__ import annotations

import pytest

from memoryos_server.contract.strict_json import MAX_JSON_DEPTH, InvalidJSONError, decode, encode


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'{"a": [1, -2.5, true, null, "\\u00e9"]}', {"a": [1, -2.5, True, None, "é"]}),
        (b'"\\ud83d\\ude00"', "😀"),
        ('"😀\u202e"'.encode(), "😀\u202e"),
        (b'"\\u0000"', "\0"),
        (b"1e-400", 0.0),
        (b"-" + b"9" * 308, -(10**308 - 1)),
        (b"[" * MAX_JSON_DEPTH + b"]" * MAX_JSON_DEPTH, None),
    ],
)
def test_what_json_allows_is_read(text, value):
    """Pairs of surrogates, NUL, right-to-left marks and deep values within the bound are JSON."""
    result = decode(text)
    assert value is None or result == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "not valid JSON at line 1, column 1"),
        (b"{", "not valid JSON at line 1, column 2"),
        (b'{"a": 1,}', "not valid JSON"),
        (b"{'a': 1}", "not valid JSON"),
        (b"\xef\xbb\xbf{}", "not valid JSON at line 1, column 1"),
        ("{}".encode("utf-16"), "not valid UTF-8 at byte 0"),
        (b'"\xff"', "not valid UTF-8 at byte 1"),
        (b'"\xed\xa0\x80"', "not valid UTF-8"),
        (b"NaN", "contains NaN, which is not a JSON number"),
        (b"[-Infinity]", "contains -Infinity, which is not a JSON number"),
        (b'{"a": 1e999}', "a number that is too large"),
        (b"9" * 309, "a number that is too large"),
        (b"9" * 5000, "a number that is too large"),
        (b'{"a": 1, "a": 2}', "an object with a duplicate name"),
        (b'"\\ud800"', "an unpaired surrogate"),
        (b'{"\\udc00x": 1}', "an unpaired surrogate"),
        (
            b"[" * (MAX_JSON_DEPTH + 1) + b"]" * (MAX_JSON_DEPTH + 1),
            "nested more than 100 levels deep",
        ),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested more than 100 levels deep"),
        (b'["\\u0041",' + b"[" * 990 + b"]" * 990 + b"]", "nested more than 100 levels deep"),
    ],
)
def test_what_json_does_not_allow_is_refused(text, reason):
    """Each with its reason; the text itself is not quoted."""
    with pytest.raises(InvalidJSONError, match=reason):
        decode(text)


def test_many_flat_objects_are_not_mistaken_for_deep_ones():
    """The quick count of brackets is only a bound."""
    assert decode(b"[" + b"{}," * 500 + b"{}]") == [{}] * 501


def test_answers_are_compact_utf8():
    """No escapes for what UTF-8 can hold, no blanks."""
    assert encode({"a": ["é", 1.5]}) == '{"a":["é",1.5]}'.encode()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_json_can_not_hold_is_never_written(value):
    """It is an error here, not broken JSON at the client."""
    with pytest.raises(ValueError, match=r"JSON|surrogates"):
        encode([value])
