"""Read command input from standard input."""

from __future__ import annotations

import json
import sys
from typing import BinaryIO, Dict, Iterator, List, Mapping, Optional, Tuple, cast

from .error_messages import InputError

__all__ = ["count_lines", "is_piped", "read_ids", "read_items", "read_text"]

STDIN = "-"


def is_piped() -> bool:
    """Return whether standard input is a pipe or a file, not a terminal."""
    return sys.stdin is not None and not sys.stdin.isatty()


def read_text(given: str) -> str:
    """Return a command line argument; for `-`, standard input without its last newline.

    Raises:
        InputError: Standard input is not UTF-8.
    """
    if given != STDIN:
        return given
    text = _decoded(sys.stdin.buffer.read(), "standard input")
    return text[:-1] if text.endswith("\n") else text


def read_ids(given: List[str]) -> Iterator[str]:
    """Yield ids from command line arguments; for `-`, the words of standard input.

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
    """Return the number of non-blank lines of standard input; None if it can't be rewound."""
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
    """Yield the line number and the arguments of `memories.create` for each line.

    Blank lines are skipped.

    Args:
        defaults: Arguments for every memory. A JSON line overrides them.
        as_json: Each line is a JSON object with arguments. Otherwise it is the content.

    Raises:
        InputError: A line is not UTF-8 or not a JSON object.
    """
    stream: BinaryIO = sys.stdin.buffer
    for number, line in enumerate(stream, start=1):
        text = _decoded(line, f"line {number}").strip("\r\n")
        if not text.strip():
            continue
        given = _object(text, number) if as_json else {"content": text}
        yield number, {**defaults, **given}


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
