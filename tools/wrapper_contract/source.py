"""Read the methods and error classes of the SDK, and the methods of the server, from their source.

Nothing is imported, so that a copy of the project, or code that doesn't run, can be read too.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGE = "wrapper/memoryos"
CLIENT = "AsyncMemoryOS"  # MemoryOS is generated from it
ERRORS = f"{PACKAGE}/_protocol/responses.py"
SERVICE = "server/memoryos_server/service/operations.py"
NO_DEFAULT: Any = object()

Classes = dict[str, tuple[str, ast.ClassDef]]
"""The file and the definition of each class, by its name."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a method."""

    name: str
    annotation: str
    default: Any
    line: int


@dataclass(frozen=True)
class Method:
    """A method of the client that sends one operation."""

    operation: str
    chain: str
    """How people call it on a client: `memories.create`."""
    owner: str
    """The class that has it."""
    name: str
    file: str
    line: int
    parameters: dict[str, Parameter]
    returns: str
    docstring: str
    docstring_line: int


@dataclass(frozen=True)
class Location:
    """A line of a file."""

    file: str
    line: int


@dataclass(frozen=True)
class Wrapper:
    """What is read of the SDK and of the server's service."""

    methods: list[Method]
    classes: dict[str, Location]
    error_classes: dict[int, str]
    error_table: Location
    translated_codes: dict[str, str]
    service: dict[str, Location]
    """The methods of the server's service; empty if there is no server."""


def read(root: Path) -> Wrapper:
    """Read the project at `root`.

    Raises:
        SyntaxError: A module is not Python.
    """
    classes = {
        node.name: (path.relative_to(root).as_posix(), node)
        for path in sorted((root / PACKAGE / "_async").glob("*.py"))
        for node in _parse(path).body
        if isinstance(node, ast.ClassDef)
    }
    errors = _parse(root / ERRORS)
    return Wrapper(
        methods=list(_methods(classes)),
        classes={name: Location(file, node.lineno) for name, (file, node) in classes.items()},
        error_classes=_constant(errors, "ERROR_CLASSES"),
        error_table=Location(ERRORS, _assignment(errors, "ERROR_CLASSES").lineno),
        translated_codes=_constant(errors, "TRANSLATED_CODES"),
        service=_service(root),
    )


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _methods(classes: Classes) -> Iterator[Method]:
    yield from _methods_of(CLIENT, "", classes)
    for node in classes[CLIENT][1].body:  # its resources: `memories: AsyncMemories`
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield from _methods_of(ast.unparse(node.annotation), f"{node.target.id}.", classes)


def _methods_of(owner: str, prefix: str, classes: Classes) -> Iterator[Method]:
    """Yield the methods of a class and of its base classes that send an operation."""
    if owner not in classes:
        return
    file, node = classes[owner]
    for member in node.body:
        operation = _operation(member)
        if operation and isinstance(member, ast.AsyncFunctionDef):
            yield _method(operation, prefix, owner, file, member)
    for base in map(ast.unparse, node.bases):
        yield from _methods_of(base, prefix, classes)


def _operation(member: ast.stmt) -> str:
    """Return X of a method's `self._session.call(operations.X, locals())`; empty for others."""
    for part in ast.walk(member):
        if isinstance(part, ast.Call) and ast.unparse(part.func) == "self._session.call":
            return ast.unparse(part.args[0]).removeprefix("operations.")
    return ""


def _method(
    operation: str, prefix: str, owner: str, file: str, node: ast.AsyncFunctionDef
) -> Method:
    docstring = ast.get_docstring(node) or ""
    return Method(
        operation=operation,
        chain=prefix + node.name,
        owner=owner,
        name=node.name,
        file=file,
        line=node.lineno,
        parameters={parameter.name: parameter for parameter in _parameters(node.args)},
        returns=ast.unparse(node.returns) if node.returns else "",
        docstring=docstring,
        docstring_line=node.body[0].lineno if docstring else node.lineno,
    )


def _parameters(arguments: ast.arguments) -> Iterator[Parameter]:
    missing = [None] * (len(arguments.args) - len(arguments.defaults))
    named = [
        *zip(arguments.args, [*missing, *arguments.defaults], strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    for argument, default in named:
        if argument.arg != "self":
            yield Parameter(
                argument.arg,
                ast.unparse(argument.annotation) if argument.annotation else "",
                NO_DEFAULT if default is None else ast.literal_eval(default),
                argument.lineno,
            )


def _assignment(tree: ast.Module, name: str) -> ast.AnnAssign | ast.Assign:
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            assert isinstance(node, (ast.Assign, ast.AnnAssign))
            return node
    raise LookupError(f"{ERRORS} has no {name}: the checks read it there.")


def _constant(tree: ast.Module, name: str) -> dict[Any, str]:
    """Return a dictionary of constants; a class in it becomes its name."""
    value = _assignment(tree, name).value
    assert isinstance(value, ast.Dict)
    return {
        ast.literal_eval(key): item.id if isinstance(item, ast.Name) else ast.literal_eval(item)
        for key, item in zip(value.keys, value.values, strict=True)
        if key is not None
    }


def _service(root: Path) -> dict[str, Location]:
    if not (root / SERVICE).exists():
        return {}
    classes = [node for node in _parse(root / SERVICE).body if isinstance(node, ast.ClassDef)]
    service = next(node for node in classes if node.name == "Service")
    methods = [node for node in service.body if isinstance(node, ast.FunctionDef)]
    found = {node.name: Location(SERVICE, node.lineno) for node in methods}
    return {service.name: Location(SERVICE, service.lineno), **found}
