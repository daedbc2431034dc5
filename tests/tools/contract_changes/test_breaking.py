"""What the report calls breaking does break a call or a program, as examples show; nothing else."""

from __future__ import annotations

import copy

import pytest

pytest.importorskip("ruamel.yaml", reason="needs requirements/generator.txt (and Python 3.11)")

from contract_changes import compare

from . import test_answers, test_operations, test_requests
from .conftest import CONTRACT, Parts
from .oracle import CALLS, breaks_a_call, breaks_an_answer

MODULES = (test_requests, test_answers, test_operations)
CASES = [
    pytest.param(edit, module.BEFORE.get(name), name, id=f"{module.SIDE or 'operation'}-{name}")
    for module in MODULES
    for name, (edit, _) in module.CASES.items()
]

# Reported as breaking though no example breaks: the report can't tell, and warns.
WARNED_OF = {
    # An anonymous call may still send its key.
    "operation made public": "",
    # The alternatives differ; whether the new ones lie within the old ones is not compared.
    "alternative changed": "answer",
}


def contracts(edit, before):
    """Return the small contract before and after an edit."""
    old = copy.deepcopy(CONTRACT)
    if before:
        before(Parts(old))
    new = copy.deepcopy(old)
    edit(Parts(new))
    return old, new


@pytest.mark.parametrize(("edit", "before", "name"), CASES)
def test_a_change_breaks_on_the_side_where_an_example_does(edit, before, name):
    """Calls are tried by both contracts, and so are answers."""
    old, new = contracts(edit, before)
    breaking = {change.side for change in compare(old, new) if change.breaks}
    if name in WARNED_OF:
        assert WARNED_OF[name] in breaking
        breaking.remove(WARNED_OF[name])
    assert bool(breaking & {"request", ""}) is breaks_a_call(old, new)
    if breaking != {""}:  # of an operation that is gone or has moved, no answer comes
        assert ("answer" in breaking) is breaks_an_answer(old, new)


def test_the_oracle_breaks_nothing_by_itself():
    """Equal contracts take the same calls and answers, and there are calls that work."""
    assert not breaks_a_call(CONTRACT, CONTRACT)
    assert not breaks_an_answer(CONTRACT, CONTRACT)
    assert len(CALLS) > 40


def test_every_change_says_why_it_breaks_or_does_not():
    """In a sentence of its own kind."""
    for case in CASES:
        edit, before, _ = case.values
        changes = compare(*contracts(edit, before))
        assert changes
        assert all(change.why for change in changes)
