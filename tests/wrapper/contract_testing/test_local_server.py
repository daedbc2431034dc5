"""The local Memory OS keeps to the contract."""

from __future__ import annotations

from .conftest import open_server

CASES, SEQUENCES = 150, 15  # `make contract-test` tries thousands


def test_the_local_memory_os_keeps_to_the_contract(server):
    """Checks, generated cases and sequences find nothing, and no check but one is left out."""
    results = server.check(cases=CASES, sequences=SEQUENCES)
    assert results.with_verdict("failed", "assumed") == []
    assert results.exit_status(strict=True) == 0
    assert results.generated_cases() >= CASES
    assert results.sequences >= SEQUENCES
    skipped = [finding.check for finding in results.with_verdict("skipped")]
    assert skipped == []
    assert results.leftovers.memories == results.leftovers.unrecognized == []


def test_without_an_embedder_it_keeps_to_the_contract_as_well():
    """Search by words passes the same checks; only the search by an embedding is left out."""
    server = open_server(None)
    results = server.check()
    assert results.with_verdict("failed", "assumed") == []
    assert [f.check for f in results.with_verdict("skipped")] == ["search-takes-an-embedding"]
    server.service.close()
