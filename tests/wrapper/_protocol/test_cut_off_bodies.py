"""Bodies that end early, which another attempt may complete; and what only looks like one."""

from __future__ import annotations

import json
import tracemalloc

import pytest

from memoryos._protocol import json_codec, responses
from memoryos._protocol.responses import ResponseKind
from memoryos.exceptions import (
    InvalidResponseError,
)

from .response_reading import NOT_THE_CONTRACTS, answer, error_of, read, refusal


def test_only_an_answer_that_broke_off_is_worth_another_try():
    """Half a JSON object may come whole the next time; a page of HTML will not."""
    cut_off = {name for name, body in NOT_THE_CONTRACTS.items() if _cut_off(body)}
    assert cut_off == {"half"}


def _cut_off(body):
    return responses.is_cut_off(error_of(answer(200, body)))


@pytest.mark.parametrize(
    ("body", "is_cut_off"),
    [
        ('{"data": {"id": "é'.encode()[:-1], True),  # within a character
        (b' {"data"', True),
        (b'{"data": "\xff"}', False),
        ("é".encode()[:-1], False),
        (b"[1, 2", False),
    ],
)
def test_half_an_object_is_told_from_what_is_no_json(body, is_cut_off):
    """By where the text ends, and by how it begins."""
    error = error_of(answer(200, body))
    assert responses.is_cut_off(error) is is_cut_off
    assert ("its body is cut off" in error.message) is is_cut_off
    assert isinstance(error.__cause__, ValueError)


WHOLE = """ {"data": {"id": "ü\\u00e9\\ud83d\\ude00\\n\\\\", "n": [-1.5e-7, true, null],
    "e": [{}, "", "\\""], "t": false, "o": {"a": [], "b": 0}}, "meta": {"x": 10.25E+3}}  """


def cut_off_after(text):
    """Return whether a response that consists of this text is reported as cut off."""
    content = text if isinstance(text, bytes) else text.encode()
    return responses.is_cut_off(error_of(answer(200, content)))


def test_a_body_is_cut_off_wherever_it_ends_early():
    """Within a string, an escape, a number, a literal or a character, or between them."""
    content = WHOLE.encode()
    read(answer(200, content))  # it is valid
    for length in range(2, len(content.rstrip())):
        assert cut_off_after(content[:length]), content[:length]


def test_a_body_is_cut_off_too_where_blanks_follow():
    """Padding sent to keep a connection alive, or a line feed at the end."""
    for half in [
        '{"data": {"id": 1}',
        '{"data": {"id": [1',
        '{"data"',
        '{"data":',
        '{"data": {},',
        "{",
    ]:
        assert cut_off_after(half + " \r\n\t")


def test_a_body_with_a_byte_order_mark_is_read_or_cut_off_in_the_same_way():
    """Some services write one."""
    encoding = "utf-8-sig"
    content = WHOLE.encode(encoding)
    assert read(answer(200, content))["id"] == "üé😀\n\\"
    for length in range(12, len(WHOLE.rstrip().encode(encoding)), 3):
        assert cut_off_after(content[:length]), content[:length]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-32-be"])
def test_a_body_in_another_encoding_is_rejected(encoding):
    """JSON is UTF-8 (RFC 8259), and it isn't cut off."""
    with pytest.raises(InvalidResponseError, match="its body is not JSON"):
        read(answer(200, WHOLE.encode(encoding)))
    assert not cut_off_after(WHOLE.encode(encoding))


WITH_JUNK = {
    "junk": '{"data": {"id": "x"}} junk',
    "junk that opens an object": '{"data": {"id": "x"}}{',
    "a second document": '{"data": {"id": "x"}}\n{"data": {"id": "x"}}',
    "half a second document": '{"data": {"id": "x"}}\n{"data": {"id',
    "junk that opens a string": '{"data": {"id": "x"}} "',
    "HTML": '{"data": {"id": "x"}}<!-- 3 ms -->',
    "a NUL": '{"data": {"id": "x"}}\0',
    "NULs instead of the end": '{"data": {"id": "x"\0\0\0',
    "junk before": ')]}\',\n{"data": {"id": "x"}}',
    "junk before half": 'while(1);{"data": {"id": ',
    "two byte order marks": '\ufeff\ufeff{"data": {}}',
    "a body without its beginning": '"id": "x"}}',
    "a tail that is valid, and more": '{"id": "x"}}',
    "a comma too many": '{"data": {"id": "x",}}',
    "no comma": '{"data": {"id": "x" "a',
    "a word": '{"data": {"id": "x" t',
    "a word as a key": '{"data": {t',
    "no colon": '{"data" {',
    "a Python literal": '{"data": None',
    "a literal that is none": '{"data": truth',
    "a literal and blanks": '{"data": tru ',
    "a number and blanks": '{"data": 1. ',
    "a number with two dots": '{"data": 1.5.',
    "a number with two exponents": '{"data": 1e5e',
    "a number with a leading zero": '{"data": 01',
    "a number without a digit before": '{"data": .',
    "two numbers": '{"data": [1 1.',
    "a number after a string": '{"data": ["x"1.',
    "an escape that is none": '{"data": "\\q',
    "an escape and blanks": '{"data": "\\u12 ',
    "an escape that is no number": '{"data": "\\u12x',
    "an escape that is none before half an escape": '{"data": "\\uZZ\\u1',
    "a line feed in a string": '{"data": "x\n',
    "single quotes": "{'data': ",
    "a comment": '{"data": 1, // more',
    "a wrong bracket": '{"data": [1}',
    "text": "Bad gateway",
    "blanks": "  ",
    "a list": '[{"id": "x"',
    "a string": '"abc',
    "a literal": "tru",
    "a number": "-",
    "half a byte order mark": b"\xef\xbb",
    "a wrong byte at the end": b'{"data": "x\xff',
    "a wrong byte before": b'{"data": "\xffx',
    "half a character outside a string": b'{"data": \xc3',
    "half a character after the end": b'{"data": {}}\xc3',
    "half a character in text": b"\xc3",
    "a wrong escape before half a character": b'{"data": "\\q\xc3',
}


@pytest.mark.parametrize("body", WITH_JUNK.values(), ids=WITH_JUNK.keys())
def test_what_is_no_beginning_of_an_object_is_not_cut_off(body):
    """Another attempt would get the same."""
    assert not cut_off_after(body)


@pytest.mark.parametrize("body", ["[1, 2", '[{"a": ', '{"a": tru', "["])
def test_half_a_list_is_cut_off_where_a_list_may_be_the_result(body):
    """Where no envelope is expected."""
    with pytest.raises(InvalidResponseError, match="its body is cut off"):
        read(answer(200, body.encode()), ResponseKind.OTHER)


@pytest.mark.parametrize("body", ["[1, 2] 3", "[1 2", "tru", '"abc', "-", ""])
def test_scalars_and_junk_are_not_cut_off_where_any_json_may_be_the_result(body):
    """A scalar that is cut off can be a valid one."""
    with pytest.raises(InvalidResponseError, match="its body is not JSON"):
        read(answer(200, body.encode()), ResponseKind.OTHER)


def test_a_byte_order_mark_is_skipped():
    """As others do."""
    content = b'\xef\xbb\xbf{"data": {"id": "x"}, "meta": {"request_id": "req_8"}}'
    assert read(answer(200, content)) == {"id": "x"}
    assert responses.request_id(answer(200, content)) == "req_8"
    assert error_of(answer(404, b"\xef\xbb\xbf" + json.dumps(refusal("X")).encode())).code == "X"


def test_no_word_of_the_service_makes_an_error_one_that_is_cut_off():
    """Its details are its own."""
    told = answer(400, refusal("X", details={"cut_off": True}))
    assert not responses.is_cut_off(error_of(told))


LARGE_BODIES = {
    "within a character": ('["' + "日本" * 1_500_000).encode()[:-1],
    "after whitespace": b' ["' + b"a" * 8_000_000,
    "before a value": b"[" + b'"a", ' * 1_600_000,
    "with whitespace at the end": b'["' + b"a" * 8_000_000 + b'", \n',
}


@pytest.mark.parametrize("name", LARGE_BODIES)
def test_a_large_body_is_not_copied_to_find_out_whether_it_is_cut_off(name):
    """An event loop would wait for that."""
    content = LARGE_BODIES[name]
    with pytest.raises(ValueError) as raised:
        json.loads(content.decode())
    tracemalloc.start()
    try:
        assert json_codec.is_cut_off(content, raised.value, opening="{[")
        assert tracemalloc.get_traced_memory()[1] < 6 * 1024 * 1024
    finally:
        tracemalloc.stop()
