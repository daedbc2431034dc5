"""What Python files and pages say, so that it can be held against a change of the contract."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDERS = ("tests", "examples", "benchmarks", "docs")
PAGES = ("README.md", "CONTRIBUTING.md")
# They change contracts of their own, and so speak of everything.
LEFT_OUT = re.compile(
    r"tests/contract/(changes|evolution|agreement)/|docs/reference/|/__pycache__/"
)


class Use(NamedTuple):
    """One thing that a file says at a line."""

    kind: str
    """`string`, `attribute`, `read` (of a key), `call`, `pair`, `list`, `sample` or `word`."""
    name: str
    """The string, attribute, key or word; for a call, how it is called: `memories.list`."""
    value: Any
    """A pair's value; a call's keywords; the strings of a list; the keys of a sample."""
    file: str
    line: int


def of_project(root: Path) -> list[Use]:
    """Return everything that the tests, examples and pages of a project say."""
    return [use for name, path in _files(root) for use in of_file(name, _text(path))]


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    paths = [root / page for page in PAGES]
    paths += [path for folder in FOLDERS for path in sorted((root / folder).rglob("*"))]
    for path in paths:
        name = path.relative_to(root).as_posix()
        if path.suffix in {".py", ".md"} and path.is_file() and not LEFT_OUT.search(name):
            yield name, path


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def of_file(name: str, text: str) -> list[Use]:
    """Return everything that a file says; nothing of a Python file that is none."""
    if name.endswith(".md"):
        return list(_words(name, text))
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return []
    return [use for node in ast.walk(tree) for use in _of_node(node, name)]


def _words(name: str, text: str) -> Iterator[Use]:
    for number, line in enumerate(text.splitlines(), 1):
        for word in dict.fromkeys(re.findall(r"\w+", line)):
            yield Use("word", word, None, name, number)


def _of_node(node: ast.AST, file: str) -> Iterator[Use]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield Use("string", node.value, None, file, node.lineno)
    elif isinstance(node, ast.Attribute):
        yield Use("attribute", node.attr, None, file, node.lineno)
    elif isinstance(node, ast.Subscript):
        yield from _read(node.slice, file)
    elif isinstance(node, ast.Call):
        yield from _of_call(node, file)
    elif isinstance(node, ast.Dict):
        yield from _of_dict(node, file)
    elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        strings = _strings(node.elts)
        if len(strings) == len(node.elts) > 1:
            yield Use("list", "", frozenset(strings), file, node.lineno)


def _strings(nodes: list[ast.expr]) -> list[str]:
    return [
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def _read(key: ast.expr, file: str) -> Iterator[Use]:
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        yield Use("read", key.value, None, file, key.lineno)


def _of_call(node: ast.Call, file: str) -> Iterator[Use]:
    if not isinstance(node.func, ast.Attribute):
        return
    if node.func.attr == "get" and node.args:
        yield from _read(node.args[0], file)
    owner = node.func.value
    prefix = f"{owner.attr}." if isinstance(owner, ast.Attribute) else ""
    keywords = frozenset(word.arg or "**" for word in node.keywords)
    yield Use("call", prefix + node.func.attr, keywords, file, node.lineno)
    for word in node.keywords:
        if word.arg and isinstance(word.value, ast.Constant):
            yield Use("pair", word.arg, word.value.value, file, word.value.lineno)


def _of_dict(node: ast.Dict, file: str) -> Iterator[Use]:
    keys = _strings([key for key in node.keys if key is not None])
    if len(keys) == len(node.keys) > 1:
        yield Use("sample", "", frozenset(keys), file, node.lineno)
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(value, ast.Constant):
            yield Use("pair", str(key.value), value.value, file, value.lineno)
