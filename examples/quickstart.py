"""The first steps: store what an assistant learns, find it by meaning, put it into a prompt.

The calls are the same for the hosted service and for a Memory OS on your own machine; only
MEMORY_OS_BASE_URL and MEMORY_OS_API_KEY tell them apart. `make demo` runs all of it on a local one.
"""

from __future__ import annotations

import asyncio
import os

from display import chapter, context_block, counted, fail, found, kept, say, tally

from memoryos import AsyncMemoryOS, MemoryOS, MemoryOSError


def first_steps() -> None:
    """Store, search, get a context; then read, change, list and delete."""
    memory = MemoryOS(api_key=os.environ["MEMORY_OS_API_KEY"])

    chapter("Store what your assistant learns")
    diet = memory.memories.create(
        content="Does not eat meat, and is allergic to peanuts",
        tier="long",
        content_type="fact",
        memory_nature="semantic",
        importance_score=0.9,
    )
    cats = memory.memories.create(
        content="Has two cats, Miso and Pixel",
        tier="long",
        content_type="fact",
        memory_nature="semantic",
    )
    party = memory.memories.create(
        content="Giving a birthday dinner for eight friends on Saturday",
        tier="medium",
        content_type="event",
        memory_nature="episodic",
        metadata={"tags": ["party"]},
    )
    bakery = memory.memories.create(
        content="Asked when the bakery around the corner closes",
        content_type="conversation",
    )
    for stored in (diet, cats, party, bakery):
        kept(stored)

    chapter("Find it again by what it means")
    for question in ("Which foods must be avoided?", "Are there any pets?"):
        results = memory.search(query=question, threshold=0.7)
        found(question, results)

    chapter("Get the context for a prompt")
    context = memory.get_context(query="Suggest a menu for the party", max_tokens=2000)
    context_block(context)

    chapter("Read, change, list, delete")
    read = memory.memories.get(party["id"])
    say(f"read:    {read['content']}")
    updated = memory.memories.update(
        party["id"],
        content="Giving a birthday dinner for ten friends on Sunday",
        tier="long",
    )
    say(f"changed: {updated['content']}")
    page = memory.memories.list(limit=100)
    say(f"listed:  {counted(page['meta']['total'], 'memory', 'memories')}")
    tally(page["data"])
    for stored in (diet, cats, party, bakery):
        memory.memories.delete(stored["id"])
    try:
        memory.memories.get(party["id"])
    except MemoryOSError as error:
        say(f"deleted: to read one of them is now {error.status} {error.code}")
    else:
        fail("A deleted memory could still be read.")
    memory.close()


async def first_steps_at_once() -> None:
    """Do the same with asyncio: several calls under way at a time."""
    async with AsyncMemoryOS(api_key=os.environ["MEMORY_OS_API_KEY"]) as memory:
        chapter("The same with async and await, several calls at a time")
        stored = await asyncio.gather(
            memory.memories.create(content="Plays the cello in an orchestra", tier="long"),
            memory.memories.create(content="Works night shifts as a nurse", tier="long"),
            memory.memories.create(content="Away until Thursday", tier="short"),
        )
        results, context, page = await asyncio.gather(
            memory.search(query="Which instrument does he play?", threshold=0.7),
            memory.get_context(query="What does he do for a living?", max_tokens=2000),
            memory.memories.list(tier="long"),
        )
        found("Which instrument does he play?", results)
        context_block(context)
        say(f"{page['meta']['total']} of {len(stored)} are meant to last")
        await asyncio.gather(*(memory.memories.delete(item["id"]) for item in stored))


def first_steps_without_a_server() -> None:
    """Do the same in this very process: no server, no key, nothing on disk."""
    chapter("The same without a server, in this very process")
    with MemoryOS.local(":memory:") as memory:
        memory.memories.create(content="The greenhouse is watered at six in the morning")
        memory.memories.create(content="Guests use the Wi-Fi network called Orchard")
        results = memory.search(query="When do the plants get water?", threshold=0.7)
        found("When do the plants get water?", results)
        question = "How do visitors connect to the internet?"
        context_block(memory.get_context(query=question, max_tokens=2000))


if __name__ == "__main__":
    if "MEMORY_OS_API_KEY" not in os.environ:
        fail("MEMORY_OS_API_KEY is not set: run `make demo`, or `make serve` to get a key.")
    first_steps()
    asyncio.run(first_steps_at_once())
    first_steps_without_a_server()
