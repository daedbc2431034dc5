"""Tables of the server's own command line."""

from __future__ import annotations

import pytest

from memoryos_server.commands.tables import format_table

HEADINGS = ("ID", "STATE", "SCOPES", "NAME")
ROWS = [
    ("0123456789ab", "valid", "memories:read,memories:write", "laptop"),
    ("b", "revoked", "*", "-"),
]


def test_without_a_width_everything_is_shown():
    assert format_table(HEADINGS, ROWS, None) == [
        "ID            STATE    SCOPES                        NAME",
        "0123456789ab  valid    memories:read,memories:write  laptop",
        "b             revoked  *                             -",
    ]


@pytest.mark.parametrize("width", [10, 20, 30, 50, 58, 200])
def test_a_table_fits_its_width(width):
    """Columns are dropped from the right; the id and the name stay."""
    lines = format_table(HEADINGS, ROWS, width)
    assert max(map(len, lines)) <= width
    assert (lines[0].startswith("ID"), "laptop" in lines[1]) == (True, width >= 20)
    assert ("SCOPES" in lines[0]) == (width > 58)


def test_a_table_without_rows_has_headings():
    assert format_table(HEADINGS, [], 80) == ["ID  STATE  SCOPES  NAME"]
