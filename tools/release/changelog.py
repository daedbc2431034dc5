"""What CHANGELOG.md says of a version."""

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
    ]


def unspoken(difference: Difference, said: Iterable[str]) -> list[str]:
    """Return the public names that came, went or changed and that no entry speaks of.

    A name is spoken of where its last part, or the one before it, stands in an entry: a class
    stands for its members. What both clients have is returned once.
    """
    text = " ".join(said)
    names = [*difference.added, *difference.removed, *difference.changed]
    lacking = [parts for parts in map(_ending, names) if not _is_spoken_of(parts, text)]
    return list(dict.fromkeys(".".join(parts) for parts in lacking))


def _ending(name: str) -> list[str]:
    """`["memories", "create"]` of `memoryos.MemoryOS.memories.create`."""
    parts = [part for part in name.split(".")[1:] if not part.startswith("__")]
    return [part.removeprefix("Async") for part in parts[-2:]]


def _is_spoken_of(parts: list[str], text: str) -> bool:
    return any(re.search(rf"\b{re.escape(part)}\b", text) for part in parts)
