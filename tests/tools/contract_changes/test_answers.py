"""Changes of what comes back: each is found, once, and judged by the rules for answers."""

from __future__ import annotations

import pytest

pytest.importorskip("ruamel.yaml", reason="needs requirements/generator.txt (and Python 3.11)")

from contract_changes.severity import SEVERITIES

SIDE = "answer"
TEXT = {"type": "string"}


# What is edited, and which changes that makes: the place of each, by kind and side.
CASES = {
    "field added": (lambda p: p.answered.update(b=TEXT), {"field added/answer": "Note.b"}),
    "required field added": (
        lambda p: (p.answered.update(b=TEXT), p.schemas["Note"]["required"].append("b")),
        {"required field added/answer": "Note.b"},
    ),
    "field removed": (lambda p: p.answered.pop("free"), {"field removed/answer": "Note.free"}),
    "field always there": (
        lambda p: p.schemas["Note"]["required"].append("free"),
        {"now required/answer": "Note.free"},
    ),
    "field optional": (
        lambda p: p.schemas["Note"].pop("required"),
        {"now optional/answer": "Note.text"},
    ),
    "null allowed": (
        lambda p: p.answered.update(free={"oneOf": [TEXT, {"type": "null"}]}),
        {"null allowed/answer": "Note.free"},
    ),
    "null refused": (
        lambda p: p.answered["rank"].update(type="integer"),
        {"null refused/answer": "Note.rank"},
    ),
    "type widened": (
        lambda p: p.answered["rank"].update(type=["string", "integer", "null"]),
        {"type widened/answer": "Note.rank"},
    ),
    "type narrowed": (
        lambda p: p.answered["rank"].update(type=["integer", "null"]),
        {"type narrowed/answer": "Note.rank"},
    ),
    "type of a list's items changed": (
        lambda p: p.answered["tags"]["items"].update(type="integer"),
        {"type changed/answer": "Note.tags[]"},
    ),
    "value added": (
        lambda p: p.answered["kind"]["enum"].append("c"),
        {"value added/answer": "Note.kind"},
    ),
    "value removed": (
        lambda p: p.answered["kind"]["enum"].pop(),
        {"value removed/answer": "Note.kind"},
    ),
    "values restricted": (
        lambda p: p.answered["free"].update(enum=["x"]),
        {"values restricted/answer": "Note.free"},
    ),
    "values opened": (
        lambda p: p.answered["kind"].pop("enum"),
        {"values opened/answer": "Note.kind"},
    ),
    "limit narrowed": (
        lambda p: p.answered["tags"].update(maxItems=2),
        {"limit narrowed/answer": "Note.tags"},
    ),
    "limit widened": (
        lambda p: p.answered["tags"].pop("maxItems"),
        {"limit widened/answer": "Note.tags"},
    ),
    "rule added": (
        lambda p: p.answered["free"].update(pattern="^x"),
        {"rule added/answer": "Note.free"},
    ),
    "rule changed": (
        lambda p: p.answered["text"].update(format="date"),
        {"rule changed/answer": "Note.text"},
    ),
    "assumed limit added": (
        lambda p: p.answered["text"].update({"maxLength": 9, "x-assumed-limits": ["maxLength"]}),
        {"assumed limit changed/answer": "Note.text"},
    ),
    "rule removed": (
        lambda p: p.answered["text"].pop("format"),
        {"rule removed/answer": "Note.text"},
    ),
    "default added": (
        lambda p: p.answered["free"].update(default="x"),
        {"default added/answer": "Note.free"},
    ),
    "default changed": (
        lambda p: p.answered["shade"].update(default="red"),
        {"default changed/answer": "Note.shade"},
    ),
    "default removed": (
        lambda p: p.answered["shade"].pop("default"),
        {"default removed/answer": "Note.shade"},
    ),
    "unknown fields allowed": (
        lambda p: p.answered["more"].pop("additionalProperties"),
        {"unknown fields allowed/answer": "Note.more"},
    ),
    "unknown fields refused": (
        lambda p: p.schemas["Note"].update(additionalProperties=False),
        {"unknown fields refused/answer": "Note"},
    ),
    "alternative added": (
        lambda p: p.answered["odd"]["oneOf"].append({"type": "array"}),
        {"choice widened/answer": "Note.odd"},
    ),
    "alternative removed": (
        lambda p: p.answered["odd"]["oneOf"].pop(),
        {"choice narrowed/answer": "Note.odd"},
    ),
    "alternative changed": (
        lambda p: p.answered["odd"]["oneOf"][0].update(minLength=2),
        {"choice changed/answer": "Note.odd"},
    ),
    "success status added": (
        lambda p: p.answers.update({"201": p.ok}),
        {"success status added/answer": "answer 201"},
    ),
    "success status removed": (
        lambda p: p.answers.pop("200"),
        {"success status removed/answer": "answer 200"},
    ),
    "error status added": (
        lambda p: p.answers.update({"409": p.missing}),
        {"error status added/answer": "answer 409"},
    ),
    "error status removed": (
        lambda p: p.answers.pop("404"),
        {"error status removed/answer": "answer 404"},
    ),
    "error code changed": (
        lambda p: p.missing["content"]["application/json"]["example"]["error"].update(code="GONE"),
        {"error code changed/answer": "answer 404", "documentation/": "answer 404"},
    ),
    "error code added": (
        lambda p: p.missing["content"]["application/json"].update(
            examples={"other": {"value": {"error": {"code": "GONE"}}}}
        ),
        {"error code added/answer": "answer 404", "documentation/": "answer 404"},
    ),
    "error code removed": (
        lambda p: p.missing["content"]["application/json"].pop("example"),
        {"error code removed/answer": "answer 404", "documentation/": "answer 404"},
    ),
    "answer added": (
        lambda p: p.paths["/notes"]["get"]["responses"]["204"].update(content=p.ok["content"]),
        {"answer added/answer": "answer 204"},
    ),
    "answer removed": (lambda p: p.ok.pop("content"), {"answer removed/answer": "answer 200"}),
    "media type changed": (
        lambda p: p.ok["content"].update({"text/html": p.ok["content"].pop("application/json")}),
        {"media type changed/answer": "answer 200"},
    ),
    "header added": (
        lambda p: p.ok["headers"].update(Age={"schema": {"type": "integer"}}),
        {"header added/answer": "Age in the answer's headers"},
    ),
    "header removed": (
        lambda p: p.ok.pop("headers"),
        {"header removed/answer": "X-Request-Id in the answer's headers"},
    ),
}

# What the contract says before, where the small contract does not say it.
BEFORE = {
    "type narrowed": lambda p: p.answered["rank"].update(type=["number", "null"]),
    "alternative removed": lambda p: p.answered["odd"]["oneOf"].append({"type": "array"}),
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
