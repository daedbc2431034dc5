"""The endpoints that every server has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .health import Health

if TYPE_CHECKING:
    from memoryos_server.http.endpoints import Endpoint

__all__ = ["default_endpoints"]


def default_endpoints() -> list[Endpoint]:
    """Return the endpoints that every server has."""
    return [Health()]
