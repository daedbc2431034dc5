"""Both clients on stand-ins for other services, behind one face."""

from __future__ import annotations

import inspect

import pytest

from ..stand_ins import BEHAVIOURS, StandIn


class Service:
    """A stand-in, and one kind of client on it."""

    def __init__(self, behaviour, *, is_async):
        self.stand_in = StandIn(behaviour)
        self.is_async = is_async
        self.memory = self.stand_in.client(asynchronous=is_async)

    @property
    def sent(self):
        """The requests that arrived since `sent` was cleared: each name and what was given."""
        return self.stand_in.sent

    async def done(self, value):
        """Return what a method returns, whichever client it is of; of an iterator, a list."""
        if inspect.isawaitable(value):
            return await value
        if hasattr(value, "__aiter__"):
            return [item async for item in value]
        return list(value) if inspect.isgenerator(value) else value


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
        await service.done(service.memory.close())
