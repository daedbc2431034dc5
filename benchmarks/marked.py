"""Generated parts of documents, between markers, and Markdown tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["fill", "table"]


def fill(path: Path, name: str, generated: str) -> None:
    """Replace the part of a document between the markers of `name`.

    Raises:
        ValueError: The document lacks a marker.
    """
    begin, end = (f"<!-- written by {name}: {side} -->" for side in ("begin", "end"))
    before, first, rest = path.read_text(encoding="utf-8").partition(begin)
    _, last, after = rest.partition(end)
    if not first or not last:
        raise ValueError(f"{path.name} needs the lines {begin} and {end}")
    path.write_text(f"{before}{begin}\n\n{generated.strip()}\n\n{end}{after}", encoding="utf-8")


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
