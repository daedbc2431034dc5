"""The form in which the names in two texts compare."""

from __future__ import annotations

import pytest

from memoryos_server.text.folding import fold

pytestmark = pytest.mark.local_server


@pytest.mark.parametrize("text", ["👩\u200d💻", "👩🏽\u200d💻", "x 👩\u200d👦"])
def test_joiners_between_symbols_stay(text):
    assert fold(text) == text


@pytest.mark.parametrize(
    "text", ["co\u200dop", "\u200dcoop", "co\u00adop", "coop\ufeff", "CO\u200bOP"]
)
def test_other_characters_without_a_width_are_ignored(text):
    assert fold(text) == "coop"
    assert fold("👍\u00ad") == "👍"
