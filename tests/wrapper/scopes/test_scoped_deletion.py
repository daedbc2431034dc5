"""Deletion of all memories of a scope."""

from __future__ import annotations

import pytest

from memoryos import MemoryOS, PermissionDeniedError, ValidationError

from ..stand_ins import Call, HasAll
from .services import EVERYWHERE, ON_STAND_INS, two_users

pytestmark = ON_STAND_INS


@EVERYWHERE
async def test_that_a_user_can_be_forgotten(service_of, behaviour):
    service = service_of(behaviour)
    alice, _ = await two_users(service)
    results = await service.done(alice.memories.create_many(f"tea {n}" for n in range(20)))
    assert all(result.ok for result in results)
    progress = []
    deletion = await service.done(
        alice.memories.delete_all(confirm=True, on_progress=lambda *counts: progress.append(counts))
    )
    assert deletion == {"deleted": 21, "tags_may_remain": False}
    assert progress == [(n, 21) for n in range(1, 22)]
    left = await service.done(service.client.memories.iterate())
    assert [one["content"] for one in left] == ["Bob earns 4000"]
    again = await service.done(alice.memories.delete_all(confirm=True))
    assert again == {"deleted": 0, "tags_may_remain": False}


class KeepsTags(HasAll):
    """Never forgets a tag, nor others that begin with it; and a deletion fails, once."""

    failing = True

    def request(self, call, forward):
        """List a page of tags, the scope's last."""
        if call.name == "list_tags":
            given = dict(call.query)
            names = [*(f"{given['search']}{n}" for n in range(150)), given["search"]]
            offset = int(given.get("offset", 0))
            data = [{"id": name, "name": name} for name in names[offset : offset + 100]]
            more = offset + len(data) < len(names)
            meta = {"total": len(names), "limit": 100, "offset": offset, "has_more": more}
            return 200, {"data": data, "meta": meta}
        if call.name == "delete_memory" and self.failing:
            self.failing = False
            return 403, {"error": {"code": "FORBIDDEN", "message": "no"}, "meta": {}}
        return super().request(call, forward)


async def test_that_tags_may_remain_and_that_a_deletion_can_be_repeated(service_of):
    service = service_of(KeepsTags())
    alice, _ = await two_users(service)
    with pytest.raises(PermissionDeniedError) as caught:
        await service.done(alice.memories.delete_all(confirm=True))
    assert caught.value.details == {"deleted": 0}
    deletion = await service.done(alice.memories.delete_all(confirm=True))
    assert deletion == {"deleted": 1, "tags_may_remain": True}


@pytest.mark.parametrize("confirm", [False, None, 1, "yes"])
async def test_that_a_deletion_is_confirmed(service_of, confirm):
    service = service_of("has everything")
    alice, _ = await two_users(service)
    service.sent.clear()
    with pytest.raises(ValidationError, match="confirm must be True"):
        await service.done(alice.memories.delete_all(confirm=confirm))
    with pytest.raises(ValidationError, match="on_progress"):
        await service.done(alice.memories.delete_all(confirm=True, on_progress=7))
    assert service.sent == []


class HidesTags(HasAll):
    """Doesn't let this key list tags."""

    def request(self, call, forward):
        """Refuse the list."""
        if call.name == "list_tags":
            return 403, {"error": {"code": "FORBIDDEN", "message": "no"}, "meta": {}}
        return super().request(call, forward)


class CreatesMeanwhile(HasAll):
    """Stores another memory of the user before the first deletion."""

    is_first = True

    def request(self, call, forward):
        """Store it as another program would."""
        if call.name == "delete_memory" and self.is_first:
            self.is_first = False
            more = {"content": "more", "metadata": {"tags": ["user:alice"]}}
            headers = {**call.headers, "Content-Type": "application/json"}
            forward(Call("POST", "/memories", [], more, headers))
        return super().request(call, forward)


class DeletesFirst(HasAll):
    """Has deleted each memory already, as another program would have."""

    def request(self, call, forward):
        """Delete it twice."""
        if call.name == "delete_memory":
            super().request(call, forward)
        return super().request(call, forward)


@pytest.mark.parametrize(
    ("behaviour", "deletion"),
    [
        (HidesTags, {"deleted": 1, "tags_may_remain": True}),
        (DeletesFirst, {"deleted": 0, "tags_may_remain": False}),
        (CreatesMeanwhile, {"deleted": 2, "tags_may_remain": False}),
    ],
)
async def test_that_all_is_deleted_and_counted_whatever_others_do(service_of, behaviour, deletion):
    service = service_of(behaviour())
    alice, _ = await two_users(service)
    assert await service.done(alice.memories.delete_all(confirm=True)) == deletion
    left = await service.done(service.client.memories.iterate())
    assert [one["content"] for one in left] == ["Bob earns 4000"]


def test_that_a_tag_that_contains_another_is_not_that_one():
    """Of two users, one of whom has a name that begins like the other's."""
    with MemoryOS.local(":memory:", embedder="hashing") as memory:
        for user in ("al", "alice"):
            memory.scoped(user=user).memories.create("tea")
        done = memory.scoped(user="al").memories.delete_all(confirm=True)
    assert done == {"deleted": 1, "tags_may_remain": False}
