"""The endpoints of a server besides the API, in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .documents import document_endpoints
from .health import Health
from .index import Index
from .readiness import Readiness
from .version import version_endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from memoryos_server.http.endpoints import Endpoint
    from memoryos_server.service.operations import Service
    from memoryos_server.service.warm_up import WarmUp

__all__ = ["default_endpoints"]


def default_endpoints(
    service: Service,
    warm_up: WarmUp,
    *,
    is_stopping: Callable[[], bool] = lambda: False,
    more: Iterable[Endpoint] = (),
) -> list[Endpoint]:
    """Return the endpoints that every server has, and `more`; the index lists them all.

    Args:
        service: What the server serves.
        warm_up: Its warm-up, for which it isn't ready before.
        is_stopping: Whether the server is about to stop.
        more: The endpoints that the options of this server add.
    """
    endpoints: list[Endpoint] = [
        Health(),
        Readiness(service.store_state, warm_up, is_stopping=is_stopping),
        version_endpoint(),
        *document_endpoints(),
        *more,
    ]
    return [*endpoints, Index(endpoint.path for endpoint in endpoints)]
