from __future__ import annotations

from typing import Literal, cast

ContextFormat = Literal["json", "text"]

CONTEXT_FORMAT_VALUES: set[ContextFormat] = {
    "json",
    "text",
}


def check_context_format(value: str) -> ContextFormat:
    """Take a value as it is, whether this version of the contract lists it or not."""
    return cast("ContextFormat", value)
