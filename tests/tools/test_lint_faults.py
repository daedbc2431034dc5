"""The contract's linter: each rule is tested, and each exception has a reason."""

from __future__ import annotations

import copy
import re

import pytest

pytest.importorskip("ruamel.yaml", reason="needs requirements/generator.txt (and Python 3.11)")

import lint_faults
from generation import contract as contracts

CONTRACT = contracts.load(lint_faults.ROOT / "openapi.yaml")
CONFIG = lint_faults.CONFIG.read_text(encoding="utf-8")


def test_each_rule_of_the_configuration_has_a_planted_fault():
    """`make check` plants them and runs the linter."""
    assert len(lint_faults.configured_rules()) > 20
    assert lint_faults.configured_rules() <= lint_faults.FAULTS.keys()


@pytest.mark.parametrize("rule", lint_faults.FAULTS)
def test_each_fault_changes_the_contract(rule):
    """Or nothing would be tested by it."""
    faulty = copy.deepcopy(CONTRACT)
    fault = lint_faults.FAULTS[rule]
    fault.plant(lint_faults._at(faulty, fault.pointer))
    assert faulty != CONTRACT


def test_a_fault_that_is_not_reported_is_named():
    """In its own place: the same problem elsewhere does not count."""
    assert lint_faults.missed(CONTRACT, lambda contract: set()) == list(lint_faults.FAULTS)
    found = {(rule, f"{fault.pointer}/x") for rule, fault in lint_faults.FAULTS.items()}
    elsewhere = {("rule/no-schema-title", "#/components/schemas/Memory/title")}
    missing = {item for item in found if item[0] == "rule/no-schema-title"}
    assert lint_faults.missed(CONTRACT, lambda contract: found) == []
    reported = (found - missing) | elsewhere
    assert lint_faults.missed(CONTRACT, lambda contract: reported) == ["rule/no-schema-title"]


def test_each_exception_has_a_reason():
    """A comment above it; exceptions that follow each other share theirs."""
    lines = CONFIG.splitlines()
    exceptions = [
        n
        for n, line in enumerate(lines)
        if re.search(r"^  [a-z0-9-]+: off$|^    exceptions:", line)
    ]
    assert len(exceptions) > 4
    for number in exceptions:
        above = number - 1
        while re.search(r": off$|^    severity:|^  path-segment-plural:$", lines[above]):
            above -= 1
        assert re.match(r"  # .*\.$", lines[above]), lines[number]
