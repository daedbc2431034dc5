"""An outage never looks like an empty memory."""

from __future__ import annotations

import pytest

from memoryos.exceptions import MemoryOSError
from memoryos.testing import faults
from memoryos_api.operations import OPERATIONS as CONTRACT

from .callers import OPERATIONS, done

CREATING = {name for name, row in CONTRACT.items() if "idempotency_key" in row.arguments}

# What answers with what it finds, which may be nothing: all that creates or changes nothing.
READING = {
    name: call
    for name, call in OPERATIONS.items()
    if name not in CREATING and CONTRACT[name].method in {"GET", "POST"}
}
EMPTY = {"list_memories", "list_tags", "list_entities", "search_memories", "get_context"}

OUTAGES = [
    faults.REFUSED,
    faults.CLOSED_BEFORE_ANSWER,
    faults.HANGS_BEFORE_ANSWER,
    faults.HTML_200,
    faults.HTML_502,
    *(fault for fault in faults.ANSWERS if fault.name in ("an empty body", "no content", "null")),
    *(fault for fault in faults.ANSWERS if fault.name in ("no data", "data that is null")),
    *(faults.status(code) for code in (401, 403, 404, 429, 500, 503)),
]


@pytest.mark.parametrize("fault", OUTAGES, ids=str)
def test_nothing_found_is_only_what_a_service_says(caller, proxy, fault):
    """Reading under an outage raises, in every operation that could have found nothing."""

    async def use(client):
        for read in READING.values():
            with pytest.raises(MemoryOSError):
                await done(read(client))

    proxy.fail_always(fault)
    caller.run(use, proxy.base_url, timeout=0.05, max_retries=0)


def test_nothing_found_is_found_where_the_service_says_so(caller, proxy):
    """The same calls without a fault: an empty page is an empty page."""

    async def use(client):
        for name in EMPTY:
            found = await done(READING[name](client))
            assert not any(found.get(part) for part in ("data", "results", "context")), name

    caller.run(use, proxy.base_url)
