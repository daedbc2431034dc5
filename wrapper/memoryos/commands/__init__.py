"""The subcommands of `memoryos`, by name, each in a module that is imported when it is used.

A module has `configure(parser)`, which adds its options, and `run(options)`, which does the work
and returns the exit status. Both may raise `MissingExtraError`.
"""

from __future__ import annotations

from typing import Dict

__all__ = ["SUMMARIES"]

SUMMARIES: Dict[str, str] = {
    "serve": "run Memory OS on this machine, over HTTP",
    "keys": "make, list and revoke the API keys of a local Memory OS",
    "backup": "copy a local Memory OS while it runs",
    "contract-test": "check whether a server keeps to the contract of Memory OS",
}
"""What each subcommand does, in a few words; its module has the same name, with `_` for `-`."""
