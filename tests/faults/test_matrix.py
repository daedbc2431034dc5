"""Every fault, in every operation, through every kind of client: what the call comes to."""

from __future__ import annotations

import pytest

from memoryos.testing import faults
from memoryos_api.errors import UnexpectedBody, UnexpectedStatus
from memoryos_api.operations import OPERATIONS as CONTRACT
from memoryos_api.types import Response

from .callers import KEY, LONG, LOW_LEVEL, OPERATIONS, TRIED
from .outcomes import EXPECTED, expected

RETRIES = 2
# Those that use up their time; what comes a little late has plenty, however busy the machine is.
SLOW = {fault.name for fault in faults.TIMES if fault is not faults.DELAYED}
# Hundreds of megabytes each: all operations in the long run only, two of them otherwise.
HEAVY = {faults.LARGE.name, faults.LARGE_IN_CHUNKS.name, faults.BOMB.name}
TWO_OPERATIONS = ("create_memory", "list_memories")
# Waits for real: so few retries, all operations at once, and no more time than it takes.
SLOW_RETRIES, SLOW_TIMEOUT = 1, 0.2

STRUCK_BEFORE_THE_REQUEST = {
    faults.REFUSED,
    faults.RESET_ON_CONNECTION,
    faults.RESET_BEFORE_REQUEST,
    faults.RESET_IN_REQUEST,
    faults.CLOSED_ON_CONNECTION,
    faults.HANGS_ON_CONNECTION,
    faults.HANGS_IN_REQUEST,
}


def test_every_fault_has_an_expected_outcome():
    """A new fault is not tried before somebody says what must come of it."""
    assert set(EXPECTED) == set(faults.ALL)


@pytest.mark.parametrize("fault", faults.ALL.values(), ids=faults.ALL.keys())
def test_a_fault_comes_to_what_the_architecture_says(caller, proxy, fault):
    """Attempts, waits, error class, code, status, request id and retry_after are as documented."""
    operations = TWO_OPERATIONS if fault.name in HEAVY and not LONG else tuple(OPERATIONS)
    slow = fault.name in SLOW
    retries = SLOW_RETRIES if slow else RETRIES
    proxy.fail_always(fault)
    outcomes = caller.outcomes(
        proxy.base_url,
        operations,
        at_once=slow,
        max_retries=retries,
        timeout=SLOW_TIMEOUT if slow else 20,
    )
    for operation, outcome in outcomes.items():
        wanted = expected(fault.name, operation, through_httpx=caller.through_httpx)
        check(outcome, wanted, retries, operation)
        TRIED["cases (fault x operation x client)"] += 1
    if fault not in STRUCK_BEFORE_THE_REQUEST:
        check_requests(proxy, outcomes)


def check(outcome, wanted, retries, operation):
    """Hold one outcome against what it must be."""
    assert outcome.waits == wanted.waits(retries), operation
    if wanted.error is None:
        assert outcome.error is None, operation
        assert outcome.value is not None, operation
        return
    error = outcome.error
    assert type(error) is wanted.error, (operation, outcome.value)
    assert (error.code, error.status) == (wanted.code, wanted.status), operation
    assert error.request_id == wanted.request_id, operation
    assert error.retry_after == wanted.retry_after, operation
    assert error.attempts == (1 + retries if wanted.retried else 1), operation
    assert error.method, operation
    assert error.path.startswith("/"), operation
    assert error.message, operation
    assert KEY not in f"{error} {error!r} {error.details}", operation


def check_requests(proxy, outcomes):
    """Hold what the service saw against what the errors say."""
    attempts = sum(outcome.error.attempts if outcome.error else 1 for outcome in outcomes.values())
    assert proxy.counts.requests == attempts
    check_keys(proxy, outcomes)


def check_keys(proxy, outcomes):
    """Hold the idempotency keys that the service saw against the creations: one each."""
    keys = [request.headers.get("idempotency-key") for request in proxy.received]
    creations = {name for name in outcomes if name.startswith("create_")}
    assert len({key for key in keys if key}) == len(creations)


@pytest.mark.parametrize("fault", faults.ALL.values(), ids=faults.ALL.keys())
def test_the_same_comes_of_it_through_the_low_level_client(own, proxy, fault):
    """But that a response with an HTTP error is returned to the generated function."""
    operations = TWO_OPERATIONS if fault.name in HEAVY and not LONG else tuple(OPERATIONS)
    slow = fault.name in SLOW
    retries = SLOW_RETRIES if slow else RETRIES
    proxy.fail_always(fault)
    outcomes = own.outcomes(
        proxy.base_url,
        operations,
        calls=LOW_LEVEL,
        at_once=slow,
        max_retries=retries,
        timeout=SLOW_TIMEOUT if slow else 20,
    )
    wanted = {name: expected(fault.name, name) for name in outcomes}
    for operation, outcome in outcomes.items():
        check_low_level(outcome, wanted[operation], retries, operation)
        TRIED["cases (fault x operation x low-level client)"] += 1
    if fault not in STRUCK_BEFORE_THE_REQUEST:
        attempts = sum(1 + retries if each.retried else 1 for each in wanted.values())
        assert proxy.counts.requests == attempts
        check_keys(proxy, outcomes)


def check_low_level(outcome, wanted, retries, operation):
    """Hold one outcome of a generated function against what it must be."""
    if not wanted.code.startswith(("FAULT_", "HTTP_")):
        check(outcome, wanted, retries, operation)
        return
    assert outcome.waits == wanted.waits(retries), operation
    came = outcome.value if outcome.error is None else outcome.error
    assert came.status_code == wanted.status, operation
    documented = wanted.status in CONTRACT[operation].errors
    assert isinstance(came, (Response, UnexpectedBody) if documented else UnexpectedStatus)
    if isinstance(came, Response):
        assert came.parsed is not None
    assert KEY not in f"{came} {came!r}", operation


@pytest.mark.parametrize("fault", faults.ALL.values(), ids=faults.ALL.keys())
def test_the_same_comes_of_it_over_tls(own, tls_proxy, trust, fault):
    """Encryption changes nothing about what a caller sees."""
    slow = fault.name in SLOW
    retries = SLOW_RETRIES if slow else RETRIES
    operations = tuple(OPERATIONS) if LONG else TWO_OPERATIONS
    tls_proxy.fail_always(fault)
    outcomes = own.outcomes(
        tls_proxy.base_url,
        operations,
        at_once=slow,
        max_retries=retries,
        timeout=SLOW_TIMEOUT if slow else 20,
        ssl_context=trust,
    )
    for operation, outcome in outcomes.items():
        check(outcome, expected(fault.name, operation), retries, operation)
        TRIED["cases (fault x operation x client)"] += 1
