"""Token usage and prices of embedding services."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memoryos_server.embedders.protocol import Embedder

    from .remote_embedder import Usage

__all__ = ["cost_in_dollars", "format_dollars", "price_of", "usage_of", "usage_summary"]

_TOKENS_PER_PRICE = 1_000_000
_TWO_DECIMALS_FROM_DOLLARS = 0.01
_SMALLEST_SHOWN_DOLLARS = 0.0001


def price_of(embedder: Embedder | None) -> float | None:
    """Return the price of a million tokens in dollars, or None if it is free or unknown."""
    price: float | None = getattr(embedder, "dollars_per_million", None)
    return price


def usage_of(embedder: Embedder | None) -> Usage | None:
    """Return the requests and tokens so far, or None for an embedder that calls no service."""
    usage: Usage | None = getattr(embedder, "usage", None)
    return usage


def cost_in_dollars(tokens: int, price: float | None) -> float | None:
    """Return the cost of `tokens`, where `price` is that of a million; None if it has no price."""
    return None if price is None else tokens * price / _TOKENS_PER_PRICE


def format_dollars(amount: float) -> str:
    """Format an amount of dollars: `$12.40`, `$0.0042`, `under $0.0001`."""
    if amount == 0 or amount >= _TWO_DECIMALS_FROM_DOLLARS:
        return f"${amount:,.2f}"
    if amount >= _SMALLEST_SHOWN_DOLLARS:
        return f"${amount:.4f}"
    return f"under ${_SMALLEST_SHOWN_DOLLARS:.4f}"


def usage_summary(embedder: Embedder | None) -> str | None:
    """Return one sentence with the tokens and their cost, or None if no service was called."""
    usage = usage_of(embedder)
    if embedder is None or usage is None or not usage.requests:
        return None
    cost = cost_in_dollars(usage.tokens, price_of(embedder))
    suffix = "" if cost is None else f", for {format_dollars(cost)}"
    noun = "token" if usage.tokens == 1 else "tokens"
    return f"{usage.tokens:,} {noun} embedded by {embedder.name}{suffix}"
