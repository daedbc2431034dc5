"""Places: both clients, on stand-ins for services that know the documentation only."""

from __future__ import annotations

import pytest

from ..stand_ins import IgnoresUnknown, RefusesUnknown, StandIn


class Place:
    """A client of a stand-in, whose calls are awaited here."""

    def __init__(self, behaviour, *, is_async=False):
        self.stand_in = StandIn(behaviour)
        self.client = self.stand_in.client(asynchronous=is_async)
        self.memories = self.client.memories
        self.is_async = is_async

    async def done(self, value):
        """Return what a call returns."""
        return await value if self.is_async else value

    async def all(self, items):
        """Return what an iterator yields."""
        return [item async for item in items] if self.is_async else list(items)

    async def create(self, *contents, **fields):
        """Create memories one after another."""
        for content in contents:
            await self.done(self.memories.create(content, **fields))

    @property
    def is_emulated(self):
        """Whether the SDK does the work."""
        return not self.stand_in.behaviour.features

    def sent(self, name):
        """Return the names that each request of an operation had."""
        return [given for operation, given in self.stand_in.sent if operation == name]


@pytest.fixture(params=[IgnoresUnknown, RefusesUnknown], ids=["ignores", "refuses"])
def behaviour(request):
    """What the service does with what it doesn't know. Neither names a feature."""
    return request.param()


@pytest.fixture(params=[False, True], ids=["sync", "async"])
async def place(request, behaviour):
    """Each client on each service."""
    place = Place(behaviour, is_async=request.param)
    yield place
    await place.done(place.client.close())


@pytest.fixture
def place_of():
    """Return a function that makes a place with a client of the synchronous kind."""
    places = []

    def make(behaviour):
        places.append(Place(behaviour))
        return places[-1]

    yield make
    for place in places:
        place.client.close()
