"""The startup message of `memoryos serve`, for people and for programs."""

from __future__ import annotations

import json
import os
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from memoryos_server.stores.database_url import Address

from .formatting import plural

if TYPE_CHECKING:
    from .serve_options import ServeOptions

__all__ = ["StartupMessage", "keys_command"]


@dataclass(frozen=True)
class StartupMessage:
    """What a client of the server needs.

    Attributes:
        base_url: The address that clients use.
        api_key: The API key that was created for this start, or None if there were keys before.
        data: The file or database that holds the memories, without its password.
        remote: Whether other machines can reach the server.
        encrypted: Whether it speaks HTTPS.
        valid_keys: Number of API keys that are neither revoked nor expired.
        keys_command: The command that creates an API key.
        listening: The interfaces that it listens on, if it is all of them.
        embedder: The name of the embedder; None if search is by words.
        embedding_url: The service that the embedder sends texts to, if it does.
    """

    base_url: str
    api_key: str | None = field(repr=False)
    data: str
    remote: bool
    encrypted: bool = False
    valid_keys: int = 1
    keys_command: str = "memoryos keys create"
    listening: str | None = None
    embedder: str | None = None
    embedding_url: str | None = None

    def for_people(self) -> str:
        """Return a short text with lines to copy."""
        lines = [
            "Memory OS is running on this machine.",
            "",
            f"  address   {self.base_url}",
            *([] if self.listening is None else [f"  listens   on {self.listening}"]),
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
        if self.api_key is not None:
            return [
                f"  API key   {self.api_key}  {_origin(self.data)}",
                "",
                "Point your code at it:",
                "",
                address,
                f"  {_assignment('MEMORY_OS_API_KEY', self.api_key)}",
            ]
        keys = plural(self.valid_keys, "valid key") if self.valid_keys else "no valid key"
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
        """Return one line of JSON, with the process id; `api_key` is null if there were keys."""
        return json.dumps({"base_url": self.base_url, "api_key": self.api_key, "pid": os.getpid()})


def keys_command(options: ServeOptions) -> str:
    """Return the command that creates an API key for the store of a server."""
    place = []
    if options.store is not None:
        place = ["--store", str(Address(options.store))]
    elif options.data is not None:
        place = ["--data", options.data]
    return shlex.join(["memoryos", "keys", "create", *place])


def _origin(data: str) -> str:
    return "(created for this start)" if data == ":memory:" else "(created now, and shown once)"


def _location(data: str) -> str:
    return "in memory, lost when it stops" if data == ":memory:" else data


def _assignment(name: str, value: str) -> str:
    return f'$env:{name} = "{value}"' if os.name == "nt" else f"export {name}={value}"
