"""The wrapper as its source says it: functions, methods, arguments, docstrings, error classes.

Read without importing it, so that a copy, or a wrapper that does not run just now, can be read too.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGE = "wrapper/memoryos"
OPERATIONS = f"{PACKAGE}/_protocol/operations.py"
ERRORS = f"{PACKAGE}/_protocol/responses.py"
SERVICE = "server/memoryos_server/service/operations.py"
CLIENTS = {"AsyncMemoryOS": f"{PACKAGE}/_async/client.py", "MemoryOS": f"{PACKAGE}/_sync/client.py"}
NO_DEFAULT: Any = object()


@dataclass(frozen=True)
class Parameter:
    """One parameter of a function."""

    name: str
    annotation: str
    default: Any
    line: int


@dataclass(frozen=True)
class Function:
    """A function or a method."""

    name: str
    file: str
    line: int
    parameters: dict[str, Parameter]
    returns: str
    docstring: str
    docstring_line: int
    node: ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class OperationFunction:
    """A function of _protocol/operations.py, which builds the request of one operation."""

    function: Function
    operation: str
    passed: frozenset[str]
    """The arguments that it passes on to be checked and sent."""


@dataclass(frozen=True)
class Method:
    """A client's method, which carries out one operation."""

    client: str
    owner: str
    """The class that has it."""
    chain: str
    """How people call it on a client: `memories.create`."""
    function: Function
    calls: str
    """The function of _protocol/operations.py that it calls."""
    passed: tuple[str, ...]
    """The names that it passes on by their place."""
    keywords: dict[str, str]
    """The names that it passes on by a keyword."""


@dataclass(frozen=True)
class Location:
    """A line of a file."""

    file: str
    line: int


@dataclass(frozen=True)
class Wrapper:
    """All that is read of the wrapper, and of the server's service."""

    functions: dict[str, OperationFunction]
    methods: list[Method]
    classes: dict[str, Location]
    error_classes: dict[int, str]
    error_table: Location
    translated_codes: dict[str, str]
    service: dict[str, Location]
    """The methods of the server's service; empty where there is no server."""


def read(root: Path) -> Wrapper:
    """Read the wrapper of the project at `root`.

    Raises:
        SyntaxError: A module is not Python.
    """
    modules = {
        path.relative_to(root).as_posix(): ast.parse(path.read_text(encoding="utf-8"), str(path))
        for path in sorted((root / PACKAGE).glob("_*/*.py"))
    }
    classes = {
        node.name: (file, node)
        for file, tree in modules.items()
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }
    return Wrapper(
        functions=_operation_functions(modules[OPERATIONS]),
        methods=list(_methods(classes)),
        classes={name: Location(file, node.lineno) for name, (file, node) in classes.items()},
        error_classes=_constant(modules[ERRORS], "ERROR_CLASSES"),
        error_table=Location(ERRORS, _assignment(modules[ERRORS], "ERROR_CLASSES").lineno),
        translated_codes=_constant(modules[ERRORS], "TRANSLATED_CODES"),
        service=_service(root),
    )


def _operation_functions(tree: ast.Module) -> dict[str, OperationFunction]:
    """The functions that call `_build` with an operation's name, by their own names."""
    found = {}
    for node in (part for part in tree.body if isinstance(part, ast.FunctionDef)):
        for call in _calls(node):
            if isinstance(call.func, ast.Name) and call.func.id == "_build" and call.args:
                passed = frozenset(word.arg for word in call.keywords if word.arg)
                operation = ast.literal_eval(call.args[0])
                function = function_of(node, OPERATIONS)
                found[node.name] = OperationFunction(function, operation, passed)
    return found


def _methods(classes: dict[str, tuple[str, ast.ClassDef]]) -> Iterator[Method]:
    for client in CLIENTS:
        if client not in classes:
            continue
        yield from _methods_of(client, client, "", classes)
        for name, owner in _resources(classes[client][1]).items():
            if owner in classes:
                yield from _methods_of(client, owner, f"{name}.", classes)


def _resources(client: ast.ClassDef) -> dict[str, str]:
    """The classes of a client's attributes, by name: `memories` → `AsyncMemories`."""
    return {
        node.target.id: ast.unparse(node.annotation)
        for node in client.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def _methods_of(
    client: str, owner: str, prefix: str, classes: dict[str, tuple[str, ast.ClassDef]]
) -> Iterator[Method]:
    """The methods of a class and of its base classes that call a function of _protocol/operations.py."""
    file, node = classes[owner]
    for member in node.body:
        if not isinstance(member, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        for call in _calls(member):
            if ast.unparse(call.func).startswith("operations."):
                yield _method(client, owner, prefix, function_of(member, file), call)
    for base in map(ast.unparse, node.bases):
        if base in classes:
            yield from _methods_of(client, base, prefix, classes)


def _method(client: str, owner: str, prefix: str, function: Function, call: ast.Call) -> Method:
    return Method(
        client=client,
        owner=owner,
        chain=prefix + function.name,
        function=function,
        calls=ast.unparse(call.func).partition(".")[2],
        passed=tuple(ast.unparse(argument) for argument in call.args),
        keywords={word.arg: ast.unparse(word.value) for word in call.keywords if word.arg},
    )


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (part for part in ast.walk(node) if isinstance(part, ast.Call))


def function_of(node: ast.FunctionDef | ast.AsyncFunctionDef, file: str) -> Function:
    """Return what a definition says of itself."""
    docstring = ast.get_docstring(node) or ""
    return Function(
        name=node.name,
        file=file,
        line=node.lineno,
        parameters={parameter.name: parameter for parameter in _parameters(node.args)},
        returns=ast.unparse(node.returns) if node.returns else "",
        docstring=docstring,
        docstring_line=node.body[0].lineno if docstring else node.lineno,
        node=node,
    )


def _parameters(arguments: ast.arguments) -> Iterator[Parameter]:
    positional = [*arguments.posonlyargs, *arguments.args]
    missing = [None] * (len(positional) - len(arguments.defaults))
    named = [
        *zip(positional, [*missing, *arguments.defaults], strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    for argument, default in named:
        if argument.arg != "self":
            yield Parameter(
                argument.arg,
                ast.unparse(argument.annotation) if argument.annotation else "",
                NO_DEFAULT if default is None else _literal(default),
                argument.lineno,
            )


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return ast.unparse(node)


def _assignment(tree: ast.Module, name: str) -> ast.Assign | ast.AnnAssign:
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            assert isinstance(node, (ast.Assign, ast.AnnAssign))
            return node
    raise LookupError(f"{ERRORS} has no {name}: the checks read it there.")


def _constant(tree: ast.Module, name: str) -> dict[Any, str]:
    """A dictionary of constants; a class in it is read as its name."""
    value = _assignment(tree, name).value
    assert isinstance(value, ast.Dict)
    return {
        ast.literal_eval(key): item.id if isinstance(item, ast.Name) else ast.literal_eval(item)
        for key, item in zip(value.keys, value.values, strict=True)
        if key is not None
    }


def _service(root: Path) -> dict[str, Location]:
    path = root / SERVICE
    if not path.exists():
        return {}
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    service = next(
        node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Service"
    )
    own = {"Service": Location(SERVICE, service.lineno)}
    methods = [node for node in service.body if isinstance(node, ast.FunctionDef)]
    return own | {node.name: Location(SERVICE, node.lineno) for node in methods}
