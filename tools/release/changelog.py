"""The entries of CHANGELOG.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from release.surface import Difference

_HEADING = re.compile(r"^## \[([^\]]+)\]", re.MULTILINE)
_ENTRY = re.compile(r"^- ", re.MULTILINE)


def entries(changelog: str) -> list[str]:
    """Return every entry of a changelog, each on one line."""
    parts = _HEADING.split(changelog)[2::2]
    return [
        " ".join(re.split(r"\n\s*\n|\n#", text)[0].split())
        for part in parts
        for text in _ENTRY.split(part)[1:]
        if text.strip()
    ]


def entries_of(changelog: str, version: str) -> list[str]:
    """Return the entries of one version, each on one line."""
    _, *parts = _HEADING.split(changelog)
    by_version = dict(zip(parts[::2], parts[1::2], strict=True))
    return entries(f"## [{version}]{by_version.get(version, '')}")


def unmentioned(difference: Difference, entries: Iterable[str]) -> list[str]:
    """Return the changed public names that no entry mentions.

    An entry mentions a name by its last part or the one before it, so that a class covers its
    members. Names of both clients are returned once.
    """
    text = " ".join(entries)
    names = [*difference.added, *difference.removed, *difference.changed]
    lacking = [parts for parts in map(_ending, names) if not _is_mentioned(parts, text)]
    return list(dict.fromkeys(".".join(parts) for parts in lacking))


def _ending(name: str) -> list[str]:
    """Return the end of a name: `["memories", "create"]` of `memoryos.MemoryOS.memories.create`."""
    parts = [part for part in name.split(".")[1:] if not part.startswith("__")]
    return [part.removeprefix("Async") for part in parts[-2:]]


def _is_mentioned(parts: list[str], text: str) -> bool:
    return any(re.search(rf"\b{re.escape(part)}\b", text) for part in parts)
