"""When a worker process that has ended is replaced."""

from __future__ import annotations

import pytest

from memoryos_server.commands.worker_restarts import (
    MAX_FAILURES,
    RETRY_SECONDS,
    STABLE_SECONDS,
    Restarts,
)

pytestmark = pytest.mark.local_server


def test_each_further_failure_waits_longer_and_the_last_is_given_up():
    restarts = Restarts()
    delays = [restarts.delay(STABLE_SECONDS / 2) for _ in range(MAX_FAILURES + 1)]
    assert delays == [0, 1, 2, 4, None]


def test_a_worker_that_has_served_for_a_while_is_replaced_at_once():
    """However often others failed before."""
    restarts = Restarts()
    for _ in range(MAX_FAILURES):
        restarts.delay(0)
    assert [restarts.delay(STABLE_SECONDS) for _ in range(10)] == [0] * 10
    assert restarts.delay(0) == 1


def test_a_worker_without_its_database_is_tried_again_and_again():
    restarts = Restarts()
    delays = [restarts.delay(0, is_unavailable=True) for _ in range(MAX_FAILURES + 1)]
    assert delays == [RETRY_SECONDS] * (MAX_FAILURES + 1)
    assert restarts.delay(0) == 0
