"""Writes the commands and options of `memoryos` into docs/cli.md, from its argparse parsers.

usage: python tools/cli_reference.py     (a test fails if the page is out of date)
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from memoryos._cli.main import full_parser
from memoryos_server.commands.configuration import variable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cli.md"
_COLUMNS = "| argument or option | what it is |\n| --- | --- |\n"
_COLUMNS_WITH_VARIABLE = (
    "| option | variable | in the file | default | what it is |\n| --- | --- | --- | --- | --- |\n"
)
BEGIN = "<!-- From here on written by tools/cli_reference.py -->\n"


def with_reference(page: str, parser: argparse.ArgumentParser) -> str:
    """Return a page with the reference of these commands as its last part."""
    by_hand, _, _ = page.partition(BEGIN)
    return by_hand + BEGIN + "\n" + "\n".join(_commands(parser)).rstrip() + "\n"


def _commands(parser: argparse.ArgumentParser) -> Iterator[str]:
    yield "## Commands\n"
    for name, command in _subparsers(parser):
        yield from _command(f"memoryos {name}", command, "###")


def _command(name: str, parser: argparse.ArgumentParser, heading: str) -> Iterator[str]:
    yield f"{heading} `{name}`\n"
    if parser.description:
        yield f"{parser.description}\n"
    columns, row = _TABLES.get(name, (_COLUMNS, _row))
    rows = [text for action in _actions(parser) for text in row(action)]
    if rows:
        yield columns + "\n".join(rows) + "\n"
    for inner, action in _subparsers(parser):
        yield from _command(f"{name} {inner}", action, f"{heading}#")
    examples = _examples(parser.epilog or "")
    if examples:
        yield "```sh\n" + "\n".join(examples) + "\n```\n"


def _subparsers(
    parser: argparse.ArgumentParser,
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in _actions(parser):
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            yield from action.choices.items()


def _actions(parser: argparse.ArgumentParser) -> Sequence[argparse.Action]:
    return parser._actions  # noqa: SLF001 - argparse has no public way to its own options


def _row(action: argparse.Action) -> Iterator[str]:
    is_help_or_commands = action.dest in ("help", argparse.SUPPRESS)
    if is_help_or_commands or action.help is argparse.SUPPRESS:
        return
    text = (action.help or "") % {**vars(action), "prog": "memoryos"}
    yield f"| {_names(action)} | {_cell(text)} |"


def _row_with_variable(action: argparse.Action) -> Iterator[str]:
    """Return the row of an option of `serve`, with the other places that it can be set in."""
    for row in _row(action):
        option, _, text = row.strip("| ").partition(" | ")
        what, _, default = text.partition(" (default: ")
        in_file = "" if action.dest == "config" else f"`{action.dest}`"
        cells = (option, f"`{variable(action.dest)}`", in_file, default.removesuffix(")"), what)
        yield f"| {' | '.join(cells)} |"


_TABLES = {"memoryos serve": (_COLUMNS_WITH_VARIABLE, _row_with_variable)}
"""The commands whose options have a table of their own: its head, and the rows of an option."""


def _names(action: argparse.Action) -> str:
    if not action.option_strings:
        return f"`{action.metavar or action.dest}`"
    value = "" if action.nargs == 0 else f" {_value(action)}"
    return ", ".join(f"`{name}{value}`" for name in action.option_strings).replace("|", "\\|")


def _value(action: argparse.Action) -> str:
    if action.metavar:
        return str(action.metavar)
    if action.choices:
        return "|".join(map(str, action.choices))
    return action.dest.upper()


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _examples(epilog: str) -> list[str]:
    """Return the lines of an epilog's examples, without indentation."""
    _, _, rest = epilog.partition("examples:\n")
    block = rest.partition("\n\n")[0]
    return [line.strip() for line in block.splitlines()]


if __name__ == "__main__":
    PAGE.write_text(with_reference(PAGE.read_text(encoding="utf-8"), full_parser()), "utf-8")
