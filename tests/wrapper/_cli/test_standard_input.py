"""Standard input: byte order marks, UTF-16, line breaks of Windows, and what is refused."""

from __future__ import annotations

import codecs
import io
import json

import pytest

from memoryos._cli.error_messages import InputError
from memoryos._cli.standard_input import count_lines, read_ids, read_items, read_text

from .answers import ID, echo


@pytest.fixture
def stdin(monkeypatch):
    """A function that sets standard input."""

    def put(content):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))

    return put


MARKED = {
    "utf-8": lambda text: codecs.BOM_UTF8 + text.encode(),
    "utf-16-le": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "utf-16-be": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "utf-32-le": lambda text: codecs.BOM_UTF32_LE + text.encode("utf-32-le"),
    "utf-32-be": lambda text: codecs.BOM_UTF32_BE + text.encode("utf-32-be"),
    "none": str.encode,
}
ENCODINGS = pytest.mark.parametrize("encode", MARKED.values(), ids=MARKED)
# Characters whose UTF-16 form contains the byte of a line break.
TEXT = "zoë 👍 \u0a0a\u010a\u0d0d"


@ENCODINGS
@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("hello", "hello"),
        ("hello\n", "hello"),
        ("hello\r\n", "hello"),
        ("hello\r", "hello"),
        ("hello\n\n", "hello\n"),
        ("hello\r\n\r\n", "hello\n"),
        ("a\r\nb\r\n", "a\nb"),
        ("a\rb\n", "a\rb"),
        ("\r\n", ""),
        ("", ""),
        (TEXT, TEXT),
        ("a\ufeffb", "a\ufeffb"),
        ("a\r\r\nb\r\r\n", "a\nb"),
        ("a\n\ufeffb\r\n\ufeffc", "a\nb\nc"),
    ],
)
def test_a_text_is_read_without_its_mark_and_its_last_line_break(stdin, encode, given, read):
    stdin(encode(given))
    assert read_text("-") == read


@ENCODINGS
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_are_numbered_and_have_no_line_breaks(stdin, encode, end):
    stdin(encode(end.join(["one", "", "  two", TEXT])))
    items = list(read_items({"tier": "long"}, as_json=False))
    assert items == [
        (1, {"tier": "long", "content": "one"}),
        (3, {"tier": "long", "content": "  two"}),
        (4, {"tier": "long", "content": TEXT}),
    ]


@ENCODINGS
def test_json_lines_and_ids_are_read_in_each_encoding(stdin, encode):
    stdin(encode('{"content": "é"}\r\n{"content": "b"}'))
    assert [item["content"] for _, item in read_items({}, as_json=True)] == ["é", "b"]
    stdin(encode(f"{ID}\r\n {ID} x"))
    assert list(read_ids(["-"])) == [ID, ID, "x"]


def test_files_with_marks_that_were_joined_are_read(stdin):
    stdin(codecs.BOM_UTF8 + b"a\n" + codecs.BOM_UTF8 + b"b\n")
    assert [item["content"] for _, item in read_items({}, as_json=False)] == ["a", "b"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
@pytest.mark.parametrize("read", [read_text, lambda _: list(read_items({}, as_json=False))])
def test_utf_16_without_a_mark_is_refused_with_what_to_do(stdin, encoding, read):
    stdin("hello there\r\n".encode(encoding))
    with pytest.raises(InputError, match=r"seems to be UTF-16 .* convert it to UTF-8"):
        read("-")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["жизнь", "жизнь, блин\nдым\n", "θψξ", "שלב", "سلم", "\nдым"])
@pytest.mark.parametrize("read", [read_text, lambda _: list(read_items({}, as_json=False))])
def test_utf_16_of_other_alphabets_without_a_mark_is_refused(stdin, read, text, encoding):
    """It is valid UTF-8, too: of control characters and Latin letters."""
    stdin(text.encode(encoding))
    with pytest.raises(InputError, match="seems to be UTF-16"):
        read("-")


@pytest.mark.parametrize("text", ["\x1b[1m\x1b[0mx\x1b[31m\x1b[0m", "a\tb\tc\td", "жизнь", "\f\n1"])
@pytest.mark.parametrize("read", [read_text, lambda _: list(read_items({}, as_json=False))])
def test_colours_and_white_space_are_not_taken_for_utf_16(stdin, read, text):
    stdin(text.encode())
    assert read("-")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", ["a", "é", "a\n", "a\nb\n", "\nbcd\n", "\r\n\r\na", "\n\n\nzoë"])
@pytest.mark.parametrize("read", [read_text, lambda _: list(read_items({}, as_json=False))])
def test_a_short_first_line_of_utf_16_without_a_mark_is_refused(stdin, read, text, encoding):
    """A line break of two bytes is cut in the middle: each line would be stored with nulls."""
    stdin(text.encode(encoding))
    with pytest.raises(InputError, match="seems to be UTF-16"):
        read("-")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a\xff", "standard input is not UTF-8"),
        ("zoë".encode("latin-1"), "standard input is not UTF-8"),
        (codecs.BOM_UTF16_LE + b"a", "standard input is not UTF-16"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8a\x00", "standard input is not UTF-16"),
    ],
)
def test_a_text_in_no_known_encoding_is_refused(stdin, content, said):
    stdin(content)
    with pytest.raises(InputError, match=said):
        read_text("-")


def test_a_damaged_line_of_utf_16_has_its_number(stdin):
    stdin(codecs.BOM_UTF16_LE + "a\nb\n".encode("utf-16-le") + b"c")
    with pytest.raises(InputError, match="line 3 is not UTF-16"):
        list(read_items({}, as_json=False))


def test_lines_are_counted_where_they_can_be(stdin):
    stdin(codecs.BOM_UTF8 + b"a\r\n\r\nb\n")
    assert count_lines() == 2
    assert len(list(read_items({}, as_json=False))) == 2
    stdin(MARKED["utf-16-le"]("a\nb"))
    assert count_lines() is None
    assert len(list(read_items({}, as_json=False))) == 2


class SlowPipe(io.RawIOBase):
    """A pipe whose writer sends one line at a time."""

    def __init__(self, lines):
        self.lines = lines

    def readable(self):
        return True

    def readinto(self, buffer):
        line = self.lines.pop(0)
        buffer[: len(line)] = line
        return len(line)


def test_a_line_of_a_pipe_is_read_as_soon_as_it_is_there(monkeypatch):
    pipe = SlowPipe([b"a\n", b"b\n"])
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(pipe)))
    assert next(read_items({}, as_json=False)) == (1, {"content": "a"})
    assert pipe.lines == [b"b\n"]


def test_the_commands_store_what_was_meant(api, run):
    route = api.post("/memories").mock(side_effect=echo)
    api.patch(f"/memories/{ID}").mock(side_effect=echo)
    assert run("create", "-", stdin=b"hello\r\n").status == 0
    assert run("create", "--lines", stdin=MARKED["utf-16-le"]("hello\r\n")).status == 0
    assert [json.loads(call.request.content)["content"] for call in route.calls] == ["hello"] * 2
    run("update", ID, "--content", "-", stdin=MARKED["utf-8"]("hello\r\n"))
    assert json.loads(api.calls.last.request.content)["content"] == "hello"


def test_an_empty_batch_name_is_an_error(run, monkeypatch):
    monkeypatch.setenv("MEMORY_OS_API_KEY", "mos_test_x")
    result = run("create", "--lines", "--batch", "", stdin="a\n")
    assert result.status == 2
    assert "batch" in result.err


def test_a_conversation_is_stored_in_order(api, run):
    route = api.post("/memories").mock(side_effect=echo)
    lines = [f"line {number}" for number in range(50)]
    assert run("create", "--lines", "--type", "conversation", stdin="\n".join(lines)).status == 0
    assert [json.loads(call.request.content)["content"] for call in route.calls] == lines


@pytest.mark.parametrize(
    "line",
    [
        b'{"content": "a", "content": "b"}',
        b'{"content": "a", "metadata": {"content": 1, "content": 2}}',
        b'{"content": "a", "metadata": {"a": [{"content": 1, "content": 1}]}}',
    ],
)
def test_a_key_that_is_there_twice_is_refused(stdin, line):
    """One of its values would be lost."""
    stdin(b'{"content": "a"}\n' + line)
    items = read_items({}, as_json=True)
    assert next(items) == (1, {"content": "a"})
    with pytest.raises(InputError, match="line 2 has the key 'content' twice"):
        next(items)
