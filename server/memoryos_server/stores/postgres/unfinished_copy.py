"""The mark of a database into which records are being copied, so that nothing else writes to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .unusable_database import unusable

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["UNFINISHED", "check_finished"]

UNFINISHED = "Memory OS, unfinished copy"
"""The setting `application` of such a database."""


def check_finished(settings: Mapping[str, str], name: str) -> None:
    """Check that a database is no unfinished copy.

    Args:
        settings: its settings, with `application`.
        name: its name for error messages.

    Raises:
        ServiceError: with status 500, it is one.
    """
    if settings.get("application") == UNFINISHED:
        raise unusable(
            name, "is an unfinished copy: run the same `memoryos migrate` or `restore` again"
        )
