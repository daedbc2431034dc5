"""The limits that only the local Memory OS is known to enforce, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_changes import messages
from generation.schemas import assumed_limits, flatten

if TYPE_CHECKING:
    from generation.contract import Json


def local_limits(contract: Json, schema: Json, where: str) -> str:
    """Return the assumed limits of a value and of its items; empty if there are none.

    Such as `at most 256 items, each of at most 4096 characters`.
    """
    flat = flatten(contract, schema, where)
    own = _text(assumed_limits(flat))
    items = _text(assumed_limits(flatten(contract, flat.get("items", {}), where)))
    each = f"{'each' if own else 'items'} of {items}" if items else ""
    return ", ".join(part for part in (own, each) if part)


def local_limits_sentence(contract: Json, schema: Json, where: str) -> str:
    """Return a sentence for a docstring; empty if there are no assumed limits."""
    text = local_limits(contract, schema, where)
    return f"The local Memory OS accepts {text}." if text else ""


def _text(limits: Json) -> str:
    numbers = {key: limit for key, limit in limits.items() if key != "pattern"}
    pattern = f"only text that matches `{limits['pattern']}`" if "pattern" in limits else ""
    return ", ".join(part for part in (messages.limits_text(numbers), pattern) if part)
