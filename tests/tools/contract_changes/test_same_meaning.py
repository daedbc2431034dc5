"""What is written in another way, and means the same, is no change."""

from __future__ import annotations

import copy

import pytest

pytest.importorskip("ruamel.yaml", reason="needs requirements/generator.txt (and Python 3.11)")

from contract_changes import compare


def into_a_reference(p):
    p.schemas["Kind"] = p.answered["kind"]
    p.answered["kind"] = {"$ref": "#/components/schemas/Kind"}
    p.given["kind"] = {"$ref": "#/components/schemas/Kind"}


def out_of_a_reference(p):
    p.answered["size"] = p.schemas["Size"]


def parameter_into_a_reference(p):
    p.contract["components"]["parameters"] = {"Dry": p.put["parameters"][0]}
    p.put["parameters"][0] = {"$ref": "#/components/parameters/Dry"}


def body_and_answer_into_references(p):
    p.contract["components"]["requestBodies"] = {"Note": p.put["requestBody"]}
    p.put["requestBody"] = {"$ref": "#/components/requestBodies/Note"}
    p.contract["components"]["responses"]["Note"] = p.answers["200"]
    p.answers["200"] = {"$ref": "#/components/responses/Note"}


def by_all_of(p):
    note = p.schemas["Note"]
    shade = {"shade": note["properties"].pop("shade")}
    p.schemas["Shaded"] = {"type": "object", "properties": shade}
    p.schemas["Note"] = {"allOf": [note, {"$ref": "#/components/schemas/Shaded"}]}


def null_as_an_alternative(p):
    p.answered["rank"] = {"anyOf": [{"type": "integer"}, {"type": "null"}]}


def in_another_order(p):
    for where in (p.paths, p.schemas, p.answered, p.schemas["Note"], p.answers):
        for key in sorted(where, reverse=True):
            where[key] = where.pop(key)
    p.put["parameters"].reverse()
    p.given["odd"]["oneOf"].reverse()
    p.given["kind"]["enum"].reverse()


def shared_by_the_path(p):
    p.paths["/notes/{id}"]["parameters"].append(p.put["parameters"].pop())


def one_value_as_a_constant(p):
    p.answered["shade"] = {"enum": ["grey"], "default": "grey"}


def unused_component(p):
    p.schemas["Unused"] = {"type": "string"}


REWRITINGS = (
    into_a_reference,
    out_of_a_reference,
    parameter_into_a_reference,
    body_and_answer_into_references,
    by_all_of,
    null_as_an_alternative,
    in_another_order,
    shared_by_the_path,
    unused_component,
)


@pytest.mark.parametrize("rewrite", REWRITINGS)
def test_another_way_of_writing_is_of_no_effect(rewrite, changes_of):
    assert {change.kind for change in changes_of(rewrite)} <= {"wording", "documentation"}


def test_an_enumeration_of_one_is_a_constant(changes_of):
    def constant(p):
        p.answered["shade"] = {"const": "grey", "default": "grey"}

    (change,) = changes_of(constant, one_value_as_a_constant)
    assert change.kind == "wording"


def test_the_same_contract_has_no_changes(notes):
    assert compare(notes.contract, copy.deepcopy(notes.contract)) == []


def test_the_comparison_leaves_both_contracts_as_they_were(notes):
    other = copy.deepcopy(notes.contract)
    other["paths"].pop("/notes")
    before = copy.deepcopy((notes.contract, other))
    compare(notes.contract, other)
    assert (notes.contract, other) == before


def test_schemas_that_contain_themselves_are_compared(changes_of):
    def tree(p):
        p.answered["parent"] = {"oneOf": [{"$ref": "#/components/schemas/Note"}, {"type": "null"}]}
        p.answered["children"] = {"type": "array", "items": {"$ref": "#/components/schemas/Note"}}

    (change,) = changes_of(lambda p: p.answered["free"].update(type="integer"), tree)
    assert (change.kind, change.where) == ("type changed", "Note.free")


def test_a_change_of_a_shared_schema_is_said_once_with_all_its_operations(changes_of):
    def shared(p):
        get = p.paths["/notes"]["get"]
        get["responses"] = {"200": p.answers["200"]}

    (change,) = changes_of(lambda p: p.answered.pop("free"), shared)
    assert change.operations == ("put_note", "list_notes")
