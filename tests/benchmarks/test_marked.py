"""Documents that programs write parts of."""

from __future__ import annotations

import pytest

from benchmarks.marked import fill, table


def test_only_what_stands_between_the_markers_of_a_program_is_replaced(tmp_path):
    document = tmp_path / "page.md"
    marks = [f"<!-- written by {name}: {side} -->" for name in "ab" for side in ("begin", "end")]
    document.write_text("\n".join(["before", *marks, "after"]), encoding="utf-8")
    for text in ("old", "new"):
        fill(document, "b", text)
    expected = ["before", *marks[:3], "", "new", "", marks[3], "after"]
    assert document.read_text(encoding="utf-8").split("\n") == expected


def test_a_document_without_the_markers_is_refused_and_left_alone(tmp_path):
    document = tmp_path / "page.md"
    document.write_text("<!-- written by a: begin -->", encoding="utf-8")
    with pytest.raises(ValueError, match=r"page\.md needs the lines"):
        fill(document, "a", "text")
    assert document.read_text(encoding="utf-8") == "<!-- written by a: begin -->"


def test_a_table_has_a_head_and_a_row_for_each_row():
    assert table(("", "b"), [(1, "x")]) == "|  | b |\n| --- | --- |\n| 1 | x |"
