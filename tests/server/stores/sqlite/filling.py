"""What the programs of earlier versions stored in `versions/full_*.sql`, and today's can store too.

Their files were written by `fill` with each program, and by `begin_reembedding`.
"""

from __future__ import annotations

from itertools import count

from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.service.operations import open_service

OWNERS = ("ada", "bo")
TEXTS = (
    "Ada drinks her coffee black",
    "Bo: the green tea of Москва is ready",
    "Ada: is the green tea ready?",
    "Straße, 東京都に, and a cup of tea",
    "coffee coffee coffee and no tea",
    "the kumquat blooms in May",
)
READ = (*TEXTS[0:2], *TEXTS[3:5])
QUERIES = ("coffee", "green tea", "kumquat in May", "strasse", "東京")
STAGED = HashingEmbedder(16)


def new_ids():
    """Return a source of ids that are the same in every run."""
    numbers = count(1)
    return lambda: f"00000000-0000-4000-8000-{next(numbers):012d}"


def opened(path, clock):
    """Open a service as the files were written by."""
    return open_service(path, embedder=HashingEmbedder(8), clock=clock, new_id=new_ids())


def fill(service, clock, user_of):
    """Store the same for two owners, in turn: only the owner tells them apart."""
    users = [user_of(service, owner) for owner in OWNERS]
    parents = [None] * len(users)
    for step, text in enumerate(TEXTS):
        clock.advance(seconds=1)
        is_line = ": " in text
        metadata = {
            "tags": ["taste", f"user:{step % 2}"] if step % 3 else [f"user:{step % 2}"],
            "entities": ["e1"] if step % 2 else [],
            "city": "Москва" if step < 3 else {"name": "Köln"},
            "ts": 1757894400,
        }
        for place, user in enumerate(users):
            more = {} if parents[place] is None else {"parent_memory_id": parents[place]}
            made = user.create(
                text,
                key=f"once {step}",
                tier="long" if step else "short",
                content_type="conversation" if is_line else "text",
                metadata=metadata if step < 5 else {},
                **more,
            )
            parents[place] = made["id"]
    for user in users:
        user.create_entity("Green Tea", aliases=["tea of Москва"])
        user.delete(user.create("deleted", metadata={"tags": ["taste"]})["id"])
        for memory in user.list():
            if memory["content"] in READ:  # a search of the old programs, which rank otherwise
                user.get(memory["id"])
    service.close()


def begin_reembedding(staging, pending):
    """Embed some of the memories with another embedder, and stop.

    Args:
        staging: what replaces the embedder of the store.
        pending: the memories to embed: pairs of number and memory.
    """
    staging.begin(STAGED.name)
    from memoryos_server.stores.reembedding import ReembeddedMemory

    rows = STAGED.embed([memory.content for _, memory in pending])
    staged = [ReembeddedMemory(*item, row) for item, row in zip(pending, rows)]
    staging.add_vectors(STAGED.name, staged)
