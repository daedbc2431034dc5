"""The report: one line where nothing changed, else what breaks, what doesn't, what to follow."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("ruamel.yaml", reason="needs requirements/generator.txt (and Python 3.11)")

from contract_changes import report as reports
from contract_changes.mentions import Mention
from wrapper_contract.disagreement import Disagreement

WRONG = Disagreement("wrapper/a.py", 7, "Notes.put lacks an argument: add `b: str`.")
SPOKEN = Mention("tests/b.py", 3, "has the old default of `size`")


def text(changes=(), disagreements=(), mentions=()):
    return reports.as_text(reports.Report(list(changes), list(disagreements), list(mentions)))


def test_nothing_changed_is_one_line():
    assert text() == "The contract has not changed."


def test_nothing_changed_but_the_wrapper_disagrees():
    assert text(disagreements=[WRONG]).splitlines() == [
        "The contract has not changed.",
        "",
        "The code disagrees with the contract in 1 place:",
        "  wrapper/a.py:7",
        "      Notes.put lacks an argument: add `b: str`.",
    ]


def test_what_breaks_comes_first_and_says_why(changes_of):
    def edit(p):
        p.answered["new"] = {"type": "string", "maxLength": 5}
        p.put["parameters"].remove(p.dry)
        p.schemas["Size"]["description"] = "."

    lines = text(changes_of(edit), mentions=[SPOKEN]).splitlines()
    assert lines == [
        "The contract has changed: 3 changes, 1 of them breaks users.",
        "",
        "Breaks users:",
        "  parameter removed       dry in the query: boolean — put_note",
        "                          calls that pass it are rejected, or it does nothing",
        "",
        "Compatible:",
        "  field added             Note.new (responses): string, at most 5 characters — put_note",
        "                          clients pass on fields that they don't know",
        "",
        "Of no effect:",
        "  documentation           Size: description — put_note",
        "",
        "Check what mentions it:",
        "  tests/b.py:3",
        "      has the old default of `size`",
    ]


@pytest.mark.parametrize(
    ("edit", "headline"),
    [
        (lambda p: p.given.update(b={}), "1 change, which does not break users."),
        (lambda p: p.paths.pop("/notes"), "1 change, which breaks users."),
        (lambda p: p.paths.clear(), "2 changes, 2 of them break users."),
        (
            lambda p: (p.given.update(b={}), p.answered.update(b={})),
            "2 changes, none of them breaks users.",
        ),
    ],
)
def test_the_headline_counts(edit, headline, changes_of):
    assert text(changes_of(edit)).splitlines()[0] == f"The contract has changed: {headline}"


def test_no_line_of_the_report_is_longer_than_a_terminal(changes_of):
    def edit(p):
        p.given["kind"]["enum"] += [f"value-{number}" for number in range(3)]
        p.given["free"] = {"type": "string", "enum": [f"value-{number}" for number in range(40)]}

    report = text(changes_of(edit))
    assert '`"value-39"`' in report
    assert max(map(len, report.splitlines())) <= reports.WIDTH


def test_long_lists_of_mentions_are_cut_in_the_text_and_whole_in_json():
    many = [Mention("tests/b.py", line, "speaks") for line in range(1, 40)]
    report = reports.Report([], [], many)
    assert "… and 27 more lines (FORMAT=json lists them all)" in reports.as_text(report)
    assert len(json.loads(reports.as_json(report))["mentions"]) == 39


def test_the_json_says_the_same(changes_of):
    changes = changes_of(lambda p: p.size.update(schema={"type": "integer", "default": 6}))
    document = json.loads(reports.as_json(reports.Report(changes, [WRONG], [SPOKEN])))
    assert document["breaks"] is True
    assert document["disagreements"] == [WRONG._asdict()]
    assert document["mentions"] == [SPOKEN._asdict()]
    change = next(item for item in document["changes"] if item["kind"] == "default changed")
    assert (change["before"], change["after"], change["breaks"]) == (5, 6, True)
    assert (change["where"], change["operations"]) == ("size in the query", ["put_note"])


def test_the_next_steps_lead_to_a_release(changes_of):
    changes = changes_of(lambda p: p.paths.pop("/notes"))
    steps = reports.next_steps(reports.Report(changes, [WRONG], []))
    assert (
        steps.index("fix what disagrees")
        < steps.index("make check")
        < steps.index("make release-check")
    )
    assert reports.next_steps(reports.Report([], [], [])) == ""
