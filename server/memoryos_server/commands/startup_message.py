"""What `memoryos serve` says when it starts."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field

__all__ = ["Announcement"]


@dataclass(frozen=True)
class Announcement:
    """The facts that a client of this server needs."""

    base_url: str
    api_key: str = field(repr=False)
    data: str
    remote: bool
    embedder: str | None = None
    texts_go_to: str | None = None

    def for_people(self) -> str:
        """Return them as a short text with lines to copy."""
        embedder = [] if self.embedder is None else [f"  embedder  {self.embedder}"]
        lines = [
            "Memory OS is running on this machine.",
            "",
            f"  address   {self.base_url}",
            f"  memories  {_kept(self.data)}",
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
        if self.texts_go_to is not None:
            lines += [self.sending(), ""]
        return "\n".join([*lines, "Press Ctrl-C to stop."])

    def sending(self) -> str:
        """Return the sentence that says where memories are sent to."""
        return f"The texts of memories and queries are sent to {self.texts_go_to} to be embedded."

    def for_programs(self) -> str:
        """Return them as one line of JSON, with the process id."""
        return json.dumps({"base_url": self.base_url, "api_key": self.api_key, "pid": os.getpid()})


def _validity(data: str) -> str:
    earlier = "" if data == ":memory:" else "; earlier ones go on working"
    return f"(made for this start{earlier})"


def _kept(data: str) -> str:
    return "in memory, gone when it stops" if data == ":memory:" else data


def _assignment(name: str, value: str) -> str:
    return f'$env:{name} = "{value}"' if os.name == "nt" else f"export {name}={value}"
