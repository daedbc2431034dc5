"""Reading a YAML file, with the line of each value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, SequenceNode
from ruamel.yaml.reader import ReaderError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DUPLICATE_KEY = re.compile('found duplicate key "([^"]*)"')

Pointer = tuple["str | int", ...]


class FileError(Exception):
    """A file has a mistake. The message begins with its name and the line: `openapi.yaml:5: …`."""


class Lines:
    """The lines of the values of a YAML file, by their pointers: keys and indexes from the root."""

    def __init__(self, name: str, lines: dict[Pointer, int]) -> None:
        self._name = name
        self._lines = lines

    def error(self, pointer: Pointer, message: str) -> FileError:
        """Return the error for a mistake in the value at a pointer, or in the nearest one above."""
        while pointer and pointer not in self._lines:
            pointer = pointer[:-1]
        return FileError(f"{self._name}:{self._lines.get(pointer, 1)}: {message}")


def read(path: Path) -> tuple[Any, Lines]:
    """Return the content of a YAML file, and the lines of its values.

    Raises:
        FileError: The file can't be read, or is not YAML in UTF-8.
    """
    name = path.name
    text = _text(path)
    try:
        yaml = YAML(typ="safe", pure=True)
        tree = yaml.compose(text)
        content = None if tree is None else yaml.constructor.construct_document(tree)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if error.context_mark is not None and "unexpected end" in (error.problem or ""):
            mark = error.context_mark  # where the quoted text begins
        line = 1 if mark is None else mark.line + 1
        raise FileError(f"{name}:{line}: {_reason(error)}") from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise FileError(f"{name}:{line}: this character is not allowed in YAML") from None
    except RecursionError:
        raise FileError(f"{name}: it is nested too deeply") from None
    except (YAMLError, ValueError) as error:
        raise FileError(f"{name}: {' '.join(str(error).split())}") from None
    return content, Lines(name, dict(_lines(tree, (), frozenset(), name)))


def _reason(error: MarkedYAMLError) -> str:
    """Return what is wrong, in one line, without ruamel's advice for programmers."""
    problem = " ".join((error.problem or "").split()) or "this is not YAML"
    duplicate = _DUPLICATE_KEY.match(problem)
    if duplicate:
        return f"the key {duplicate[1]} is there twice"
    return f"{error.context}, {problem}" if problem.startswith("but ") else problem


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"{path.name}: {error.strerror}") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileError(f"{path.name}:{line}: this line is not UTF-8") from None


def _lines(
    node: Any, pointer: Pointer, above: frozenset[int], name: str
) -> Iterator[tuple[Pointer, int]]:
    """Yield each pointer below a node, and the line of its key or, in a list, of its value."""
    if not pointer and node is not None:
        yield pointer, node.start_mark.line + 1
    if id(node) in above:
        raise FileError(f"{name}:{node.start_mark.line + 1}: a value contains itself")
    inner = above | {id(node)}
    if isinstance(node, MappingNode):
        for key, value in node.value:
            here = (*pointer, key.value)
            yield here, key.start_mark.line + 1
            yield from _lines(value, here, inner, name)
    elif isinstance(node, SequenceNode):
        for index, value in enumerate(node.value):
            here = (*pointer, index)
            yield here, value.start_mark.line + 1
            yield from _lines(value, here, inner, name)
