"""Without a scope or a client nothing is made, and nothing runs."""

from __future__ import annotations

import pytest

from memoryos import ValidationError
from memoryos.integrations.pydantic_ai import MemoryOSCapability, memory_toolset

from ..agents import User, check_refusals
from .fake_model import Fake, agent_of, calls, scope

pytestmark = [pytest.mark.anyio, pytest.mark.local_server]


@pytest.mark.parametrize("roles", ["user", ["users"], None])
def test_only_known_roles_can_be_remembered(memory, roles):
    with pytest.raises(ValidationError, match="roles must be a subset of"):
        MemoryOSCapability(memory, scope, roles=roles)


def test_without_a_scope_or_a_client_nothing_is_made(memory):
    check_refusals(memory, MemoryOSCapability, memory_toolset)


@pytest.mark.parametrize("wrong", [None, {}, {"user": ""}])
async def test_a_run_without_a_scope_fails(client, wrong):
    fake = Fake(calls("search_memories", query="tea"))
    for agent in (
        agent_of(fake, toolsets=[memory_toolset(client, lambda ctx: wrong)]),
        agent_of(fake, MemoryOSCapability(client, lambda ctx: wrong)),
    ):
        with pytest.raises(ValidationError):
            await agent.run("What do I like?", deps=User("alice"))
