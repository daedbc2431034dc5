"""Keeps a memory in order: promotes what is used, deletes what has faded, reports what is there.

    python examples/maintenance.py            says what it would do
    python examples/maintenance.py --apply    does it

Meant to be run by a timer, say once an hour. To be listed is no access, so that looking through
the memories changes none of them.
"""

from __future__ import annotations

import argparse
import os
from enum import Enum
from typing import TYPE_CHECKING

from display import chapter, counted, fail, say, tally

from memoryos import MemoryOS, NotFoundError

if TYPE_CHECKING:
    from memoryos.types import Memory, Tier

USED_OFTEN = 5  # accesses
FADED = 0.1  # relevance, from 0 to 1
NEXT_TIER: dict[str, Tier] = {"short": "medium", "medium": "long"}


class Decision(Enum):
    """What to do with a memory."""

    KEEP = "keep"
    PROMOTE = "promote"
    DELETE = "delete"


def decide(memory: Memory) -> Decision:
    """Say what to do with a memory, by its tier, its use and its relevance."""
    if memory["tier"] in NEXT_TIER and memory["access_count"] >= USED_OFTEN:
        return Decision.PROMOTE
    if memory["tier"] == "short" and memory["access_count"] == 0:
        return Decision.DELETE if memory["relevance_score"] < FADED else Decision.KEEP
    return Decision.KEEP


def carry_out(decision: Decision, chosen: Memory, memory: MemoryOS) -> None:
    """Do to a memory what was decided; it may have expired meanwhile."""
    try:
        if decision is Decision.DELETE:
            memory.memories.delete(chosen["id"])
        else:
            importance = min(1.0, chosen["importance_score"] + 0.1)
            tier = NEXT_TIER[chosen["tier"]]
            memory.memories.update(chosen["id"], tier=tier, importance_score=importance)
    except NotFoundError:
        say(f"it is gone already: {chosen['content'][:60]}")


def maintain(memory: MemoryOS, *, apply: bool) -> None:
    """Go through all memories, and do or only tell what is to be done."""
    found = list(memory.memories.iterate())
    for decision in (Decision.PROMOTE, Decision.DELETE):
        chosen = [one for one in found if decide(one) is decision]
        chapter(f"To {decision.value}: {len(chosen)}")
        for one in chosen:
            uses = f"{counted(one['access_count'], 'use')}, relevance {one['relevance_score']:.2f}"
            say(f"{one['tier']:<6} {uses}: {one['content'][:60]}")
            if apply:
                carry_out(decision, one, memory)


def report(memory: MemoryOS) -> None:
    """Count the memories of each tier."""
    chapter("What is there")
    tally(list(memory.memories.iterate()))


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--apply", action="store_true", help="do it, rather than only say it")
    apply = options.parse_args().apply
    if "MEMORY_OS_API_KEY" not in os.environ:
        fail("MEMORY_OS_API_KEY is not set. For a Memory OS of your own, run `make serve`.")
    with MemoryOS() as memory_os:
        maintain(memory_os, apply=apply)
        report(memory_os)
    if not apply:
        say("Nothing was changed: add --apply to do it.")
