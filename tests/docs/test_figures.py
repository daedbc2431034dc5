"""docs/explanation/scores.md shows the server's own constants."""

from __future__ import annotations

import docs_figures


def test_the_page_and_its_figure_are_current():
    """Where this fails: python tools/docs_figures.py."""
    page = docs_figures.PAGE.read_text(encoding="utf-8")
    assert docs_figures.with_figures(page) == page
    assert docs_figures.FIGURE.read_text(encoding="utf-8") == docs_figures.decay_figure()
