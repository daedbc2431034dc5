"""The startup message of `memoryos serve`, for people and for programs."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from shlex import join, quote
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from memoryos_server.stores.database_url import Address

from .formatting import plural

if TYPE_CHECKING:
    from pathlib import Path

    from .first_key import FirstKey
    from .serve_options import ServeOptions

__all__ = ["StartupMessage", "keys_command"]

_IS_WINDOWS = os.name == "nt"
_TOO_OPEN = "            Other users can read this file: take their permission away with chmod 600."


@dataclass(frozen=True)
class StartupMessage:
    """What a client of the server needs.

    Attributes:
        base_url: The address that clients use.
        key: The API keys of the store, and the file with one of them.
        data: The file or database that holds the memories, without its password.
        remote: Whether other machines can reach the server.
        encrypted: Whether it speaks HTTPS.
        shows_key: Whether people see the API key that this start has made.
        keys_command: The command that creates an API key.
        listening: The interfaces that it listens on, if it is all of them.
        embedder: The name of the embedder; None if search is by words.
        embedding_url: The service that the embedder sends texts to, if it does.
        has_mcp: Whether it serves AI applications.
    """

    base_url: str
    key: FirstKey
    data: str
    remote: bool
    encrypted: bool = False
    shows_key: bool = False
    keys_command: str = "memoryos keys create"
    listening: str | None = None
    embedder: str | None = None
    embedding_url: str | None = None
    has_mcp: bool = False

    def for_people(self) -> str:
        """Return a short text with lines to copy."""
        lines = [
            "Memory OS is running on this machine.",
            "",
            f"  address   {self.base_url}",
            *([] if self.listening is None else [f"  listens   on {self.listening}"]),
            f"  docs      {urljoin(self.base_url, '/docs')}",
            *([f"  MCP       {urljoin(self.base_url, '/mcp')}"] if self.has_mcp else []),
            f"  memories  {_location(self.data)}",
            *([] if self.embedder is None else [f"  embedder  {self.embedder}"]),
            *self._key_lines(),
            "",
        ]
        if self.remote:
            warning = "" if self.encrypted else ", and the traffic is not encrypted"
            lines += [f"Other machines can reach it{warning}.", ""]
        if self.embedding_url is not None:
            lines += [self.embedding_notice(), ""]
        return "\n".join([*lines, "Press Ctrl-C to stop."])

    def _key_lines(self) -> list[str]:
        address = f"  {_assignment('MEMORY_OS_BASE_URL', self.base_url)}"
        file = self.key.file
        if file is not None:
            is_new = self.key.new_key is not None
            return [
                f"  API key   in {file}{', created now' if is_new else ''}",
                *([f"            {self.key.new_key}"] if is_new and self.shows_key else []),
                *([_TOO_OPEN] if self.key.is_readable_by_others else []),
                "",
                "Point your code at it:",
                "",
                address,
                f"  {_assignment_of_file('MEMORY_OS_API_KEY', file)}",
            ]
        valid_keys = self.key.valid_keys
        keys = plural(valid_keys, "valid key") if valid_keys else "no valid key"
        return [
            f"  API keys  {keys}; to create one: {self.keys_command}",
            "",
            "Point your code at it, and set MEMORY_OS_API_KEY to an API key:",
            "",
            address,
        ]

    def embedding_notice(self) -> str:
        """Return the sentence that says where memories are sent."""
        return f"The texts of memories and queries are sent to {self.embedding_url} to be embedded."

    def for_programs(self) -> str:
        """Return one line of JSON; `api_key_file` is null if there is no file with a valid key."""
        file = None if self.key.file is None else str(self.key.file)
        return json.dumps({"base_url": self.base_url, "api_key_file": file, "pid": os.getpid()})


def keys_command(options: ServeOptions) -> str:
    """Return the command that creates an API key for the store of a server."""
    place = []
    if options.store is not None:
        shown = str(Address(options.store))
        if shown != options.store:  # without its user or its parameters, it may be another database
            return "memoryos keys create, with this server's --store or MEMORY_OS_STORE"
        place = ["--store", shown]
    elif options.data is not None:
        place = ["--data", options.data]
    return join(["memoryos", "keys", "create", *place])


def _location(data: str) -> str:
    return "in memory, lost when it stops" if data == ":memory:" else data


def _assignment(name: str, value: str) -> str:
    return f"$env:{name} = {_literal(value)}" if _IS_WINDOWS else f"export {name}={quote(value)}"


def _assignment_of_file(name: str, file: Path) -> str:
    """Return the command that sets a variable to the text of a file."""
    if _IS_WINDOWS:
        return f"$env:{name} = Get-Content -LiteralPath {_literal(str(file))}"
    return f'export {name}="$(cat {quote(str(file))})"'


def _literal(text: str) -> str:
    """Return a text as a literal of PowerShell."""
    return "'" + text.replace("'", "''") + "'"
