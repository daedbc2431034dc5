"""Changes of what may be sent: each is found, once, and judged by the rules for requests."""

from __future__ import annotations

import pytest

pytest.importorskip("ruamel.yaml", reason="needs requirements/generator.txt (and Python 3.11)")

from contract_changes.severity import SEVERITIES

SIDE = "request"
TEXT = {"type": "string"}
LOCAL_LIMIT = {"maxLength": 9, "x-assumed-limits": ["maxLength"]}
LOCAL_PATTERN = {"pattern": "^a", "x-assumed-limits": ["pattern"]}


# What is edited, and which changes that makes: the place of each, by kind and side.
CASES = {
    "parameter added": (
        lambda p: p.put["parameters"].append({"name": "b", "in": "query", "schema": TEXT}),
        {"parameter added/request": "b in the query"},
    ),
    "required parameter added": (
        lambda p: p.put["parameters"].append(
            {"name": "b", "in": "header", "required": True, "schema": TEXT}
        ),
        {"required parameter added/request": "b in the header"},
    ),
    "parameter removed": (
        lambda p: p.put["parameters"].remove(p.dry),
        {"parameter removed/request": "dry in the query"},
    ),
    "parameter renamed": (
        lambda p: (
            p.paths.update({"/notes/{note}": p.paths.pop("/notes/{id}")}),
            p.paths["/notes/{note}"]["parameters"][0].update(name="note"),
        ),
        {"parameter renamed/request": "id in the path"},
    ),
    "parameter moved": (
        lambda p: p.dry.update({"in": "header"}),
        {"parameter moved/request": "dry in the query"},
    ),
    "parameter required": (
        lambda p: p.dry.update(required=True),
        {"now required/request": "dry in the query"},
    ),
    "parameter optional": (
        lambda p: p.dry.pop("required"),
        {"now optional/request": "dry in the query"},
    ),
    "parameter written in another form": (
        lambda p: p.dry.update(explode=False),
        {"rule changed/request": "dry in the query"},
    ),
    "body added": (
        lambda p: p.paths["/notes"]["get"].update(requestBody={"content": p.body["content"]}),
        {"body added/request": "the body of list_notes"},
    ),
    "required body added": (
        lambda p: p.paths["/notes"]["get"].update(requestBody=p.body),
        {"required body added/request": "the body of list_notes"},
    ),
    "body removed": (
        lambda p: p.put.pop("requestBody"),
        {"body removed/request": "the body of put_note"},
    ),
    "body optional": (
        lambda p: p.body.pop("required"),
        {"body optional/request": "the body of put_note"},
    ),
    "body required": (
        lambda p: p.body.update(required=True),
        {"body required/request": "the body of put_note"},
    ),
    "body of one more media type": (
        lambda p: p.body["content"].update({"text/plain": {}}),
        {"type widened/request": "the body of put_note"},
    ),
    "field added": (lambda p: p.given.update(b=TEXT), {"field added/request": "NoteIn.b"}),
    "required field added": (
        lambda p: (p.given.update(b=TEXT), p.schemas["NoteIn"]["required"].append("b")),
        {"required field added/request": "NoteIn.b"},
    ),
    "field removed": (lambda p: p.given.pop("free"), {"field removed/request": "NoteIn.free"}),
    "field required": (
        lambda p: p.schemas["NoteIn"]["required"].append("free"),
        {"now required/request": "NoteIn.free"},
    ),
    "field optional": (
        lambda p: p.schemas["NoteIn"].update(required=[]),
        {"now optional/request": "NoteIn.text"},
    ),
    "null allowed": (
        lambda p: p.given["free"].update(type=["string", "null"]),
        {"null allowed/request": "NoteIn.free"},
    ),
    "null refused": (
        lambda p: p.given["rank"].update(type="integer"),
        {"null refused/request": "NoteIn.rank"},
    ),
    "type widened": (
        lambda p: p.given["rank"].update(type=["number", "null"]),
        {"type widened/request": "NoteIn.rank"},
    ),
    "type narrowed": (
        lambda p: p.given["free"].update(type="integer"),
        {"type narrowed/request": "NoteIn.free"},
    ),
    "type changed": (
        lambda p: p.given["free"].update(type="object"),
        {"type changed/request": "NoteIn.free"},
    ),
    "value added": (
        lambda p: p.given["kind"]["enum"].append("c"),
        {"value added/request": "NoteIn.kind"},
    ),
    "value removed": (
        lambda p: p.given["kind"]["enum"].pop(),
        {"value removed/request": "NoteIn.kind"},
    ),
    "values restricted": (
        lambda p: p.given["free"].update(enum=["x"]),
        {"values restricted/request": "NoteIn.free"},
    ),
    "one value left": (
        lambda p: p.given["free"].update(const="x"),
        {"values restricted/request": "NoteIn.free"},
    ),
    "values opened": (
        lambda p: p.given["kind"].pop("enum"),
        {"values opened/request": "NoteIn.kind"},
    ),
    "limit of a length narrowed": (
        lambda p: p.given["free"].update(maxLength=5),
        {"limit narrowed/request": "NoteIn.free"},
    ),
    "format added": (
        lambda p: p.given["free"].update(format="date"),
        {"rule added/request": "NoteIn.free"},
    ),
    "unknown rule added": (
        lambda p: p.given["rank"].update(multipleOf=5),
        {"rule added/request": "NoteIn.rank"},
    ),
    "format changed": (
        lambda p: p.given["text"].update(format="date"),
        {"rule changed/request": "NoteIn.text"},
    ),
    "format removed": (
        lambda p: p.given["text"].pop("format"),
        {"rule removed/request": "NoteIn.text"},
    ),
    "default added": (
        lambda p: p.dry["schema"].update(default=False),
        {"default added/request": "dry in the query"},
    ),
    "default changed": (
        lambda p: p.size.update(schema={"allOf": [p.size["schema"]], "default": 6}),
        {"default changed/request": "size in the query"},
    ),
    "default removed": (
        lambda p: p.dry["schema"].pop("default"),
        {"default removed/request": "dry in the query"},
    ),
    "unknown fields allowed": (
        lambda p: p.schemas["NoteIn"].pop("additionalProperties"),
        {"unknown fields allowed/request": "NoteIn"},
    ),
    "unknown fields refused": (
        lambda p: p.schemas["NoteIn"].update(additionalProperties=False),
        {"unknown fields refused/request": "NoteIn"},
    ),
    "needed fields tightened": (
        lambda p: p.schemas["NoteIn"]["anyOf"].pop(),
        {"choice narrowed/request": "NoteIn"},
    ),
    "needed fields loosened": (
        lambda p: p.schemas["NoteIn"].pop("anyOf"),
        {"choice widened/request": "NoteIn"},
    ),
    "needed fields are others": (
        lambda p: p.schemas["NoteIn"].update(anyOf=[{"required": ["free"]}]),
        {"choice changed/request": "NoteIn"},
    ),
    "alternative added": (
        lambda p: p.given["odd"]["oneOf"].append({"type": "array"}),
        {"choice widened/request": "NoteIn.odd"},
    ),
    "limit narrowed on both sides": (
        lambda p: p.schemas["Size"].update(minimum=2),
        {"limit narrowed/request": "Size", "limit narrowed/answer": "Size"},
    ),
    "assumed limit added": (
        lambda p: p.given["free"].update({"maxLength": 9, "x-assumed-limits": ["maxLength"]}),
        {"assumed limit changed/request": "NoteIn.free"},
    ),
    "assumed limit widened": (
        lambda p: p.given["free"].update(maxLength=10),
        {"assumed limit changed/request": "NoteIn.free"},
    ),
    "assumed pattern removed": (
        lambda p: [p.given["free"].pop(key) for key in ("pattern", "x-assumed-limits")],
        {"assumed limit changed/request": "NoteIn.free"},
    ),
    "limit that was assumed": (
        lambda p: p.given["free"].pop("x-assumed-limits"),
        {
            "assumed limit changed/request": "NoteIn.free",
            "limit narrowed/request": "NoteIn.free",
        },
    ),
    "limit widened on both sides": (
        lambda p: p.schemas["Size"].pop("maximum"),
        {"limit widened/request": "Size", "limit widened/answer": "Size"},
    ),
}

# What the contract says before, where the small contract does not say it.
BEFORE = {
    "assumed limit widened": lambda p: p.given["free"].update(LOCAL_LIMIT),
    "assumed pattern removed": lambda p: p.given["free"].update(LOCAL_PATTERN),
    "limit that was assumed": lambda p: p.given["free"].update(LOCAL_LIMIT),
    "parameter optional": lambda p: p.dry.update(required=True),
    "body required": lambda p: p.body.pop("required"),
    "default removed": lambda p: p.dry["schema"].update(default=False),
    "unknown fields refused": lambda p: p.schemas["NoteIn"].pop("additionalProperties"),
    "type narrowed": lambda p: p.given["free"].update(type="number"),
    "needed fields tightened": lambda p: p.schemas["NoteIn"].pop("required"),
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
