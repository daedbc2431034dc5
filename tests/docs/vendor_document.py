"""Find the code blocks in the plain text of the vendor's documentation (a parser for sybil).

The text is that of a web page: a block begins after a line with the name of its language, and has
no end mark. A shell block ends with the first empty line. A Python block is the longest run of
lines that compiles, up to two kinds of line that could be code: a table's head, and a method's name
as a heading.
"""

from __future__ import annotations

import hashlib
import re

from sybil import Lexeme
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.abstract.lexers import BlockLexer

LEXER = BlockLexer(
    re.compile(r"^(?P<language>Python|Bash)\n", re.MULTILINE), r"(?m:(?=^(?:Python|Bash)$)|\Z)"
)
NO_CODE = re.compile(r"ParameterType\w*|[a-z_.]+\(\)")


def code_blocks(document):
    """Yield every code block; only Python is evaluated."""
    for region in LEXER(document):
        is_python = region.lexemes["language"] == "Python"
        lines = region.lexemes["source"].splitlines()
        is_outside = NO_CODE.fullmatch if is_python else _is_empty
        size = next((size for size, line in enumerate(lines) if is_outside(line)), len(lines))
        if is_python:
            size = _longest_that_compiles(lines[:size])
            region.evaluator = PythonEvaluator()
        code = "\n".join(lines[:size]).rstrip() + "\n"
        region.parsed = Lexeme(code, region.lexemes["source"].offset, 0)
        yield region


def digest_of(example):
    """Return a name for exactly this code."""
    return hashlib.sha256(example.parsed.encode()).hexdigest()[:12]


def _is_empty(line):
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
