"""Tests, examples and pages that speak of what changed are found, and no others."""

from __future__ import annotations

import pytest

pytest.importorskip("ruamel.yaml", reason="needs requirements/generator.txt (and Python 3.11)")

from contract_changes import references
from contract_changes.mentions import mentions

CALLS = {"put_note": {"notes.put"}, "list_notes": {"notes.list"}}


@pytest.fixture
def lines(notes, changes_of):
    """The lines of a file that speak of an edit of the small contract."""

    def found(edit, text, before=lambda _: None, file="tests/test_it.py"):
        changes = changes_of(edit, before)
        edit(notes)
        said = references.of_file(file, text)
        return [mention.line for mention in mentions(changes, said, CALLS, notes.contract)]

    return found


def test_calls_of_a_removed_operation(lines):
    text = "client.notes.list()\nclient.notes.put()\nother.list()\nname = 'list_notes'\n"
    assert lines(lambda p: p.paths.pop("/notes"), text) == [1, 4]


def test_calls_with_a_removed_parameter(lines):
    text = "client.notes.put(dry=True)\nclient.notes.put(size=1)\nclient.notes.list(dry=True)\n"
    assert lines(lambda p: p.put["parameters"].remove(p.dry), text) == [1, 3]


def test_a_name_that_something_else_still_has_is_looked_for_in_calls_only(lines):
    text = "client.notes.put(free='x')\nnote = {'free': 'x'}\n"
    assert lines(lambda p: p.given.pop("free"), text) == [1]


def test_reads_of_a_removed_field(lines):
    text = "note['tags']\nnote.get('tags')\nnote.tags\nnote['kind']\n"
    assert lines(lambda p: p.answered.pop("tags"), text) == [1, 2, 3]


def test_a_removed_value_and_lists_of_all_values(lines):
    def remove(p):
        p.given["kind"]["enum"].remove("b")
        p.answered["kind"]["enum"].remove("b")

    text = "kind = 'b'\nfor kind in ('a', 'b'):\n    pass\nassert ['b', 'a'] == kinds\n"
    assert lines(remove, text) == [1, 2, 4]


def test_lists_of_the_old_values_when_one_is_added(lines):
    text = "values = ['a', 'b']\nothers = ['a', 'b', 'x']\n"
    assert lines(lambda p: p.given["kind"]["enum"].append("c"), text) == [1]


def test_calls_without_an_argument_that_is_required_now(lines):
    def require(p):
        p.schemas["NoteIn"]["required"].append("free")

    text = "client.notes.put(text='x')\nclient.notes.put(free='x')\nclient.notes.put(**given)\n"
    assert lines(require, text) == [1]


def test_samples_without_a_field_that_is_required_now(lines):
    def before(p):
        p.schemas["Note"]["required"] = ["text", "kind"]

    def require(p):
        p.schemas["Note"]["required"] = ["text", "kind", "shade"]

    text = "a = {'text': 1, 'kind': 2}\nb = {'text': 1, 'kind': 2, 'shade': 3}\nc = {'text': 1}\n"
    assert lines(require, text, before) == [1]


def test_pairs_with_the_old_default(lines):
    def edit(p):
        p.size["schema"] = {"type": "integer", "default": 6, "minimum": 1, "maximum": 9}

    text = "asked = {'size': 5}\nclient.notes.put(size=6)\nsize = 5\n"
    assert lines(edit, text) == [1]


def test_values_to_which_the_limits_differ(lines):
    def used_as_an_argument(p):
        p.size["schema"] = {"type": "integer", "minimum": 1, "maximum": 9}

    def edit(p):
        p.size["schema"].update(minimum=2, maximum=20)

    text = (
        "put(size=1)\nclient.put(size=1)\nclient.put(size=5)\nx = {'size': 10}\ny = {'size': 21}\n"
    )
    assert lines(edit, text, used_as_an_argument) == [2, 4]


def test_texts_that_are_too_long_now(lines):
    text = "a = {'free': 'abc'}\nb = {'free': 'abcdef'}\n"
    assert lines(lambda p: p.given["free"].update(maxLength=5), text) == [2]


def test_a_changed_error_code(lines):
    def edit(p):
        p.missing["content"]["application/json"]["example"]["error"]["code"] = "GONE"

    assert lines(edit, "assert error.code == 'NOT_FOUND'\n") == [1]


def test_words_of_a_page(lines):
    text = "Call `notes.put(dry=True)`.\nDry weather.\n"
    edit = lambda p: p.put["parameters"].remove(p.dry)  # noqa: E731 - as all the others
    assert lines(edit, text, file="README.md") == [1]


def test_what_breaks_nothing_that_is_written_is_not_looked_for(lines):
    text = "client.notes.put(text='x')\nnote = {'text': 'x', 'kind': 'a'}\n"
    assert lines(lambda p: p.answered.update(new={"type": "string"}), text) == []
    assert lines(lambda p: p.given.update(new={"type": "string"}), text) == []


def test_a_file_that_is_not_python_says_nothing():
    assert references.of_file("tests/data.py", "<<<<<<< main\n") == []
