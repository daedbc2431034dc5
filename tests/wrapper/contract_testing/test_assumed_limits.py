"""A service may enforce an assumed limit or accept more: a contract test calls neither faulty."""

from __future__ import annotations

import copy

import pytest

from memoryos.contract_testing.contract import Contract, load_contract
from memoryos.contract_testing.generation.case_schema import CASE_CHECKS
from memoryos_server.contract.routes import Contract as ServerContract
from memoryos_server.http.dispatch import Dispatcher

from .conftest import DispatcherTransport

DOCUMENT = load_contract().document
CASES = 40
LIMIT = {"maxLength": 1}
"""So low that almost every string that the generator varies exceeds it."""


def with_short_query(*, assumed):
    """The contract with a search whose query has at most one character."""
    document = copy.deepcopy(DOCUMENT)
    query = document["components"]["schemas"]["SearchRequest"]["properties"]["query"]
    query.pop("x-assumed-limits", None)
    query.update({**LIMIT, "x-assumed-limits": list(LIMIT)} if assumed else LIMIT)
    return document


def generating_queries(document):
    """The contract without the other parameters of a search, so that most cases vary the query."""
    document = copy.deepcopy(document)
    search = document["components"]["schemas"]["SearchRequest"]
    search["properties"] = {name: search["properties"][name] for name in ("query", "embedding")}
    return document


def failures(server, document, **options):
    """The checks of generated searches that fail."""
    contract = Contract(generating_queries(document))
    results = server.check(contract=contract, only=["search_memories"], cases=CASES, **options)
    return {finding.check for finding in results.with_verdict("failed")} & set(CASE_CHECKS)


@pytest.mark.parametrize("assumed", [True, False])
def test_accepting_more_than_a_limit_is_faulty_only_if_the_limit_is_documented(server, assumed):
    """The server accepts long queries."""
    found = failures(server, with_short_query(assumed=assumed))
    assert found == (set() if assumed else {"refuses-invalid-requests"})


@pytest.mark.parametrize("assumed", [True, False])
def test_rejecting_more_than_an_assumed_limit_is_not_faulty(server, assumed):
    """The server rejects two characters, which the contract without the limit permits."""
    strict = with_short_query(assumed=True)
    transport = DispatcherTransport(Dispatcher(server.service, contracts=[ServerContract(strict)]))
    expected = strict if assumed else Contract(strict).without_assumed_limits().document
    found = failures(server, expected, transport=transport)
    assert found == (set() if assumed else {"takes-valid-requests"})
