"""Find where a method of the client differs from its operation."""

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


OF_OTHER_METHODS = {"create_memory": {"upsert", "upsert_within"}}
"""The arguments that a method of its own sends: `memories.upsert`."""


@dataclass(frozen=True)
class Pair:
    """A method and its operation."""

    method: Method
    operation: Any
    table: Table

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of the operation that the method takes."""
        others = OF_OTHER_METHODS.get(self.operation.name, set())
        table = self.operation.arguments.items()
        return {name: argument for name, argument in table if name not in others}

    @property
    def title(self) -> str:
        """The method, with its class."""
        return f"{self.method.owner}.{self.method.name}"

    def wrong(self, line: int, sentence: str) -> Disagreement:
        """Return a disagreement at a line of the method's file."""
        return Disagreement(self.method.file, line, f"{self.title} {sentence}")


def disagreements(table: Table, wrapper: Wrapper) -> Iterator[Disagreement]:
    """Yield the disagreements of all methods."""
    for method in wrapper.methods:
        operation = table.operations.get(method.operation)
        pair = Pair(method, operation, table)
        if operation is None:
            yield pair.wrong(
                method.line,
                f"calls `{method.operation}`, which is not an operation of the contract: remove "
                f"the method, or call the operation that replaced it.",
            )
            continue
        yield from _arguments(pair)
        yield from _returns(pair)
        yield from _docstring(pair, wrapper)


def _arguments(pair: Pair) -> Iterator[Disagreement]:
    method = pair.method
    for name, argument in pair.arguments.items():
        signature = _signature(pair, name, argument)
        if name not in method.parameters:
            yield pair.wrong(method.line, f"lacks an argument: add `{signature}`.")
            continue
        parameter = method.parameters[name]
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
    for name, parameter in method.parameters.items():
        if name not in pair.arguments:
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


def _returns(pair: Pair) -> Iterator[Disagreement]:
    wanted = pair.operation.result or "None"
    if pair.method.returns != wanted:
        yield pair.wrong(
            pair.method.line,
            f"returns `{pair.method.returns}`, the operation returns `{wanted}`: "
            f"write `-> {wanted}`.",
        )


def _docstring(pair: Pair, wrapper: Wrapper) -> Iterator[Disagreement]:
    method = pair.method
    if not docstrings.names_operation(method.docstring, pair.operation.name):
        yield pair.wrong(
            method.docstring_line,
            f"does not name its operation: end the first line of its docstring with "
            f"`: operation `{pair.operation.name}`.`",
        )
    entries = docstrings.arguments(method.docstring)
    for name, argument in pair.arguments.items():
        if name not in entries:
            yield pair.wrong(
                method.docstring_line,
                f"does not explain `{name}` in its docstring: add it under `Args:`.",
            )
            continue
        line = method.docstring_line + entries[name].line
        lacking = _missing(wrapper, name, entries[name].text, argument)
        if lacking:
            quoted = ", ".join(f"“{phrase}”" for phrase in lacking)
            yield pair.wrong(line, f"does not say {quoted} of `{name}` in its docstring: add it.")
    for name in entries.keys() - pair.arguments.keys():
        line = method.docstring_line + entries[name].line
        yield pair.wrong(line, f"explains `{name}`, which the contract does not have: remove it.")


def _missing(wrapper: Wrapper, name: str, text: str, argument: Any) -> list[str]:
    """Return the phrases that an entry lacks; it may refer to a method that has them."""
    texts = [text]
    for other in wrapper.methods:
        if f"see `{other.chain}`" in text:
            entry = docstrings.arguments(other.docstring).get(name)
            texts += [entry.text] if entry else []
    return docstrings.missing(" ".join(texts), argument.schema)
