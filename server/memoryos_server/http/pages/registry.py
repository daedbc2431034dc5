"""The endpoints that every server has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .health import Health
from .readiness import Readiness

if TYPE_CHECKING:
    from collections.abc import Callable

    from memoryos_server.http.endpoints import Endpoint
    from memoryos_server.service.operations import Service
    from memoryos_server.service.warm_up import WarmUp

__all__ = ["default_endpoints"]


def default_endpoints(
    service: Service, warm_up: WarmUp, *, is_stopping: Callable[[], bool] = lambda: False
) -> list[Endpoint]:
    """Return the endpoints that every server has.

    Args:
        service: What the server serves.
        warm_up: Its warm-up, for which it isn't ready before.
        is_stopping: Whether the server is about to stop.
    """
    return [Health(), Readiness(service.store_state, warm_up, is_stopping=is_stopping)]
