"""Search and context: find candidates, rank them, hand out the best."""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING, Any

from memoryos_server.model.integrity import verified
from memoryos_server.model.metadata import canonical_id, tag_name
from memoryos_server.model.records import EntityNames, Selection
from memoryos_server.search.combined_score import DIGITS, Ranked, rank
from memoryos_server.search.entity_mentions import refers_to_all
from memoryos_server.search.lexical_retriever import Finder, Question
from memoryos_server.text.token_counts import count_tokens

from .context import assemble
from .results import Answer
from .serializers import context_memory, search_result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from memoryos_server.model.caller import Caller
    from memoryos_server.search.combined_score import Found, Scored
    from memoryos_server.stores.protocol import Store

    from .access_log import AccessLog

__all__ = ["Retrieval"]

# How many of the nearest memories are ranked by the combined score. More than are handed out,
# since freshness and importance may lift one; the rest is too far behind.
_SEARCH_CANDIDATES_PER_RESULT = 10
_MIN_CANDIDATES = 100
_MAX_CONTEXT_CANDIDATES = 2000
_TOKENS_PER_CONTEXT_CANDIDATE = 4
_READ_AT_ONCE = 100


class Retrieval:
    """The operations `/search` and `/context`.

    Args:
        store: where the memories are kept.
        finder: finds candidates in it.
        accesses: counts what is handed out.
        clock: returns the present time.
    """

    def __init__(
        self,
        store: Store,
        finder: Finder,
        accesses: AccessLog,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._finder = finder
        self._accesses = accesses
        self._clock = clock

    def search(self, caller: Caller, body: dict[str, Any]) -> Answer:
        """Return the memories above the threshold, by combined score, best first."""
        now = self._clock()
        limit, threshold = body["limit"], body["threshold"]
        count = max(_MIN_CANDIDATES, limit * _SEARCH_CANDIDATES_PER_RESULT)
        question = Question(body.get("query"), body.get("embedding"))
        # A threshold of 0 leaves nothing out, not even what shares no word with the query.
        find = self._finder.find if threshold > 0 else self._finder.candidates
        selection = self._selection(caller, body, now)
        found = find(selection, question, count)
        similar = [item for item in found if item.similarity >= threshold]
        results = self._best(caller, self._ranked(caller, similar, now), selection, limit)
        self._handed_out(results, now)
        return Answer(
            {
                "results": [search_result(result) for result in results],
                "search_type": self._finder.search_type,
                "threshold": threshold,
            }
        )

    def context(self, caller: Caller, body: dict[str, Any]) -> Answer:
        """Return the memories that fit the query best, as a text within the budget."""
        started = time.perf_counter()
        now, budget = self._clock(), body["max_tokens"]
        wanted = max(_MIN_CANDIDATES, budget // _TOKENS_PER_CONTEXT_CANDIDATE)
        count = min(wanted, _MAX_CONTEXT_CANDIDATES)
        selection = self._selection(caller, body, now)
        found = self._finder.candidates(selection, Question(body["query"]), count)
        ranked = self._ranked(caller, found, now)
        memories = self._memories(caller, ranked)
        context = assemble(memories, budget=budget, count=count_tokens, form=body["format"])
        self._handed_out(context.memories, now)
        return Answer(
            {
                "context": context.text,
                "memories": [context_memory(item) for item in context.memories],
                "token_count": context.token_count,
                "retrieval_time_ms": round(1000 * (time.perf_counter() - started)),
            }
        )

    def _selection(self, caller: Caller, body: dict[str, Any], now: datetime) -> Selection:
        return Selection(
            owner=caller.owner,
            now=now,
            tier=body.get("tier"),
            memory_nature=body.get("memory_nature"),
            tags=tuple(dict.fromkeys(tag_name(name) for name in body.get("tags", ()))),
            entities=self._entities(caller, body.get("entities", ())),
        )

    def _entities(self, caller: Caller, wanted: Sequence[str]) -> tuple[EntityNames, ...]:
        """Return the entities with these ids, each once, with what texts mention them by."""
        ids = list(dict.fromkeys(map(canonical_id, wanted)))
        names = self._store.names_of_entities(caller.owner, ids) if ids else {}
        return tuple(EntityNames(entity_id, names.get(entity_id, ())) for entity_id in ids)

    def _handed_out(self, results: Sequence[Ranked], now: datetime) -> None:
        """Make sure of the contents that are handed out, and count the accesses."""
        ids = [verified(result.memory).id for result in results]
        self._accesses.record(ids, now)

    def _ranked(self, caller: Caller, found: Sequence[Found], now: datetime) -> list[Scored]:
        """Return what was found by its combined score; what was deleted meanwhile is left out."""
        stored = self._store.standings(caller.owner, [item.number for item in found])
        standings = self._accesses.refreshed(stored)
        present = [item for item in found if item.number in standings]
        return rank([(item, standings[item.number]) for item in present], now)

    def _best(
        self, caller: Caller, ranked: Sequence[Scored], selection: Selection, limit: int
    ) -> list[Ranked]:
        """Return the first memories that do refer to the entities that are asked for."""
        if not selection.entities:
            return list(self._memories(caller, ranked[:limit]))
        referring = (
            result
            for result in self._memories(caller, ranked)
            if refers_to_all(result.memory, selection.entities)
        )
        return list(islice(referring, limit))

    def _memories(self, caller: Caller, ranked: Sequence[Scored]) -> Iterator[Ranked]:
        """Yield the memories themselves, read a few at a time, so that no more are than used."""
        for start in range(0, len(ranked), _READ_AT_ONCE):
            part = ranked[start : start + _READ_AT_ONCE]
            memories = self._store.numbered(caller.owner, [item.number for item in part])
            for number, similarity, relevance, score in part:
                if number in memories:
                    memory = self._accesses.applied(memories[number])
                    yield Ranked(memory, similarity, relevance, round(score, DIGITS))
