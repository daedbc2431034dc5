"""Changing the embedder of a store, from the first memory to the last; it can be interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from memoryos_server.embedders.pricing import cost_in_dollars, price_of
from memoryos_server.stores.reembedding import Staged
from memoryos_server.text.token_counts import count_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from memoryos_server.embedders import Embedder
    from memoryos_server.stores.protocol import Store
    from memoryos_server.stores.reembedding import Staging, Unstaged

__all__ = ["Estimate", "Plan", "Reembedding"]

_AT_ONCE = 128
# So few may lack a vector at the change, and are embedded right after it: else a store that is
# written to all the time would never be done.
_FEW = 256
_MOST_PASSES = 20


class Plan(NamedTuple):
    """What is to be done.

    Attributes:
        before: the embedder that filled the store; None for none.
        after: the one that it is to have; None for none.
        memories: how many there are, of all owners.
        remaining: how many of them need a vector; those of an interrupted run are done.
    """

    before: str | None
    after: str | None
    memories: int
    remaining: int


class Estimate(NamedTuple):
    """What remains to be embedded.

    Attributes:
        memories: how many.
        tokens: of their contents, by the tokenizer of `memoryos_server.text.token_counts`.
        cost: in dollars, by the embedder's price; None where it has none.
    """

    memories: int
    tokens: int
    cost: float | None


class Reembedding:
    """The change of a store to another embedder, or to none.

    Several processes may serve the store meanwhile. They go on with the old embedder until the
    change, which is one transaction, and are refused after it until they are started anew.

    Args:
        store: opened for the new embedder.
        embedder: makes the new vectors; None for none.
    """

    def __init__(self, store: Store, embedder: Embedder | None) -> None:
        self._store = store
        self._staging: Staging = store.staging
        self._embedder = embedder

    def plan(self) -> Plan:
        """Return what is to be done; nothing is changed.

        Raises:
            ServiceError: the store can't be used.
        """
        before, total = self._staging.filled_by(), self._staging.total()
        if self._embedder is None:
            return Plan(before, None, total, 0)
        remaining = sum(len(batch) for batch in self._waiting(self._embedder))
        return Plan(before, self._embedder.name, total, remaining)

    def estimate(self, report: Callable[[int], None]) -> Estimate:
        """Count what remains to be embedded.

        Args:
            report: is told how many memories are counted.

        Raises:
            ServiceError: the store can't be used.
        """
        memories = tokens = 0
        for batch in () if self._embedder is None else self._waiting(self._embedder):
            memories += len(batch)
            tokens += sum(count_tokens(item.memory.content) for item in batch)
            report(memories)
        return Estimate(memories, tokens, cost_in_dollars(tokens, price_of(self._embedder)))

    def run(self, report: Callable[[int], None]) -> int:
        """Do it, and return how many memories were embedded. What is done is done for good.

        Args:
            report: is told how many are.

        Raises:
            ServiceError: the store or the embedder failed; another run goes on from there.
        """
        if self._embedder is None:
            self._staging.clear()
            self._staging.tidy()
            return 0
        done = 0
        if self._staging.filled_by() != self._embedder.name:
            done = self._change(self._embedder, report)
        done = self._fill(self._embedder, done, report)
        self._staging.tidy()
        return done

    def _change(self, embedder: Embedder, report: Callable[[int], None]) -> int:
        self._staging.begin(embedder.name)
        done = 0
        for turn in range(1, _MOST_PASSES + 1):
            for batch in self._waiting(embedder):
                rows = embedder.embed([item.memory.content for item in batch])
                staged = [Staged(*item, row) for item, row in zip(batch, rows, strict=True)]
                self._staging.stage(embedder.name, staged)
                done += len(batch)
                report(done)
            most = _FEW if turn < _MOST_PASSES else self._staging.total()
            if self._staging.adopt(embedder.name, most):
                break
        return done

    def _fill(self, embedder: Embedder, done: int, report: Callable[[int], None]) -> int:
        """Embed what has no vector: what came just before the change, or without an embedder."""
        for batch in self._waiting(embedder):
            memories = [item.memory for item in batch]
            rows = embedder.embed([memory.content for memory in memories])
            self._store.add_vectors(list(zip(memories, rows, strict=True)))
            done += len(batch)
            report(done)
        return done

    def _waiting(self, embedder: Embedder) -> Iterator[list[Unstaged]]:
        """Yield the memories that need a vector, each once."""
        last = 0
        while batch := self._staging.waiting(embedder.name, last, _AT_ONCE):
            last = batch[-1].number
            yield batch
