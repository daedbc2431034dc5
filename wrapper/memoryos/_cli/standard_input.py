"""What commands read from standard input."""

from __future__ import annotations

import json
import sys
from typing import BinaryIO, Dict, Iterator, List, Mapping, Optional, Tuple, cast

from .error_messages import InputError

__all__ = ["count_lines", "is_piped", "read_ids", "read_items", "read_text"]

STDIN = "-"


def is_piped() -> bool:
    """Return whether something else than a terminal is connected to standard input."""
    return sys.stdin is not None and not sys.stdin.isatty()


def read_text(given: str) -> str:
    """Return a text from the command line; for `-`, all of standard input without its last newline.

    Raises:
        InputError: Standard input is not UTF-8.
    """
    if given != STDIN:
        return given
    text = _decoded(sys.stdin.buffer.read(), "standard input")
    return text[:-1] if text.endswith("\n") else text


def read_ids(given: List[str]) -> Iterator[str]:
    """Yield the ids of a command line; for `-`, the words of standard input.

    Raises:
        InputError: Standard input is not UTF-8.
    """
    for word in given:
        if word != STDIN:
            yield word
            continue
        for number, line in enumerate(sys.stdin.buffer, start=1):
            yield from _decoded(line, f"line {number}").split()


def count_lines() -> Optional[int]:
    """Return how many lines standard input has that are not blank; None where it is no file."""
    stream = sys.stdin.buffer
    if not stream.seekable():
        return None
    start = stream.tell()
    count = sum(1 for line in stream if line.strip())
    stream.seek(start)
    return count


def read_items(
    defaults: Mapping[str, object], *, as_json: bool
) -> Iterator[Tuple[int, Dict[str, object]]]:
    """Yield the memories of standard input, one a line, each with its line's number.

    Args:
        defaults: Arguments of `create` that every memory gets, unless its line says otherwise.
        as_json: Whether a line is a JSON object with arguments of `create`, or the content itself.

    Raises:
        InputError: A line is not UTF-8, or no JSON object.
    """
    stream: BinaryIO = sys.stdin.buffer
    for number, line in enumerate(stream, start=1):
        text = _decoded(line, f"line {number}").strip("\r\n")
        if not text.strip():
            continue
        said = _object(text, number) if as_json else {"content": text}
        yield number, {**defaults, **said}


def _object(text: str, number: int) -> Dict[str, object]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InputError(f"line {number} is not a JSON object")
    return cast("Dict[str, object]", value)


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{name} is not UTF-8") from None
