"""A contract test finds what is wrong with a server, and names the operation and the check."""

from __future__ import annotations

from collections import Counter

import pytest

from memoryos.contract_testing.safety import ENTITY_LIMIT
from memoryos_api.operations import OPERATIONS

from . import faults_of_features, faults_of_finding, faults_of_form, faults_of_memories
from .faulty import FaultyTransport, error

FAULTS = [
    *faults_of_form.FAULTS,
    *faults_of_memories.FAULTS,
    *faults_of_finding.FAULTS,
    *faults_of_features.FAULTS,
]


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_planted_fault_is_found_and_named(server, fault):
    """The finding is the one that the fault calls for; what is assumed fails only if strict."""
    transport = FaultyTransport(server.transport, fault.make)
    results = server.check(transport=transport, only=[fault.operation])
    found = {
        (finding.operation, finding.check)
        for finding in results.with_verdict(fault.verdict)
        if finding.message
    }
    assert (fault.operation, fault.check) in found
    assert results.exit_status(strict=False) == (1 if fault.verdict == "failed" else 0)
    assert results.exit_status(strict=True) == 1


def test_without_a_fault_the_same_way_finds_nothing(server):
    """What passes the requests on adds no fault of its own."""
    transport = FaultyTransport(server.transport, lambda: lambda call, forward: forward(call))
    results = server.check(transport=transport)
    assert results.with_verdict("failed", "assumed") == []


def test_features_that_a_server_does_not_name_are_not_tested(server):
    """Their fields would be unknown to it."""
    sent = []

    def fault(call, forward):
        sent.append({*call.query, *call.fields})
        reply = forward(call)
        reply.headers.pop("x-memory-os-features", None)
        return reply

    transport = FaultyTransport(server.transport, lambda: fault)
    results = server.check(transport=transport, cases=300)
    assert results.with_verdict("failed", "assumed") == []
    every = [one for row in OPERATIONS.values() for one in row.arguments.values()]
    documented = {argument.wire_name for argument in every if not argument.feature}
    optional = {argument.wire_name for argument in every} - documented
    assert "upsert" in optional
    assert not optional & {name for each in sent for name in each}


def test_any_key_accepted_is_found(server):
    """A server that takes requests without a valid key, or without a scope, is found out."""

    def fault(call, forward):
        call.headers["authorization"] = "Bearer " + server.key
        return forward(call)

    transport = FaultyTransport(server.transport, lambda: fault)
    results = server.check(transport=transport)
    found = {(finding.operation, finding.check) for finding in results.with_verdict("failed")}
    operations = set(results.operations)
    assert {(operation, "needs-a-valid-key") for operation in operations} <= found
    # Of entities no more are created than can be helped: the check of that scope is left out.
    denied = {name for name, row in OPERATIONS.items() if "memories:read" not in row.scopes}
    assert {(each, "needs-its-scope") for each in denied - {"create_entity"}} <= found
    # An entity was created without a valid key. There must not be more of them: they stay.
    assert len(results.leftovers.entities) == ENTITY_LIMIT


def test_a_fault_that_only_generated_cases_meet_is_found(server):
    """An offset that no hand-written check sends breaks the server; a generated one does."""

    def fault(call, forward):
        if call.path == "/tags" and _number(call.query.get("offset")) % 7 == 3:
            return error(500, "INTERNAL_ERROR")
        return forward(call)

    transport = FaultyTransport(server.transport, lambda: fault)
    results = server.check(transport=transport, only=["list_tags"])
    assert results.with_verdict("failed") == []
    results = server.check(transport=transport, only=["list_tags"], cases=150)
    assert [f.check for f in results.with_verdict("failed")] == ["no-server-error"]


def test_generated_cases_find_what_is_wrongly_accepted(server):
    """A parameter that is dropped where its value is not known is found by a generated case."""
    known = ("name", "memory_count", "created_at", "", "no such value")

    def fault(call, forward):
        if call.query.get("sort", "name") not in known:
            del call.query["sort"]
        return forward(call)

    transport = FaultyTransport(server.transport, lambda: fault)
    results = server.check(transport=transport, only=["list_tags"], cases=600)
    found = {finding.check for finding in results.with_verdict("failed")}
    assert "refuses-invalid-requests" in found


def test_a_fault_that_only_sequences_meet_is_found(server):
    """A memory that was changed twice reads wrongly: no single check reads one."""

    def make():
        changes = Counter()

        def fault(call, forward):
            reply = forward(call)
            if call.method == "PATCH" and reply.status == 200:
                changes[call.memory_id] += 1
            if call.method == "GET" and changes[call.memory_id] >= 2 and reply.status == 200:
                reply.body["data"]["content"] = "lost"
            return reply

        return fault

    transport = FaultyTransport(server.transport, make)
    assert server.check(transport=transport).with_verdict("failed") == []
    results = server.check(transport=transport, sequences=60)
    found = [(f.operation, f.check) for f in results.with_verdict("failed")]
    assert found == [("get_memory", "keeps-what-was-stored")]


def _number(text):
    return int(text) if text is not None and text.isascii() and text.isdigit() else 0
