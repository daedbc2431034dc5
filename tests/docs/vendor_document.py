"""The code blocks of the vendor's documentation, cut out of its text.

The text is that of a web page: a block begins after a line that names its language, and ends
without a mark. A Python block is the longest run of lines that Python can compile; the two kinds of
line that could be code and are none, a table's head and a method as a heading, end it as well.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

LANGUAGES = ("Python", "Bash")
NO_CODE = re.compile(r"ParameterType\w*|[a-z_.]+\(\)")


class Code(NamedTuple):
    """A block as it stands in the document."""

    language: str
    text: str
    line: int

    @property
    def digest(self):
        """A name for exactly this text."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]


def code_blocks(document):
    """Return every code block of the document, in its order."""
    lines = document.splitlines()
    starts = [number for number, line in enumerate(lines, 1) if line in LANGUAGES]
    return [_block(lines, start, end) for start, end in zip(starts, [*starts[1:], len(lines) + 1])]


def _block(lines, start, end):
    """Return the block whose language stands in line `start`, and that ends before line `end`."""
    language, following = lines[start - 1], lines[start : end - 1]
    is_outside = _is_prose if language == "Bash" else NO_CODE.fullmatch
    size = next((size for size, line in enumerate(following) if is_outside(line)), len(following))
    if language == "Python":
        size = _longest_that_compiles(following[:size])
    return Code(language, "\n".join(following[:size]).rstrip() + "\n", start + 1)


def _is_prose(line):
    return line == ""


def _longest_that_compiles(lines):
    sizes = range(len(lines), 0, -1)
    return next((size for size in sizes if _compiles("\n".join(lines[:size]))), 0)


def _compiles(text):
    try:
        compile(text, "a block", "exec")
    except SyntaxError:
        return False
    return True
