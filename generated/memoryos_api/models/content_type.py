from __future__ import annotations

from typing import Literal, cast

ContentType = Literal["conversation", "document", "event", "fact", "text"]

CONTENT_TYPE_VALUES: set[ContentType] = {
    "conversation",
    "document",
    "event",
    "fact",
    "text",
}


def check_content_type(value: str) -> ContentType:
    """Take a value as it is, whether this version of the contract lists it or not."""
    return cast("ContentType", value)
