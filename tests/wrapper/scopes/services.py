"""What the tests of views share: the services on which they run, and two users of one."""

from __future__ import annotations

import pytest

ON_STAND_INS = [
    pytest.mark.anyio,
    pytest.mark.local_server,
    pytest.mark.off_contract(reason="the stand-ins answer what the contract does not allow"),
    pytest.mark.filterwarnings("ignore::memoryos.ScopeWarning"),  # the tests expect some of them
]

EVERYWHERE = pytest.mark.parametrize(
    "behaviour", ["ignores unknown fields", "has everything", "ignores tags", "lies"]
)
MIXING = pytest.mark.parametrize("behaviour", ["ignores tags", "lies"])
UNKNOWN_ID = "7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11"


async def two_users(service):
    """Return the views of two users, each with a memory."""
    alice, bob = service.client.scoped(user="alice"), service.client.scoped(user="bob")
    await service.done(alice.memories.create("Alice earns 5000"))
    await service.done(bob.memories.create("Bob earns 4000"))
    return alice, bob


def names_of(service):
    """Return the names of the operations that were sent."""
    return [name for name, _ in service.sent]
