"""What a FaultProxy can do for one kind of request, and beside every fault."""

from __future__ import annotations

import pytest

from memoryos import MemoryOS, MemoryOSError
from memoryos.testing import FaultProxy, faults

pytestmark = pytest.mark.off_contract(reason="the proxy answers by itself, and with faults")


@pytest.fixture
def proxy():
    with FaultProxy() as proxy:
        yield proxy


@pytest.fixture
def memory(proxy):
    with MemoryOS("mos_test_key", proxy.base_url, max_retries=0) as memory:
        yield memory


def is_post(received):
    return received.method == "POST"


@pytest.mark.parametrize("fault", [faults.status(503), faults.LOST_ANSWER], ids=str)
def test_a_fault_waits_for_the_requests_that_it_is_for(proxy, memory, fault):
    """Others pass, before and in between; it strikes as often as it was planned."""
    proxy.fail_next(fault, times=2, only=is_post)
    for _ in range(2):
        memory.memories.list()
        with pytest.raises(MemoryOSError):
            memory.memories.create("tea")
    memory.memories.create("tea")
    assert proxy.counts.faults[fault.name] == 2


def test_what_is_cleared_waits_no_longer(proxy, memory):
    proxy.fail_next(faults.status(503), only=is_post)
    proxy.clear()
    memory.memories.create("tea")


def test_a_fault_that_strikes_before_the_request_is_whole_can_wait_for_none(proxy):
    """Which request it is, is not known by then."""
    with pytest.raises(ValueError, match="before the request is complete"):
        proxy.fail_next(faults.RESET_BEFORE_REQUEST, only=is_post)


def test_latency_holds_every_answer_back_until_it_is_cleared(proxy, memory):
    """Errors as well; without one it would be over in a fraction of that."""
    proxy.latency(0.05)
    proxy.fail_next(faults.status(503))
    with pytest.raises(MemoryOSError):
        memory.memories.list()
    raw = memory.with_raw_response.memories.list()
    assert raw.elapsed >= 0.05
    with pytest.raises(MemoryOSError, match="No answer"):
        memory.with_options(timeout=0.01).memories.list()
    proxy.clear()
    assert proxy._latency_seconds == 0


def test_a_request_that_came_tells_its_path_and_its_body(proxy, memory):
    memory.memories.create("tea", tier="long")
    memory.memories.list(limit=2)
    created, listed = proxy.received
    assert (created.path, created.json()["content"]) == ("/v1/memories", "tea")
    assert (listed.path, listed.target.partition("&")[0]) == (
        "/v1/memories",
        "/v1/memories?limit=2",
    )
