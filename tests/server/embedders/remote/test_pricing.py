"""Token usage and prices."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders.remote.pricing import format_dollars, usage_summary
from memoryos_server.embedders.remote.remote_embedder import Usage


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "$0.00"),
        (0.00009, "under $0.0001"),
        (0.0042, "$0.0042"),
        (0.01, "$0.01"),
        (1234.5, "$1,234.50"),
    ],
)
def test_dollars_have_as_many_decimals_as_they_need(amount, text):
    assert format_dollars(amount) == text


@pytest.mark.parametrize(
    ("usage", "price", "summary"),
    [
        (Usage(2, 1_000_000), 0.02, "1,000,000 tokens embedded by m, for $0.02"),
        (Usage(2, 1_000_000), None, "1,000,000 tokens embedded by m"),
        (Usage(0, 0), 0.02, None),
        (None, None, None),
    ],
)
def test_the_summary_names_tokens_and_cost(usage, price, summary):
    embedder = SimpleNamespace(name="m", usage=usage, dollars_per_million=price)
    assert usage_summary(embedder) == summary
