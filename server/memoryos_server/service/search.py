"""Search and context operations: retrieve candidates, rank them, return the best."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from memoryos_server.model.integrity import verified
from memoryos_server.model.metadata import canonical_id
from memoryos_server.model.phases import ASSEMBLY, RANKING, READING
from memoryos_server.model.records import EntityNames
from memoryos_server.model.scope_tags import is_in_scope
from memoryos_server.search.combined_score import SCORE_DECIMALS, RankedMemory, rank
from memoryos_server.search.entity_mentions import MentionFilter
from memoryos_server.search.lexical_retriever import Retriever, SearchQuery
from memoryos_server.search.passages import PassageFinder
from memoryos_server.search.query_fit import fitting
from memoryos_server.search.query_matches import QueryMatcher
from memoryos_server.search.standing_facts import (
    MAX_STANDING_FACTS,
    is_request,
    is_standing_fact,
    query_for_facts,
    with_standing_facts,
)
from memoryos_server.search.updates import replaced_memories, with_updates
from memoryos_server.stores.words import limit_names
from memoryos_server.text.query_focus import split_query
from memoryos_server.text.token_counts import count_tokens

from .context import build_context
from .results import Result
from .selections import selection_of
from .serializers import context_memory, search_result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from memoryos_server.model.caller import Caller
    from memoryos_server.model.records import Selection
    from memoryos_server.search.combined_score import Candidate, ScoredCandidate
    from memoryos_server.stores.protocol import SearchStore

    from .access_log import AccessLog

__all__ = ["Search"]

SEARCH_CANDIDATES_PER_RESULT = 10
"""Number of candidates ranked by combined score per requested result.

Relevance and importance can lift a candidate above better matches, but not above all of them.
"""

MIN_CANDIDATES = 100
"""Minimum number of candidates of a search or context."""

MAX_CONTEXT_CANDIDATES = 2000
"""Maximum number of candidates that a context begins with."""

MORE_CANDIDATES_FACTOR = 4
"""How many times as many candidates are retrieved when the first ones are used up.

Many of them may have the same text, or not mention an entity of the request.
"""

MAX_CANDIDATES = 10_000
"""Maximum number of candidates of a search or context."""

MAX_READ_CHARACTERS = 10_000_000
"""Number of characters of read memories from which no more candidates are retrieved."""

MIN_TOKENS_PER_MEMORY = 4
"""Assumed length of the shortest memories, to limit the candidates of a context by its budget."""

CANDIDATES_FOR_FACTS = 200
"""Number of candidates among which a context for a request looks for standing facts."""

MEMORIES_COMPARED_FOR_UPDATES = 20
"""Number of the best memories among which those are found that replace others."""

MEMORIES_OF_A_CONTEXT_COMPARED = 100
"""The same for a context, which shows more of them."""

_READ_BATCH_SIZE = 100
_ENTITY_BATCH_SIZE = 16


class Search:
    """The operations `/search` and `/context`.

    Args:
        store: The store.
        retriever: Retrieves candidates from the store.
        access_log: Counts the accesses.
        clock: Returns the current time.
    """

    def __init__(
        self,
        store: SearchStore,
        retriever: Retriever,
        access_log: AccessLog,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._retriever = retriever
        self._access_log = access_log
        self._clock = clock

    def search(self, caller: Caller, body: dict[str, Any]) -> Result:
        """Return the memories with at least the threshold's similarity, by combined score."""
        now = self._clock()
        limit, threshold = body["limit"], body["threshold"]
        count = max(MIN_CANDIDATES, limit * SEARCH_CANDIDATES_PER_RESULT)
        query = _search_query(body.get("query"), body.get("embedding"))
        # With a threshold of 0, even memories that share no word with the query are results.
        retriever = self._retriever
        retrieve = retriever.find_matches if threshold > 0 else retriever.find_candidates
        selection = self._selection(caller, body, now)
        groups = _CandidateGroups(
            partial(retrieve, selection, query),
            partial(self._ranked, caller, now),
            count,
            threshold,
        )
        results = self._best(caller, groups, selection, query, limit)
        explained = body.get("explain", False)
        _verify(results)
        self._retriever.note_found([result.memory.content for result in results])
        if not explained:
            self._access_log.record(caller.owner, [result.memory.id for result in results], now)
        matcher = QueryMatcher(query.text or "") if explained else None
        finder = self._finder(query) if body.get("highlights") else None
        with ASSEMBLY:
            shown = [search_result(result, finder, matcher) for result in results]
        return Result(
            {
                "results": shown,
                "search_type": self._retriever.search_type,
                "threshold": threshold,
            }
        )

    def context(self, caller: Caller, body: dict[str, Any]) -> Result:
        """Return a text with the best memories for the query, within the token budget."""
        started = time.perf_counter()
        now, budget = self._clock(), body["max_tokens"]
        wanted = max(MIN_CANDIDATES, budget // MIN_TOKENS_PER_MEMORY)
        count = min(wanted, MAX_CONTEXT_CANDIDATES)
        selection = self._selection(caller, body, now)
        query = _search_query(body["query"])
        retrieve = partial(self._retriever.find_candidates, selection, query)
        groups = _CandidateGroups(retrieve, partial(self._ranked, caller, now), count)
        refers = MentionFilter(selection.entities)
        memories = filter(refers, self._memories(caller, groups))
        best = list(islice(memories, MEMORIES_OF_A_CONTEXT_COMPARED))
        with RANKING:
            ranked = chain(with_updates(query.text, best), memories)
        facts = self._standing_facts(caller, selection, query.text or "", now)
        with ASSEMBLY:
            context = build_context(
                _with_facts(ranked, best, facts) if facts else ranked,
                budget=budget,
                count=count_tokens,
                output_format=body["format"],
                finder=self._finder(query),
            )
        _verify(context.memories)
        self._retriever.note_found([item.memory.content for item in context.memories])
        self._count_accesses(caller, context.memories, QueryMatcher(body["query"]), now)
        used = refers.rejected + len(context.memories) + context.duplicates
        return Result(
            {
                "context": context.text,
                "memories": [context_memory(item) for item in context.memories],
                "omitted": {"budget": max(groups.count - used, 0), "duplicate": context.duplicates},
                "token_count": context.token_count,
                "retrieval_time_ms": round(1000 * (time.perf_counter() - started)),
            }
        )

    def _standing_facts(
        self, caller: Caller, selection: Selection, query: str, now: datetime
    ) -> list[RankedMemory]:
        """Return standing facts that matter for a request, none for other queries."""
        if not is_request(query):
            return []
        wanted = SearchQuery(query_for_facts(query))
        found = self._retriever.find_candidates(selection, wanted, CANDIDATES_FOR_FACTS)
        refers = MentionFilter(selection.entities)
        memories = filter(refers, self._memories(caller, [self._ranked(caller, now, found)]))
        return list(islice(filter(is_standing_fact, memories), MAX_STANDING_FACTS))

    def _selection(self, caller: Caller, body: dict[str, Any], now: datetime) -> Selection:
        return replace(
            selection_of(caller, body, now, location="body"),
            entities=self._entities(caller, body.get("entities", ())),
        )

    def _finder(self, query: SearchQuery) -> PassageFinder:
        return PassageFinder(query.text or "", partial(self._retriever.cosines, query))

    def _entities(self, caller: Caller, wanted: Sequence[str]) -> tuple[EntityNames, ...]:
        """Return the distinct entities with these IDs, with their first names and aliases."""
        ids = list(dict.fromkeys(map(canonical_id, wanted)))
        names: dict[str, tuple[str, ...]] = {}
        for start in range(0, len(ids), _ENTITY_BATCH_SIZE):
            batch = ids[start : start + _ENTITY_BATCH_SIZE]
            for entity_id, all_names in self._store.entity_names(caller.owner, batch).items():
                names[entity_id] = limit_names(all_names, entity_count=len(ids))
        return tuple(EntityNames(entity_id, names.get(entity_id, ())) for entity_id in ids)

    def _count_accesses(
        self,
        caller: Caller,
        results: Sequence[RankedMemory],
        matcher: QueryMatcher,
        now: datetime,
    ) -> None:
        """Count an access to each memory that fits the query, not to what only fills the room."""
        ids = [result.memory.id for result in fitting(results, matcher)]
        self._access_log.record(caller.owner, ids, now)

    def _ranked(
        self, caller: Caller, now: datetime, candidates: Sequence[Candidate]
    ) -> list[ScoredCandidate]:
        """Return the candidates by combined score, without those deleted in the meantime."""
        numbers = [item.number for item in candidates]
        with RANKING:
            stored = self._store.ranking_attributes(caller.owner, numbers)
            attributes = self._access_log.with_pending_access_times(caller.owner, stored)
            present = [item for item in candidates if item.number in attributes]
            return rank([(item, attributes[item.number]) for item in present], now)

    def _best(
        self,
        caller: Caller,
        groups: Iterable[list[ScoredCandidate]],
        selection: Selection,
        query: SearchQuery,
        limit: int,
    ) -> list[RankedMemory]:
        """Return the first memories that refer to all entities of the selection.

        Updates among the best come before what they replace.
        """
        count = max(limit, MEMORIES_COMPARED_FOR_UPDATES)
        if not selection.entities:
            groups = [next(iter(groups))[:count]]
        refers = MentionFilter(selection.entities)
        best = list(islice(filter(refers, self._memories(caller, groups)), count))
        with RANKING:
            return with_updates(query.text, best)[:limit]

    def _memories(
        self, caller: Caller, groups: Iterable[Sequence[ScoredCandidate]]
    ) -> Iterator[RankedMemory]:
        """Yield the ranked memories, reading them in batches as needed."""
        characters = 0
        for ranked in groups:
            for start in range(0, len(ranked), _READ_BATCH_SIZE):
                batch = ranked[start : start + _READ_BATCH_SIZE]
                numbers = [item.candidate.number for item in batch]
                with READING:
                    memories = self._store.memories_by_number(caller.owner, numbers)
                for candidate, relevance, score in batch:
                    memory = memories.get(candidate.number)
                    # Since the selection, it may have been deleted or given to others.
                    if memory is not None and is_in_scope(memory.metadata, caller.scope_tags):
                        characters += len(memory.content)
                        yield RankedMemory(
                            self._access_log.with_pending_accesses(memory),
                            candidate.similarity,
                            relevance,
                            round(score, SCORE_DECIMALS),
                            candidate=candidate,
                        )
            if characters > MAX_READ_CHARACTERS:
                return


def _search_query(text: str | None, embedding: Sequence[float] | None = None) -> SearchQuery:
    if text is None:
        return SearchQuery(None, embedding)
    return SearchQuery(split_query(text).question, embedding)


def _with_facts(
    ranked: Iterable[RankedMemory], best: Sequence[RankedMemory], facts: Sequence[RankedMemory]
) -> Iterator[RankedMemory]:
    """Yield standing facts that are still true, and ranked memories, with notes of updates."""
    replaced = replaced_memories([*best, *facts])
    current = [fact for fact in facts if fact.memory.id not in replaced]
    for item in with_standing_facts(ranked, current):
        later = replaced.get(item.memory.id)
        yield item if later is None else replace(item, replaced_by=later)


def _verify(results: Iterable[RankedMemory]) -> None:
    for result in results:
        verified(result.memory)


class _CandidateGroups:
    """Ranked candidates in groups: the first ones, then more as long as they are asked for.

    Args:
        retrieve: Returns at most the given number of candidates, best first.
        rank: Returns candidates by combined score.
        first: The number of candidates to begin with.
        threshold: The minimum similarity, or None for any.

    Attributes:
        count: The number of candidates in the groups so far.
    """

    def __init__(
        self,
        retrieve: Callable[[int], list[Candidate]],
        rank: Callable[[Sequence[Candidate]], list[ScoredCandidate]],
        first: int,
        threshold: float | None = None,
    ) -> None:
        self._retrieve = retrieve
        self._rank = rank
        self._first = first
        self._threshold = threshold
        self.count = 0

    def __iter__(self) -> Iterator[list[ScoredCandidate]]:
        wanted = self._first
        seen: set[int] = set()
        while True:
            candidates = self._retrieve(wanted)
            new = [item for item in candidates if item.number not in seen]
            if self._threshold is not None:
                new = [item for item in new if item.similarity >= self._threshold]
            ranked = self._rank(new)
            self.count += len(ranked)
            yield ranked
            if len(candidates) < wanted or wanted >= MAX_CANDIDATES:
                return
            seen.update(item.number for item in candidates)
            wanted = min(MORE_CANDIDATES_FACTOR * wanted, MAX_CANDIDATES)
