"""Re-embedding: change the embedder of a store. An interrupted run can be continued."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from memoryos_server.embedders.remote.pricing import cost_in_dollars, price_of
from memoryos_server.stores.reembedding import ReembeddedMemory
from memoryos_server.text.token_counts import count_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from memoryos_server.embedders import Embedder
    from memoryos_server.stores.protocol import EmbeddingStore
    from memoryos_server.stores.reembedding import PendingMemory, ReembeddingStore

__all__ = ["Estimate", "Plan", "Reembedding"]

_BATCH_SIZE = 128

MAX_MISSING_AT_SWITCH = 256
"""Number of memories that may lack a new vector when the store switches to the new embedder.

They get their vectors right after the switch. Without this allowance, the run would never end on a
store that is constantly written to.
"""

MAX_PASSES = 20
"""Number of passes after which the store switches however many vectors are missing."""


class Plan(NamedTuple):
    """The work that a run would do.

    Attributes:
        before: Name of the embedder of the stored vectors, or None.
        after: Name of the new embedder, or None.
        memories: Number of memories of all owners.
        remaining: Number of memories that need a new vector. Those that an interrupted run has
            embedded don't count.
    """

    before: str | None
    after: str | None
    memories: int
    remaining: int


class Estimate(NamedTuple):
    """Size and cost of the remaining work.

    Attributes:
        memories: Number of memories to embed.
        tokens: Number of tokens of their contents, counted by `memoryos_server.text.token_counts`.
        cost: Price in US dollars, or None if the embedder has no price.
    """

    memories: int
    tokens: int
    cost: float | None


class Reembedding:
    """Changes a store to another embedder, or to none.

    Other processes can serve the store during a run. They use the old embedder until the switch,
    which is one transaction; after it their requests fail until they are restarted.

    Args:
        store: The store, opened for the new embedder.
        embedder: The new embedder, or None to remove all vectors.
    """

    def __init__(self, store: EmbeddingStore, embedder: Embedder | None) -> None:
        self._store = store
        self._reembedding: ReembeddingStore = store.reembedding
        self._embedder = embedder

    def plan(self) -> Plan:
        """Return the work that `run` would do, without changing anything.

        Raises:
            ServiceError: The store is unusable.
        """
        before, total = self._reembedding.embedder_name(), self._count_memories()
        if self._embedder is None:
            return Plan(before, None, total, 0)
        remaining = sum(len(batch) for batch in self._pending_batches(self._embedder))
        return Plan(before, self._embedder.name, total, remaining)

    def estimate(self, report: Callable[[int], None]) -> Estimate:
        """Estimate the size and cost of the remaining work.

        Args:
            report: Called with the number of memories counted so far.

        Raises:
            ServiceError: The store is unusable.
        """
        memories = tokens = 0
        for batch in () if self._embedder is None else self._pending_batches(self._embedder):
            memories += len(batch)
            tokens += sum(count_tokens(item.memory.content) for item in batch)
            report(memories)
        return Estimate(memories, tokens, cost_in_dollars(tokens, price_of(self._embedder)))

    def run(self, report: Callable[[int], None]) -> int:
        """Change the embedder, and return the number of memories embedded.

        Args:
            report: Called with the number of memories embedded so far.

        Raises:
            ServiceError: The store or the embedder failed. Another run continues the work.
        """
        if self._embedder is None:
            self._reembedding.delete_vectors()
            self._reembedding.clean_up()
            return 0
        done = 0
        if self._reembedding.embedder_name() != self._embedder.name:
            done = self._replace_vectors(self._embedder, report)
        done = self._add_missing_vectors(self._embedder, done, report)
        self._reembedding.clean_up()
        return done

    def _replace_vectors(self, embedder: Embedder, report: Callable[[int], None]) -> int:
        self._reembedding.begin(embedder.name)
        done = 0
        for passes in range(1, MAX_PASSES + 1):
            for batch in self._pending_batches(embedder):
                rows = embedder.embed([item.memory.content for item in batch])
                staged = [
                    ReembeddedMemory(*item, row) for item, row in zip(batch, rows, strict=True)
                ]
                self._reembedding.add_vectors(embedder.name, staged)
                done += len(batch)
                report(done)
            max_missing = MAX_MISSING_AT_SWITCH if passes < MAX_PASSES else self._count_memories()
            if self._reembedding.complete(embedder.name, max_missing):
                break
        return done

    def _add_missing_vectors(
        self, embedder: Embedder, done: int, report: Callable[[int], None]
    ) -> int:
        """Embed memories written just before the switch, or without an embedder."""
        for batch in self._pending_batches(embedder):
            memories = [item.memory for item in batch]
            rows = embedder.embed([memory.content for memory in memories])
            self._store.add_vectors(list(zip(memories, rows, strict=True)))
            done += len(batch)
            report(done)
        return done

    def _pending_batches(self, embedder: Embedder) -> Iterator[list[PendingMemory]]:
        """Yield batches of the memories that need a vector, each memory once."""
        pending = self._pending(embedder)
        while batch := list(islice(pending, _BATCH_SIZE)):
            yield batch

    def _pending(self, embedder: Embedder) -> Iterator[PendingMemory]:
        for owner in self._reembedding.owners():
            last = 0
            while page := self._reembedding.list_pending(embedder.name, owner, last, _BATCH_SIZE):
                yield from page
                last = page[-1].number

    def _count_memories(self) -> int:
        return sum(self._reembedding.owners().values())
