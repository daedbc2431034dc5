"""The subcommands of `memoryos`, by name, each in a module that is imported when it is used.

A module has `configure(parser)`, which adds its options, and `run(options)`, which does the work
and returns the exit status. Both may raise `MissingExtraError`.
"""

from __future__ import annotations

from keyword import iskeyword
from typing import Dict

__all__ = ["SUMMARIES", "module_name"]

SUMMARIES: Dict[str, str] = {
    "create": "store a memory, or one for each line",
    "get": "show memories by their ids",
    "list": "show what is remembered, newest first",
    "update": "change a memory",
    "delete": "delete memories for good",
    "search": "find memories by what they mean",
    "context": "get what is remembered for a query, for a prompt",
    "tags": "show the tags on memories",
    "entities": "show who and what memories speak of",
    "export": "write all memories to a file",
    "import": "store the memories of an exported file",
    "stats": "show how much is remembered, tier by tier",
    "doctor": "check key, address and service, and what to fix",
    "mcp": "serve the memories to AI applications, over MCP",
    "serve": "run Memory OS on this machine, over HTTP",
    "keys": "make, list and revoke the API keys of a local Memory OS",
    "reembed": "change the embedder of a local Memory OS",
    "backup": "copy a local Memory OS while it runs",
    "contract-test": "check whether a server keeps to the contract of Memory OS",
    "completion": "print a script that completes commands in a shell",
}
"""What each subcommand does, in a few words."""


def module_name(command: str) -> str:
    """Return the module of a subcommand: its name, with `_` for `-`, and behind a keyword."""
    name = command.replace("-", "_")
    return f"{__name__}.{name}_" if iskeyword(name) else f"{__name__}.{name}"
