"""JSON that people write, in options and files, where a key that is there twice is a mistake."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Dict, List, Tuple

from .argument_errors import clipped

__all__ = ["RepeatedKeyError", "parsed_json"]


class RepeatedKeyError(ValueError):
    """An object has a key twice: one of its values would be lost.

    Attributes:
        key: The key, as it is shown.
    """

    def __init__(self, key: str) -> None:
        self.key = clipped(repr(key))
        super().__init__(f"has the key {self.key} twice")


def parsed_json(text: str) -> Any:
    """Return the value of a JSON text.

    Raises:
        RepeatedKeyError: An object in it has a key twice.
        ValueError: It is no JSON, or nested too deeply.
    """
    try:
        return json.loads(text, object_pairs_hook=_members)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _members(pairs: List[Tuple[str, object]]) -> Dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        (key, _), *_ = Counter(key for key, _ in pairs).most_common(1)
        raise RepeatedKeyError(key)
    return members
