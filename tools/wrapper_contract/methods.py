"""Where a client's method disagrees with the operation that it carries out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wrapper_contract import docstrings, python_types
from wrapper_contract.disagreement import Disagreement
from wrapper_contract.source import NO_DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wrapper_contract.contract_table import Table
    from wrapper_contract.source import Method, Parameter, Wrapper


@dataclass(frozen=True)
class Pair:
    """A method and the operation that it carries out."""

    method: Method
    operation: Any
    table: Table

    @property
    def title(self) -> str:
        """The method, as its class names it."""
        return f"{self.method.owner}.{self.method.function.name}"

    def wrong(self, line: int, sentence: str) -> Disagreement:
        """Return a disagreement at a line of the method's file."""
        return Disagreement(self.method.function.file, line, f"{self.title} {sentence}")


def disagreements(table: Table, wrapper: Wrapper) -> Iterator[Disagreement]:
    """Yield what is wrong with the methods of both clients."""
    for method in wrapper.methods:
        function = wrapper.functions.get(method.calls)
        operation = table.operations.get(function.operation) if function else None
        pair = Pair(method, operation, table)
        if function is None or operation is None:
            yield pair.wrong(
                method.function.line,
                f"carries out `{method.calls}`, which is not an operation of the contract: remove "
                f"the method, or call the operation that took its place.",
            )
            continue
        yield from _arguments(pair)
        yield from _passed_on(pair, list(function.function.parameters))
        yield from _returns(pair)
        yield from _docstring(pair, wrapper)


def _arguments(pair: Pair) -> Iterator[Disagreement]:
    function = pair.method.function
    for name, argument in pair.operation.arguments.items():
        signature = _signature(pair, name, argument)
        if name not in function.parameters:
            yield pair.wrong(function.line, f"lacks an argument: add `{signature}`.")
            continue
        parameter = function.parameters[name]
        if _default(parameter.default) != _wanted_default(argument):
            yield pair.wrong(
                parameter.line,
                f"has `{name}` with {_default(parameter.default)}, the contract with "
                f"{_wanted_default(argument)}: write `{signature}`.",
            )
        if not _is_typed(pair, parameter, argument):
            yield pair.wrong(
                parameter.line,
                f"has `{name}: {parameter.annotation}`, which is not the contract's type: write "
                f"`{signature}`.",
            )
    for name, parameter in function.parameters.items():
        if name not in pair.operation.arguments:
            yield pair.wrong(
                parameter.line, f"has the argument `{name}`, the contract has not: remove it."
            )


def _default(default: Any) -> str:
    return "no default" if default is NO_DEFAULT else f"the default {default!r}"


def _wanted_default(argument: Any) -> str:
    return _default(NO_DEFAULT if argument.required else argument.default)


def _is_optional(argument: Any) -> bool:
    return not argument.required and argument.default is None


def _signature(pair: Pair, name: str, argument: Any) -> str:
    known = python_types.forms(name, argument.schema, pair.table.literals) or ("Any",)
    typed = f"{name}: {python_types.expected(known[0], optional=_is_optional(argument))}"
    return typed if argument.required else f"{typed} = {argument.default!r}"


def _is_typed(pair: Pair, parameter: Parameter, argument: Any) -> bool:
    known = python_types.forms(parameter.name, argument.schema, pair.table.literals)
    optional = _is_optional(argument)
    return parameter.annotation in [
        python_types.expected(form, optional=optional) for form in known
    ]


def _passed_on(pair: Pair, order: list[str]) -> Iterator[Disagreement]:
    """Every argument is passed on under its own name, in the order of _operations.py."""
    method = pair.method
    by_place = dict(zip(order, method.passed, strict=False))
    for name in pair.operation.arguments:
        passed = {**by_place, **method.keywords}.get(name)
        if name in method.function.parameters and name in order and passed != name:
            yield pair.wrong(
                method.function.line,
                f"passes {f'`{passed}`' if passed else 'nothing'} as `{name}` to "
                f"`_operations.{method.calls}`: pass `{name}`.",
            )


def _returns(pair: Pair) -> Iterator[Disagreement]:
    wanted = pair.table.handed_out.get(pair.operation.name, "None")
    if pair.method.function.returns != wanted:
        yield pair.wrong(
            pair.method.function.line,
            f"returns `{pair.method.function.returns}`, the contract answers with `{wanted}`: "
            f"write `-> {wanted}`.",
        )


def _docstring(pair: Pair, wrapper: Wrapper) -> Iterator[Disagreement]:
    function = pair.method.function
    if not docstrings.names_operation(function.docstring, pair.operation.name):
        yield pair.wrong(
            function.docstring_line,
            f"does not say what it carries out: end the first line of its docstring with "
            f"`: operation `{pair.operation.name}`.`",
        )
    entries = docstrings.arguments(function.docstring)
    for name, argument in pair.operation.arguments.items():
        if name not in entries:
            yield pair.wrong(
                function.docstring_line,
                f"does not explain `{name}` in its docstring: add it under `Args:`.",
            )
            continue
        line = function.docstring_line + entries[name].line
        lacking = _missing(pair, wrapper, name, entries[name].text, argument)
        if lacking:
            quoted = ", ".join(f"“{phrase}”" for phrase in lacking)
            yield pair.wrong(line, f"does not say {quoted} of `{name}` in its docstring: add it.")
    for name in entries.keys() - pair.operation.arguments.keys():
        line = function.docstring_line + entries[name].line
        yield pair.wrong(line, f"explains `{name}`, which the contract does not have: remove it.")


def _missing(pair: Pair, wrapper: Wrapper, name: str, text: str, argument: Any) -> list[str]:
    """What an entry lacks; it may send the reader to another method that says it."""
    texts = [text]
    for other in wrapper.methods:
        if other.client == pair.method.client and f"see `{other.chain}`" in text:
            entry = docstrings.arguments(other.function.docstring).get(name)
            texts += [entry.text] if entry else []
    return docstrings.missing(" ".join(texts), argument.schema)
