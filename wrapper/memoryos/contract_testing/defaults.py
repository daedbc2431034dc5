"""Default settings of a run, for its command line too, which loads no other module for them."""

from __future__ import annotations

__all__ = ["CASES", "SEQUENCES", "SETTLE_SECONDS"]

CASES = 500
"""Number of generated cases, over all operations."""

SEQUENCES = 50
"""Number of generated sequences of calls."""

SETTLE_SECONDS = 5.0
"""Time after which a search or a list must show a write."""
