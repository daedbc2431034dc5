"""The page at /docs: it escapes what the contract says, and needs no examples."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from generation import contract as contracts
from generation import docs_page
from wrapper_contract import source

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def given():
    documents = [contracts.load(ROOT / name) for name in ("openapi.yaml", "openapi-admin.yaml")]
    return (*documents, source.read(ROOT))


def test_html_in_the_contract_is_shown_and_not_done(given):
    """The page is served by every Memory OS."""
    contract, admin, wrapper = copy.deepcopy(given[0]), *given[1:]
    operation = contract["paths"]["/tags"]["get"]
    evil = "<script>alert(1)</script> [x](javascript:alert(1))"
    operation["summary"] = operation["description"] = evil
    contract["components"]["schemas"]["Tag"]["description"] = evil
    contract["info"]["description"] += evil
    page = docs_page.render(contract, admin, wrapper)
    assert "<script" not in page
    assert 'href="javascript' not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 3


def test_an_operation_without_examples_is_shown_without_them(given):
    contract, admin, wrapper = copy.deepcopy(given[0]), *given[1:]
    operation = contract["paths"]["/tags"]["get"]
    operation["responses"]["200"] = {
        "description": "Tags.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/TagPage"}}},
    }
    del contract["components"]["parameters"]["MemoryId"]["example"]
    page = docs_page.render(contract, admin, wrapper)
    assert "/memories/MEMORY_ID" in page
    assert (
        page.count("<h4>Response</h4>") == docs_page.render(*given).count("<h4>Response</h4>") - 1
    )


def test_quotes_in_an_example_stay_in_the_shell_command(given):
    contract, admin, wrapper = copy.deepcopy(given[0]), *given[1:]
    contract["components"]["examples"]["SearchRequest"]["value"]["query"] = "Ada's $(tea)"
    page = docs_page.render(contract, admin, wrapper)
    assert "Ada&#39;&#34;&#39;&#34;&#39;s $(tea)" in page
