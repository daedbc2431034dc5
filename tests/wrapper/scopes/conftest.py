"""Both clients on stand-ins for other services, behind one face."""

from __future__ import annotations

import pytest

from ..stand_ins import BEHAVIOURS, ClientOfStandIn


class Service(ClientOfStandIn):
    """A service, and one kind of client on it."""

    @property
    def sent(self):
        """The requests that arrived since `sent` was cleared: each name and what was given."""
        return self.stand_in.sent


@pytest.fixture(params=["sync", "async"])
async def service_of(request):
    """Return a function that starts a service of a behaviour, by its name."""
    services = []

    def start(behaviour):
        made = BEHAVIOURS[behaviour]() if isinstance(behaviour, str) else behaviour
        services.append(Service(made, is_async=request.param == "async"))
        return services[-1]

    yield start
    for service in services:
        await service.done(service.client.close())
