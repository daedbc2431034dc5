"""Times in requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos_server.model.errors import validation_error
from memoryos_server.model.timestamps import parse_timestamp

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["parse_time"]


def parse_time(field: str, text: str) -> datetime:
    """Return the time in a field of a request, such as `body.expires_at`.

    Raises:
        ServiceError: 400, if it is not within the years 1 to 9999.
    """
    try:
        return parse_timestamp(text)
    except ValueError as error:
        raise validation_error(field, str(error)) from None
