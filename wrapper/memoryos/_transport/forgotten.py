"""Close the connections of a client that was never closed."""

from __future__ import annotations

import warnings
from typing import Protocol


class _Transport(Protocol):
    @property
    def is_open(self) -> bool:
        """Whether connections of the SDK's own are open."""
        ...

    def abort(self) -> None:
        """Close them, as far as that needs no waiting."""


def close_forgotten(transport: _Transport, location: str) -> None:
    """Close the connections of a client that is gone, or that exists when the program ends.

    It warns of what it closes, and not of what needs an event loop to be closed: asyncio warns of
    that.

    Args:
        transport: The connections.
        location: The address of the service, for the warning.
    """
    if not transport.is_open:
        return
    transport.abort()
    if not transport.is_open:
        warnings.warn(
            f"unclosed client of {location}; call close(), or use `with`",
            ResourceWarning,
            stacklevel=2,
        )
