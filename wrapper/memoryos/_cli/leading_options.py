"""Options before the command: `memoryos --data notes.db list`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Collection, List, Sequence, Tuple

if TYPE_CHECKING:
    from memoryos_server.commands.argument_parser import ArgumentParser

__all__ = ["move_leading_options"]

_WITH_VALUE = (
    *("--base-url", "--data", "--store", "--timeout"),
    *("--user", "--agent", "--scope"),
)
_WITHOUT_VALUE = ("--debug", "--json", "--local")
_OF_THE_PROGRAM = ("-h", "--help", "-V", "--version")


def move_leading_options(
    parser: ArgumentParser,
    words: Sequence[str],
    commands: Collection[str],
    with_actions: Collection[str],
) -> List[str]:
    """Return the arguments with the options before the command moved behind it.

    The command rejects those that it doesn't have. If the first argument after them is not a
    command, the program exits with a usage error.

    Args:
        parser: Parser that reports errors.
        words: Arguments of the program.
        commands: Names of the commands.
        with_actions: Commands with actions. Options move behind the action.
    """
    moved, rest = _split(parser, words)
    if rest and rest[0] in _OF_THE_PROGRAM:
        return [rest[0]]
    if not rest:
        parser.fail("no command; `memoryos help` lists the commands")
    if rest[0] not in commands:
        parser.reject_name(rest[0], "command", commands)
    command, rest = rest[:1], rest[1:]
    if command[0] in with_actions:
        of_command, rest = _split(parser, rest)
        if rest and rest[0] in _OF_THE_PROGRAM:
            return [*command, rest[0]]
        moved += of_command
        command, rest = [*command, *rest[:1]], rest[1:]
    return [*command, *moved, *rest]


def _split(parser: ArgumentParser, words: Sequence[str]) -> Tuple[List[str], List[str]]:
    """Split arguments into the options at the start, with their values, and the rest."""
    end = 0
    while end < len(words) and words[end].startswith("-"):
        word = words[end]
        name, equals, _ = word.partition("=")
        if word in _OF_THE_PROGRAM:
            break
        if name in _WITH_VALUE:
            end += 1 if equals else 2
        elif word in _WITHOUT_VALUE:
            end += 1
        elif name in _WITHOUT_VALUE:
            parser.fail(f"argument {name}: takes no value")
        else:
            parser.reject_option(word, further=(*_WITH_VALUE, *_WITHOUT_VALUE))
    return list(words[:end]), list(words[end:])
