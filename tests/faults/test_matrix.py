"""Every fault, in every operation, through every kind of client: what the call comes to."""

from __future__ import annotations

import pytest

from memoryos.testing import faults
from memoryos_api.errors import UnexpectedBody, UnexpectedStatus
from memoryos_api.operations import OPERATIONS as CONTRACT
from memoryos_api.types import Response

from .callers import KEY, LONG, LOW_LEVEL, OPERATIONS, TRIED, wait_until
from .outcomes import EXPECTED, expected

RETRIES = 2
# Those that use up their time; what comes a little late has plenty, however busy the machine is.
SLOW = {fault.name for fault in faults.TIMES if fault is not faults.DELAYED}
# Hundreds of megabytes each: all operations in the long run only, two of them otherwise.
HEAVY = {faults.LARGE.name, faults.LARGE_IN_CHUNKS.name, faults.BOMB.name}
TWO_OPERATIONS = ("create_memory", "list_memories")
# Waits for real: so few retries, all operations at once, and no more time than it takes. On a busy
# machine the first timeout can end before the service has read each request: then the next.
SLOW_RETRIES, SLOW_TIMEOUTS = 1, (0.2, 2, 20)

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
    wanted = {
        operation: expected(fault.name, operation, through_httpx=caller.through_httpx)
        for operation in operations_to_try(fault)
    }
    outcomes = try_operations(caller, proxy, fault, wanted)
    for operation, outcome in outcomes.items():
        check(outcome, wanted[operation], retries_of(fault), operation)
        TRIED["cases (fault x operation x client)"] += 1


def operations_to_try(fault):
    """Return the names of the operations that are tried with a fault."""
    return TWO_OPERATIONS if fault.name in HEAVY and not LONG else tuple(OPERATIONS)


def retries_of(fault):
    """Return the `max_retries` of the clients that meet a fault."""
    return SLOW_RETRIES if fault.name in SLOW else RETRIES


def try_operations(caller, proxy, fault, wanted, **settings):
    """Carry out each operation of `wanted`; hold what the service saw against it."""
    proxy.fail_always(fault)
    retries = retries_of(fault)
    attempts = sum(1 + retries if each.retried else 1 for each in wanted.values())
    for timeout in SLOW_TIMEOUTS if fault.name in SLOW else (20,):
        proxy.counts.requests = 0
        proxy.received.clear()
        outcomes = caller.outcomes(
            proxy.base_url,
            tuple(wanted),
            at_once=fault.name in SLOW,
            max_retries=retries,
            timeout=timeout,
            **settings,
        )
        if fault in STRUCK_BEFORE_THE_REQUEST:
            return outcomes
        if proxy.counts.requests >= attempts:
            break
        wait_until(lambda: not proxy._connections)
    assert proxy.counts.requests == attempts
    check_keys(proxy, outcomes)
    return outcomes


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


def check_keys(proxy, outcomes):
    """Hold the idempotency keys that the service saw against the creations: one each."""
    keys = [request.headers.get("idempotency-key") for request in proxy.received]
    creations = {name for name in outcomes if name.startswith("create_")}
    assert len({key for key in keys if key}) == len(creations)


@pytest.mark.parametrize("fault", faults.ALL.values(), ids=faults.ALL.keys())
def test_the_same_comes_of_it_through_the_low_level_client(own, proxy, fault):
    """But that a response with an HTTP error is returned to the generated function."""
    wanted = {name: expected(fault.name, name) for name in operations_to_try(fault)}
    outcomes = try_operations(own, proxy, fault, wanted, calls=LOW_LEVEL)
    for operation, outcome in outcomes.items():
        check_low_level(outcome, wanted[operation], retries_of(fault), operation)
        TRIED["cases (fault x operation x low-level client)"] += 1


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
    operations = tuple(OPERATIONS) if LONG else TWO_OPERATIONS
    wanted = {operation: expected(fault.name, operation) for operation in operations}
    outcomes = try_operations(own, tls_proxy, fault, wanted, ssl_context=trust)
    for operation, outcome in outcomes.items():
        check(outcome, wanted[operation], retries_of(fault), operation)
        TRIED["cases (fault x operation x client)"] += 1
