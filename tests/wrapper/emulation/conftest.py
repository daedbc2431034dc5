"""Places: both clients, on stand-ins for services that know the documentation only."""

from __future__ import annotations

import pytest

from ..stand_ins import ClientOfStandIn, IgnoresUnknown, RefusesUnknown


class Place(ClientOfStandIn):
    """A client of a stand-in, and what arrives there."""

    @property
    def memories(self):
        """The client's memories."""
        return self.client.memories

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
