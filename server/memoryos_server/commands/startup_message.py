"""The startup message of `memoryos serve`, for people and for programs."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field

__all__ = ["StartupMessage"]


@dataclass(frozen=True)
class StartupMessage:
    """What a client of the server needs.

    Attributes:
        base_url: The address that clients use.
        api_key: A key that was created for this start.
        data: The file or database that holds the memories, without its password.
        remote: Whether other machines can reach the server.
        embedder: The name of the embedder; None if search is by words.
        embedding_url: The service that the embedder sends texts to, if it does.
    """

    base_url: str
    api_key: str = field(repr=False)
    data: str
    remote: bool
    embedder: str | None = None
    embedding_url: str | None = None

    def for_people(self) -> str:
        """Return a short text with lines to copy."""
        embedder = [] if self.embedder is None else [f"  embedder  {self.embedder}"]
        lines = [
            "Memory OS is running on this machine.",
            "",
            f"  address   {self.base_url}",
            f"  memories  {_location(self.data)}",
            *embedder,
            f"  API key   {self.api_key}  {_validity(self.data)}",
            "",
            "Point your code at it:",
            "",
            f"  {_assignment('MEMORY_OS_BASE_URL', self.base_url)}",
            f"  {_assignment('MEMORY_OS_API_KEY', self.api_key)}",
            "",
        ]
        if self.remote:
            lines += ["Other machines can reach it, and the traffic is not encrypted.", ""]
        if self.embedding_url is not None:
            lines += [self.embedding_notice(), ""]
        return "\n".join([*lines, "Press Ctrl-C to stop."])

    def embedding_notice(self) -> str:
        """Return the sentence that says where memories are sent."""
        return f"The texts of memories and queries are sent to {self.embedding_url} to be embedded."

    def for_programs(self) -> str:
        """Return one line of JSON, with the process id."""
        return json.dumps({"base_url": self.base_url, "api_key": self.api_key, "pid": os.getpid()})


def _validity(data: str) -> str:
    earlier = "" if data == ":memory:" else "; earlier keys stay valid"
    return f"(created for this start{earlier})"


def _location(data: str) -> str:
    return "in memory, lost when it stops" if data == ":memory:" else data


def _assignment(name: str, value: str) -> str:
    return f'$env:{name} = "{value}"' if os.name == "nt" else f"export {name}={value}"
