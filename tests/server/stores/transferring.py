"""What the tests of transfers store and read, and the directions of them."""

from __future__ import annotations

from datetime import timedelta

DIRECTIONS = [
    ("sqlite", "sqlite"),
    ("sqlite", "postgres"),
    ("postgres", "sqlite"),
    ("postgres", "postgres"),
]
OWNERS = ("default", "bo", "nobody's keys")
QUERIES = ("tea with Ada", "the garden", "kumquat")


def fill(service, user_of, clock):
    """Store the same records for two owners, and the keys of a third one."""
    for owner in OWNERS[:2]:
        user = user_of(service, owner)
        # At the same time, so that only their numbers order them.
        lines = [
            user.create(
                f"Ada: line {number} of tea",
                tier="long",
                content_type="conversation",
                metadata={"session": "s", "tags": ["tea", f"user:{owner}"], "n": number % 2 == 0},
            )
            for number in range(4)
        ]
        clock.advance(seconds=1)
        user.create("the garden has no tags", key="k1")
        user.create(
            "a child\0 of \1 Zoë 🎉",
            tier="medium",
            parent_memory_id=lines[0]["id"],
            metadata={"tags": ["Café"], "entities": ["e-1"], "one": 1, "true": True, "x": [1.5]},
        )
        # Its parent comes after it.
        first = user.upsert("to be replaced", tier="long")
        later = user.create("the later parent", tier="long")
        user.upsert("replaced", tier="long", parent_memory_id=later["id"])
        assert user.get(first["id"])["parent_memory_id"] == later["id"]
        user.create_entity("Ada", aliases=["Lady A."], metadata={"b": 1, "a": 2}, key="k2")
        user.create_entity("Bo")
        user.create("deleted", tier="long")
        user.delete(user.list(limit=1)[0]["id"])
    for owner in OWNERS:
        service.create_key(
            owner=owner,
            scopes=("memories:read",),
            name=f"of {owner}",
            expires_at=clock.now + timedelta(days=9),
            scope={"user": "alice"},
        )
    service.revoke_key(service.list_keys()[0].id)


def contents(service, user_of):
    """Return what the owners can read, and the keys."""
    answers = []
    for owner in OWNERS:
        user = user_of(service, owner)
        answers.append((user.list(), user.tags().data, user.entities().data))
        answers.append(user.list(tags=["tea"], metadata={"n": True}))
        for query in QUERIES:
            found = user.search(query, threshold=0.1)["results"]
            scores = [round(item["combined_score"], 9) for item in found]
            answers.append(([item["id"] for item in found], scores))
    return answers, service.list_keys()
