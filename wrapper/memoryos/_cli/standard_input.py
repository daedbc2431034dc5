"""Read command input from standard input.

It is UTF-8, or UTF-16 or UTF-32 with a byte order mark, as other programs write it on Windows.
"""

from __future__ import annotations

import codecs
import re
import sys
from typing import Any, BinaryIO, Dict, Iterator, List, Mapping, Optional, Tuple, cast

from memoryos._protocol.json_texts import RepeatedKeyError, parsed_json

from .error_messages import InputError
from .filter_options import joined_metadata

__all__ = ["count_lines", "decoded", "is_piped", "read_ids", "read_items", "read_text"]

STDIN = "-"

_UTF_8 = "UTF-8"
# UTF-32's mark for little endian begins with that of UTF-16.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_LONGEST_MARK = 4
_BYTE_ORDER_MARK = "\ufeff"
_MARK_OF_A_LINE = re.compile(f"^{_BYTE_ORDER_MARK}", re.MULTILINE)
_LINE_BREAK = re.compile(r"\r{1,2}\n")
_SAMPLE_BYTES = 1024
# Every other byte of a text in UTF-16: 0 in Latin, 3 in Greek, 4 in Cyrillic. No text in UTF-8
# contains many of these, unlike white space and the escape character of colours.
_CONTROLS = bytes((*range(9), *range(14, 27)))


def is_piped() -> bool:
    """Return whether standard input is a pipe or a file, not a terminal."""
    return sys.stdin is not None and not sys.stdin.isatty()


def read_text(given: str) -> str:
    r"""Return a command line argument; for `-`, standard input without its last line break.

    Line breaks are `\n`, `\r\n` or `\r\r\n`, which is `\r\n` written twice as text on Windows. They
    become `\n`. Lines have no byte order marks.

    Raises:
        InputError: Standard input is not text in a known encoding.
    """
    if given != STDIN:
        return given
    text = decoded(sys.stdin.buffer.read())
    text = _MARK_OF_A_LINE.sub("", _LINE_BREAK.sub("\n", text))
    return text[:-1] if text.endswith(("\n", "\r")) else text


def decoded(content: bytes, name: str = "standard input") -> str:
    """Return the text of an input.

    Args:
        content: All of it.
        name: What it is, for the error.

    Raises:
        InputError: It is not text in a known encoding.
    """
    encoding = _encoding(content, name)
    try:
        return _without_mark(content.decode(encoding))
    except UnicodeDecodeError:
        raise InputError(f"{name} is not {encoding}") from None


def read_ids(given: List[str]) -> Iterator[str]:
    """Yield ids from command line arguments; for `-`, the words of standard input.

    Raises:
        InputError: Standard input is not text in a known encoding.
    """
    for word in given:
        if word != STDIN:
            yield word
            continue
        for _, line in _lines(sys.stdin.buffer):
            yield from line.split()


def count_lines() -> Optional[int]:
    """Return the number of non-blank lines of standard input; None if it can't be known."""
    stream = sys.stdin.buffer
    if not stream.seekable():
        return None
    start = stream.tell()
    is_utf_8 = _marked_encoding(stream.read(_LONGEST_MARK)) is None
    stream.seek(start)
    if not is_utf_8:
        return None
    count = sum(1 for line in stream if line.strip())
    stream.seek(start)
    return count


def read_items(
    defaults: Mapping[str, object], *, as_json: bool
) -> Iterator[Tuple[int, Dict[str, object]]]:
    """Yield the line number and the arguments of `memories.create` for each line.

    Blank lines are skipped.

    Args:
        defaults: Arguments for every memory. A JSON line overrides them, and of the metadata only
            the members that it has.
        as_json: Each line is a JSON object with arguments. Otherwise it is the content.

    Raises:
        InputError: A line is not text in a known encoding, or not a JSON object, or it has a key
            twice.
    """
    for number, text in _lines(sys.stdin.buffer):
        if not text.strip():
            continue
        given = _object(text, number) if as_json else {"content": text}
        yield number, _with_defaults(given, defaults)


def _with_defaults(
    given: Mapping[str, object], defaults: Mapping[str, object]
) -> Dict[str, object]:
    usual, own = defaults.get("metadata"), given.get("metadata")
    item = {**defaults, **given}
    if isinstance(usual, dict) and isinstance(own, (dict, type(None))):
        item["metadata"] = joined_metadata(cast("Any", usual), cast("Any", own or {}))
    return item


def _object(text: str, number: int) -> Dict[str, object]:
    try:
        value = parsed_json(text)
    except RepeatedKeyError as error:
        raise InputError(f"line {number} {error}") from None
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise InputError(f"line {number} is not a JSON object")
    return cast("Dict[str, object]", value)


def _lines(stream: BinaryIO) -> Iterator[Tuple[int, str]]:
    """Yield each line with its number, without its line break and without byte order marks.

    Files that are concatenated have marks in the middle, too.
    """
    for number, line in enumerate(_decoded_lines(stream), start=1):
        yield number, _without_mark(line.rstrip("\r\n"))


def _decoded_lines(stream: BinaryIO) -> Iterator[str]:
    first = stream.readline()  # not more: the next line of a pipe may come much later
    encoding = _encoding(first)
    if encoding != _UTF_8:
        yield from _wide_lines(first, stream, encoding)
        return
    line, number, is_blank_so_far = first, 1, True
    while line:
        if is_blank_so_far and number > 1:
            _encoding(line)  # the first lines had no letters to tell
        is_blank_so_far = is_blank_so_far and not line.strip()
        try:
            yield line.decode(encoding)
        except UnicodeDecodeError:
            raise InputError(f"line {number} is not {encoding}") from None
        line, number = stream.readline(), number + 1


def _wide_lines(first: bytes, stream: BinaryIO, encoding: str) -> Iterator[str]:
    """Yield the lines of an encoding in which a line break has several bytes."""
    decoder = codecs.getincrementaldecoder(encoding)()
    part, number, rest = first, 1, ""
    while True:
        try:
            rest += decoder.decode(part, final=not part)
        except UnicodeDecodeError:
            raise InputError(f"line {number} is not {encoding}") from None
        *lines, rest = rest.split("\n")
        yield from lines
        number += len(lines)
        if not part:
            break
        part = stream.readline()
    if rest:
        yield rest


def _encoding(start: bytes, name: str = "standard input") -> str:
    """Return the encoding of a text.

    Raises:
        InputError: It seems to be UTF-16 or UTF-32 without a byte order mark.
    """
    marked = _marked_encoding(start)
    sample = start[:_SAMPLE_BYTES]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if marked is None and sample and controls * 4 >= len(sample):
        raise InputError(
            f"{name} seems to be UTF-16 without a byte order mark; convert it to UTF-8, "
            "for example with `iconv -f UTF-16LE -t UTF-8`"
        )
    return marked or _UTF_8


def _marked_encoding(start: bytes) -> Optional[str]:
    """Return the encoding that a byte order mark names; None for UTF-8."""
    return next((name for mark, name in _BYTE_ORDER_MARKS if start.startswith(mark)), None)


def _without_mark(text: str) -> str:
    return text[1:] if text.startswith(_BYTE_ORDER_MARK) else text
