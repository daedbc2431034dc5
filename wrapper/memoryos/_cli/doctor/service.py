"""Check the service: does it respond, how fast, and what does the API key permit?"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Callable, Iterator, List, Optional

from memoryos._cli.output.formatting import plural
from memoryos._protocol.response_fields import reading
from memoryos.exceptions import MemoryOSError

from .findings import (
    Finding,
    call_failed,
    check_clock,
    check_latency,
    check_permission,
    ok,
    skipped,
    warning,
)
from .thresholds import LATENCY_CALLS

if TYPE_CHECKING:
    from memoryos import MemoryOS

__all__ = ["check_service"]


def check_service(client: MemoryOS, *, local: bool, read_only: bool = False) -> Iterator[Finding]:
    """Call the API. The calls store and change nothing, and don't count as an access.

    Args:
        client: A client without retries.
        local: The service is the local Memory OS, which has no API keys and uses this clock.
        read_only: Nothing will be written, so the permission to write doesn't matter.
    """
    lister = client.with_raw_response.memories
    try:
        first = lister.list(limit=1)
        with reading("the meta of the page"):
            count = plural(first.data["meta"]["total"], "memory", "memories")
        further = [lister.list(limit=1).elapsed for _ in range(LATENCY_CALLS)]
    except MemoryOSError as error:
        yield call_failed("service", error, local=local)
        return
    yield ok("service", f"responds: {count}")
    yield check_latency(first.elapsed, further)
    if not local:
        elapsed = timedelta(seconds=first.elapsed)
        yield check_clock(first.headers.get("date"), datetime.now(timezone.utc), elapsed)
        if read_only:
            yield skipped("writing", "not needed with --read-only")
        else:
            rejection = _error_of(lambda: _update_unknown_memory(client))
            yield check_permission("writing", "memories:write", rejection)
    yield from _check_search(client, local=local)


def _check_search(client: MemoryOS, *, local: bool) -> Iterator[Finding]:
    responses: List[Any] = []
    # Only an exact copy of this random query would match, so no memory is found or accessed.
    query = f"memoryos doctor {uuid.uuid4()}"
    error = _error_of(lambda: responses.append(client.search(query, threshold=1.0, limit=1)))
    if error is None and responses[0].get("search_type") == "text":
        yield warning(
            "searching",
            "by words only, not by meaning",
            "for the Memory OS on this machine, run pip install '.[local]' in a checkout of this "
            "repository; otherwise ask the service's operator",
        )
        return
    yield check_permission("searching", "search:read", error, local=local)


def _update_unknown_memory(client: MemoryOS) -> None:
    """Update a memory that doesn't exist. The service responds with 404 if the key may write."""
    client.memories.update(str(uuid.uuid4()), tier="short")


def _error_of(call: Callable[[], object]) -> Optional[MemoryOSError]:
    try:
        call()
    except MemoryOSError as error:
        return error
    return None
