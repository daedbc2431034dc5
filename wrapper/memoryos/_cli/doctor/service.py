"""The service itself: does it answer, how fast, what may the key do."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Callable, Iterator, List, Optional

from memoryos._cli.output.formatting import plural
from memoryos.exceptions import MemoryOSError

from .findings import Finding, clock, latency, ok, refusal, scope, warning

if TYPE_CHECKING:
    from memoryos import MemoryOS

__all__ = ["check_service"]

_FURTHER_CALLS = 4


def check_service(client: MemoryOS, *, local: bool) -> Iterator[Finding]:
    """Yield what calls of the API come to. Nothing is stored or changed, and no memory accessed.

    Args:
        client: The client, which does not repeat failed calls.
        local: Whether it is the Memory OS on this machine, which has no keys and no other clock.
    """
    lister = client.with_raw_response.memories
    try:
        first = lister.list(limit=1)
        further = [lister.list(limit=1).elapsed for _ in range(_FURTHER_CALLS)]
    except MemoryOSError as error:
        yield refusal("service", error)
        return
    yield ok("service", f"answers: {plural(first.data['meta']['total'], 'memory', 'memories')}")
    yield latency(first.elapsed, further)
    if not local:
        took = timedelta(seconds=first.elapsed)
        yield clock(first.headers.get("date"), datetime.now(timezone.utc), took)
        yield scope("writing", "memories:write", _error_of(lambda: _write_nothing(client)))
    yield from _check_search(client)


def _check_search(client: MemoryOS) -> Iterator[Finding]:
    answers: List[Any] = []
    # Only an exact copy of the query could be that similar: none is found, so none is accessed.
    query = f"memoryos doctor {uuid.uuid4()}"
    error = _error_of(lambda: answers.append(client.search(query, threshold=1.0, limit=1)))
    if error is None and answers[0]["search_type"] == "text":
        yield warning(
            "searching",
            "by words only, not by meaning",
            "for the Memory OS on this machine, pip install '.[local]' in a copy of this "
            "repository; else it is the service's matter",
        )
        return
    yield scope("searching", "search:read", error)


def _write_nothing(client: MemoryOS) -> None:
    """Try to change a memory that does not exist: a key that may write gets a 404 for it."""
    client.memories.update(str(uuid.uuid4()), tier="short")


def _error_of(call: Callable[[], object]) -> Optional[MemoryOSError]:
    try:
        call()
    except MemoryOSError as error:
        return error
    return None
