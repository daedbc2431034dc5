"""Changes of operations and of the API as a whole: each is found, once, and judged."""

from __future__ import annotations

import pytest

pytest.importorskip("ruamel.yaml", reason="needs requirements/generator.txt (and Python 3.11)")

from contract_changes.severity import SEVERITIES

SIDE = ""

# What is edited, and which changes that makes: the place of each, by kind and side.
CASES = {
    "operation added": (
        lambda p: p.paths["/notes"].update(post={"operationId": "add", "responses": {}}),
        {"operation added/": "add"},
    ),
    "operation removed": (lambda p: p.paths.pop("/notes"), {"operation removed/": "list_notes"}),
    "operation renamed": (
        lambda p: p.paths["/notes"]["get"].update(operationId="notes"),
        {"operation renamed/": "list_notes"},
    ),
    "operation moved to another path": (
        lambda p: p.paths.update({"/all": p.paths.pop("/notes")}),
        {"operation moved/": "list_notes"},
    ),
    "operation moved to another method": (
        lambda p: p.paths["/notes"].update(post=p.paths["/notes"].pop("get")),
        {"operation moved/": "list_notes"},
    ),
    "operation deprecated": (
        lambda p: p.put.update(deprecated=True),
        {"operation deprecated/": "put_note"},
    ),
    "operation no longer deprecated": (
        lambda p: p.put.pop("deprecated"),
        {"operation kept/": "put_note"},
    ),
    "scope needed": (
        lambda p: p.put.update(security=[{"bearer": ["notes:read", "notes:write"]}]),
        {"scope needed/": "put_note"},
    ),
    "scope dropped": (
        lambda p: p.put.update(security=[{"bearer": []}]),
        {"scope dropped/": "put_note"},
    ),
    "operation made public": (
        lambda p: p.put.update(security=[]),
        {"authentication changed/": "put_note", "scope dropped/": "put_note"},
    ),
    "another way of authentication": (
        lambda p: p.contract["components"]["securitySchemes"]["bearer"].update(scheme="basic"),
        {"authentication changed/": "bearer"},
    ),
    "address added": (
        lambda p: p.contract["servers"].append({"url": "https://c.example"}),
        {"address added/": "servers"},
    ),
    "address removed": (lambda p: p.contract["servers"].pop(), {"address removed/": "servers"}),
    "version": (lambda p: p.contract["info"].update(version="2"), {"version/": "the contract"}),
    "title": (
        lambda p: p.contract["info"].update(title="Lists"),
        {"documentation/": "the contract"},
    ),
    "another description": (
        lambda p: p.schemas["Size"].update(description="."),
        {"documentation/": "Size"},
    ),
    "a description where it is used": (
        lambda p: p.answered["size"].update(description="."),
        {"documentation/": "Note.size"},
    ),
    "an example": (
        lambda p: p.body["content"]["application/json"].update(example={"text": "x"}),
        {"documentation/": "the body of put_note"},
    ),
}

# What the contract says before, where the small contract does not say it.
BEFORE = {
    "operation no longer deprecated": lambda p: p.put.update(deprecated=True),
}


@pytest.mark.parametrize("name", CASES)
def test_a_change_is_found_once_and_judged_by_its_kind(name, changes_of):
    edit, expected = CASES[name]
    changes = changes_of(edit, BEFORE.get(name, lambda _: None))
    found = {f"{change.kind}/{change.side}": change.where for change in changes}
    assert found == expected
    assert len(changes) == len(found)
    for change in changes:
        assert (change.breaks, change.why) == SEVERITIES[change.kind, change.side]


def test_every_kind_of_change_has_a_case():
    covered = {tuple(key.split("/")) for _, expected in CASES.values() for key in expected}
    wanted = {key for key in SEVERITIES if key[1] == SIDE} - {("wording", "")}
    assert covered >= wanted
