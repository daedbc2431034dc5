"""What embedding costs: from tokens and a price to dollars, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import Embedder
    from .remote import Usage

__all__ = ["bill", "dollars", "price_of", "shown", "usage_of"]

_MILLION = 1_000_000
_CENT, _LEAST = 0.01, 0.0001


def price_of(embedder: Embedder | None) -> float | None:
    """Return what a million tokens cost in dollars; None where nothing is paid, or nobody knows."""
    price: float | None = getattr(embedder, "dollars_per_million", None)
    return price


def usage_of(embedder: Embedder | None) -> Usage | None:
    """Return what a service was asked for; None for an embedder that asks none."""
    usage: Usage | None = getattr(embedder, "usage", None)
    return usage


def dollars(tokens: int, price: float | None) -> float | None:
    """Return what tokens cost, by the price of a million."""
    return None if price is None else tokens * price / _MILLION


def shown(amount: float) -> str:
    """Return an amount of dollars for people: `$12.40`, `$0.0042`, `under $0.0001`."""
    if amount == 0 or amount >= _CENT:
        return f"${amount:,.2f}"
    return f"${amount:.4f}" if amount >= _LEAST else f"under ${_LEAST:.4f}"


def bill(embedder: Embedder | None) -> str | None:
    """Return what a service was asked for and what that costs, in a sentence; None for nothing."""
    usage = usage_of(embedder)
    if embedder is None or usage is None or not usage.requests:
        return None
    cost = dollars(usage.tokens, price_of(embedder))
    about = "" if cost is None else f", for {shown(cost)}"
    return f"{usage.tokens:,} tokens embedded by {embedder.name}{about}"
