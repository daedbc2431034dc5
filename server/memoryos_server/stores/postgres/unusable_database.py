"""The error for a database that can't be used until somebody changes it."""

from __future__ import annotations

from memoryos_server.model.errors import ServiceError

__all__ = ["unusable"]


def unusable(name: str, sentence: str) -> ServiceError:
    """Return the error for a database that can't be used until the user fixes it.

    Args:
        name: the name of the database.
        sentence: the problem, such as `is damaged`.
    """
    return ServiceError(500, "INTERNAL_ERROR", f"The database {name} {sentence}")
