"""The subcommands of `memoryos`: those of the SDK, and those that the server brings along.

Each command of the SDK is a module of this package, imported when it is used, with two functions:
`configure(parser)` adds its options, and `run(options)` does its work and returns the exit status.
Both may raise `MissingExtraError`. The server's commands are in `memoryos_server.commands`.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from keyword import iskeyword
from typing import TYPE_CHECKING, Callable, Dict, NamedTuple

from memoryos_server.commands import COMMANDS as SERVER_COMMANDS

if TYPE_CHECKING:
    import argparse

__all__ = ["COMMANDS_WITH_ACTIONS", "SUMMARIES", "Command", "load_command"]

SUMMARIES: Dict[str, str] = {
    "create": "store a memory, or one for each line",
    "add": "store the messages of a conversation",
    "get": "show memories by their ids",
    "list": "list memories, newest first",
    "update": "change a memory",
    "delete": "delete memories permanently",
    "forget": "delete all memories of a user permanently",
    "search": "find memories by meaning",
    "evaluate": "measure how well searches answer questions of your own",
    "context": "get the memories that fit a query, as text for a prompt",
    "tags": "list the tags of memories",
    "entities": "list the people, places and things in memories",
    "export": "write all memories to a file",
    "import": "store the memories of an exported file",
    "retag": "tag memories by a field of their metadata",
    "stats": "show how many memories there are in each tier",
    "doctor": "check key, address and service, and show what to fix",
    "mcp": "offer the memories to AI applications, over MCP",
    **{name: command.summary for name, command in SERVER_COMMANDS.items()},
    "contract-test": "check whether a server follows the contract of Memory OS",
    "completion": "print a script that completes commands in a shell",
    "help": "show the help of a command",
    "version": "show the version of the SDK",
}
"""What each subcommand does, in a few words, in the order of the help."""

COMMANDS_WITH_ACTIONS = ("keys",)
"""The subcommands with subcommands of their own."""


class Command(NamedTuple):
    """The functions of a subcommand.

    Attributes:
        configure: Adds the options to a parser.
        run: Does the work and returns the exit status.
    """

    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def load_command(name: str) -> Command:
    """Return the subcommand `name`, a key of `SUMMARIES`; its module is imported."""
    if name in SERVER_COMMANDS:
        from memoryos._cli import server_commands

        return Command(partial(server_commands.configure, name), partial(server_commands.run, name))
    # A module can't be named by a keyword, such as `import`.
    module = name.replace("-", "_") + ("_" if iskeyword(name) else "")
    loaded = import_module(f"{__name__}.{module}")
    return Command(loaded.configure, loaded.run)
