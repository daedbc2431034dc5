"""Names and values in Python files and pages that may refer to the contract."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDERS = ("tests", "examples", "benchmarks", "docs")
PAGES = ("README.md", "CONTRIBUTING.md")
# Their own contracts use every name.
LEFT_OUT = re.compile(
    r"tests/tools/(contract_changes|evolution|wrapper_contract)/|docs/reference/|/__pycache__/"
)


class Reference(NamedTuple):
    """A name or value at a line of a file."""

    kind: str
    """`string`, `attribute`, `read` (of a key), `call`, `pair`, `list`, `sample` or `word`."""
    name: str
    """The string, attribute, key or word; for a call, the method: `memories.list`."""
    value: Any
    """A pair's value; a call's keywords; the strings of a list; the keys of a sample."""
    file: str
    line: int


def of_project(root: Path) -> list[Reference]:
    """Return the references in the tests, examples and pages of a project."""
    return [reference for name, path in _files(root) for reference in of_file(name, _text(path))]


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    paths = [root / page for page in PAGES]
    paths += [path for folder in FOLDERS for path in sorted((root / folder).rglob("*"))]
    for path in paths:
        name = path.relative_to(root).as_posix()
        if path.suffix in {".py", ".md"} and path.is_file() and not LEFT_OUT.search(name):
            yield name, path


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def of_file(name: str, text: str) -> list[Reference]:
    """Return the references in a file; none if Python can't parse it."""
    if name.endswith(".md"):
        return list(_words(name, text))
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return []
    return [reference for node in ast.walk(tree) for reference in _of_node(node, name)]


def _words(name: str, text: str) -> Iterator[Reference]:
    for number, line in enumerate(text.splitlines(), 1):
        for word in dict.fromkeys(re.findall(r"\w+", line)):
            yield Reference("word", word, None, name, number)


def _of_node(node: ast.AST, file: str) -> Iterator[Reference]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield Reference("string", node.value, None, file, node.lineno)
    elif isinstance(node, ast.Attribute):
        yield Reference("attribute", node.attr, None, file, node.lineno)
    elif isinstance(node, ast.Subscript):
        yield from _read(node.slice, file)
    elif isinstance(node, ast.Call):
        yield from _of_call(node, file)
    elif isinstance(node, ast.Dict):
        yield from _of_dict(node, file)
    elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        strings = _strings(node.elts)
        if len(strings) == len(node.elts) > 1:
            yield Reference("list", "", frozenset(strings), file, node.lineno)


def _strings(nodes: list[ast.expr]) -> list[str]:
    return [
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def _read(key: ast.expr, file: str) -> Iterator[Reference]:
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        yield Reference("read", key.value, None, file, key.lineno)


def _of_call(node: ast.Call, file: str) -> Iterator[Reference]:
    if not isinstance(node.func, ast.Attribute):
        return
    if node.func.attr == "get" and node.args:
        yield from _read(node.args[0], file)
    owner = node.func.value
    prefix = f"{owner.attr}." if isinstance(owner, ast.Attribute) else ""
    keywords = frozenset(word.arg or "**" for word in node.keywords)
    yield Reference("call", prefix + node.func.attr, keywords, file, node.lineno)
    for word in node.keywords:
        if word.arg and isinstance(word.value, ast.Constant):
            yield Reference("pair", word.arg, word.value.value, file, word.value.lineno)


def _of_dict(node: ast.Dict, file: str) -> Iterator[Reference]:
    keys = _strings([key for key in node.keys if key is not None])
    if len(keys) == len(node.keys) > 1:
        yield Reference("sample", "", frozenset(keys), file, node.lineno)
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(value, ast.Constant):
            yield Reference("pair", str(key.value), value.value, file, value.lineno)
