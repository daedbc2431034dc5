"""A service may enforce an assumed limit or accept more: a contract test calls neither faulty."""

from __future__ import annotations

import copy

import pytest

from memoryos.contract_testing.contract import Contract, load_contract
from memoryos_server.contract.routes import Contract as ServerContract
from memoryos_server.http.dispatch import Dispatcher

from .conftest import DispatcherTransport

DOCUMENT = load_contract().document


def with_two_tags(*, assumed):
    """The contract with a search that has at most two tags."""
    document = copy.deepcopy(DOCUMENT)
    tags = document["components"]["schemas"]["SearchRequest"]["properties"]["tags"]
    del tags["x-assumed-limits"]
    tags.update({"maxItems": 2, "x-assumed-limits": ["maxItems"]} if assumed else {"maxItems": 2})
    return document


def failures(server, document, **options):
    """The checks of searches that fail."""
    options = {"contract": Contract(document), "only": ["search_memories"], **options}
    results = server.check(**options)
    return {finding.check for finding in results.with_verdict("failed")}


@pytest.mark.parametrize("assumed", [True, False])
def test_accepting_more_than_a_limit_is_faulty_only_if_the_limit_is_documented(server, assumed):
    """The server accepts 256 tags."""
    found = failures(server, with_two_tags(assumed=assumed), cases=300)
    assert found == (set() if assumed else {"refuses-invalid-requests"})


@pytest.mark.parametrize("assumed", [True, False])
def test_rejecting_more_than_an_assumed_limit_is_not_faulty(server, assumed):
    """The server rejects three tags, which the contract without the limit would have it accept."""
    strict = with_two_tags(assumed=True)
    transport = DispatcherTransport(Dispatcher(server.service, contract=ServerContract(strict)))
    expected = strict if assumed else Contract(strict).without_assumed_limits().document
    found = failures(server, expected, transport=transport, cases=300)
    assert found == (set() if assumed else {"takes-valid-requests"})
