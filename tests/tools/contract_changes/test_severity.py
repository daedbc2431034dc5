"""Which kinds of change break users, listed a second time so that no severity changes unnoticed.

A request that was right may be refused, or mean something else; an answer may lack what programs
rely on. Nothing else breaks.
"""

from __future__ import annotations

import pytest

pytest.importorskip("ruamel.yaml", reason="needs requirements/generator.txt (and Python 3.11)")

from contract_changes.severity import SEVERITIES

BREAKING = {
    "": {
        "operation removed",
        "operation renamed",
        "operation moved",
        "scope needed",
        "authentication changed",
        "address removed",
    },
    "request": {
        "required parameter added",
        "parameter removed",
        "parameter renamed",
        "parameter moved",
        "required body added",
        "body removed",
        "body required",
        "required field added",
        "field removed",
        "now required",
        "null refused",
        "type narrowed",
        "type changed",
        "value removed",
        "values restricted",
        "limit narrowed",
        "rule added",
        "rule changed",
        "default changed",
        "default removed",
        "unknown fields refused",
        "choice narrowed",
        "choice changed",
    },
    "answer": {
        "field removed",
        "now optional",
        "null allowed",
        "type changed",
        "rule changed",
        "rule removed",
        "choice changed",
        "success status removed",
        "error code changed",
        "error code removed",
        "answer removed",
        "media type changed",
        "header removed",
    },
}


@pytest.mark.parametrize("side", BREAKING)
def test_exactly_these_kinds_of_change_break_users(side):
    """On the side of requests, of answers, and of neither."""
    breaking = {
        kind for (kind, of), severity in SEVERITIES.items() if of == side and severity.breaks
    }
    assert breaking == BREAKING[side]


def test_every_severity_has_a_reason():
    """In words of its own, or of a kind that is the same."""
    assert all(severity.why for severity in SEVERITIES.values())
    assert {side for _, side in SEVERITIES} == set(BREAKING)
