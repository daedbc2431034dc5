"""Tag colours: derived from the tag's name, so that a name always has the same colour."""

from __future__ import annotations

from hashlib import blake2b

__all__ = ["COLORS", "color_of"]

COLORS = (
    "#b91c1c",
    "#c2410c",
    "#a16207",
    "#4d7c0f",
    "#15803d",
    "#0f766e",
    "#0e7490",
    "#1d4ed8",
    "#4338ca",
    "#7e22ce",
    "#a21caf",
    "#be185d",
)
"""Colours with enough contrast to white, both as text and as background."""


def color_of(name: str) -> str:
    """Return one of `COLORS` for a tag name, independent of its case."""
    digest = blake2b(name.casefold().encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return COLORS[int.from_bytes(digest, "big") % len(COLORS)]
