"""docs/explanation/scores.md shows the server's own constants."""

from __future__ import annotations

import docs_figures
from memoryos_server.search.features import FEATURES


def test_the_page_and_its_figure_are_current():
    """Where this fails: python tools/docs_figures.py."""
    page = docs_figures.PAGE.read_text(encoding="utf-8")
    assert docs_figures.with_figures(page) == page
    assert docs_figures.FIGURE.read_text(encoding="utf-8") == docs_figures.decay_figure()


def test_the_page_names_every_ranking_feature():
    page = docs_figures.PAGE.read_text(encoding="utf-8")
    table = page[page.index("| feature |") :].partition("\n\n")[0]
    assert [name for name in FEATURES if f"`{name}`" not in table] == []
