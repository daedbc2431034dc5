"""Components that are identical in two contracts, with everything they refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generation.contract import ContractError, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generation.contract import Json


def untouched(old: Json, new: Json) -> frozenset[str]:
    """Return the references with identical targets in both contracts.

    They need no comparison, so that the cost of one depends on the changes alone.
    """
    named = set(references(old))
    equal = {name for name in named if _target(old, name) == _target(new, name) is not None}
    while True:
        sound = {name for name in equal if equal.issuperset(references(_target(old, name)))}
        if sound == equal:
            return frozenset(equal)
        equal = sound


def references(node: Any) -> Iterator[str]:
    """Yield every reference within a node."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for part in node.values():
            yield from references(part)
    elif isinstance(node, list):
        for part in node:
            yield from references(part)


def _target(contract: Json, reference: str) -> Json | None:
    try:
        return resolve(contract, {"$ref": reference})
    except ContractError:
        return None
