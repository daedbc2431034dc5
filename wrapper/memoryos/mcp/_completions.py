"""Values that hosts offer while a user types an argument of a prompt or of a resource's URI."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from memoryos import AsyncMemoryOS
from memoryos._printable import printable
from memoryos._protocol.response_fields import reading
from memoryos._protocol.scopes import texts_of

from ._results import encodable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memoryos import AsyncScopedMemoryOS

    Client = AsyncMemoryOS | AsyncScopedMemoryOS

__all__ = ["completion", "ids", "tags", "topics"]

MAX_VALUES = 100
"""The protocol's maximum."""

_MOST_CHARACTERS = 200


async def ids(client: Client, typed: str) -> list[str]:
    """Return the ids of the newest memories that start with what was typed."""
    page = await client.memories.list(limit=MAX_VALUES)
    with reading("a page of memories"):
        return _starting_with(typed, (memory["id"] for memory in page["data"]))


async def tags(client: Client, typed: str) -> list[str]:
    """Return tags: those of the account, most used first, or those of a scope's newest memories.

    A scope has no list of tags of its own, and the account's would name other users.
    """
    if isinstance(client, AsyncMemoryOS):
        found = await client.tags.list(
            limit=MAX_VALUES, search=typed or None, sort="memory_count", order="desc"
        )
        with reading("a page of tags"):
            return _starting_with(typed, (tag["name"] for tag in found["data"]))
    page = await client.memories.list(limit=MAX_VALUES)
    with reading("a page of memories"):
        return _starting_with(typed, chain.from_iterable(map(texts_of, page["data"])))


async def topics(client: Client, typed: str) -> list[str]:
    """Return what memories may be about: the names of entities, and tags."""
    names: list[str] = []
    if isinstance(client, AsyncMemoryOS):
        found = await client.entities.list(limit=MAX_VALUES, search=typed or None)
        with reading("a page of entities"):
            names = [entity["name"] for entity in found["data"]]
    return _starting_with(typed, [*names, *await tags(client, typed)])


def completion(values: list[str]) -> dict[str, Any]:
    """Return the result of `completion/complete` as on the wire."""
    shown = cast("list[str]", encodable(values[:MAX_VALUES]))
    return {"completion": {"values": shown, "hasMore": len(values) > MAX_VALUES}}


def _starting_with(typed: str, values: Iterable[str]) -> list[str]:
    """Return the different values that start with what was typed, in upper or lower case.

    Those that a user can't judge by looking are left out: anybody may have written them, and a
    prompt quotes its argument outside of what it calls data.
    """
    start = typed.casefold()
    return [
        value
        for value in dict.fromkeys(values)
        if value.casefold().startswith(start) and printable(value, _MOST_CHARACTERS) == value
    ]
