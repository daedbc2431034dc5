"""The words of a query that are worth looking for."""

from __future__ import annotations

import re

__all__ = ["MAX_WORDS", "query_words"]

MAX_WORDS = 32
"""How many words of a query are looked for at most; the first ones."""

_WORD = re.compile(r"\w+")

# English function words: they are in nearly every text, so they tell none from another.
_STOP_TEXT = """
    a about above after again against all also am an and any are as at be because been before
    being below between both but by can could did do does doing down during each few for from
    further had has have having he help her here hers him his how i if in into is it its itself
    just let me more most my no nor not of off on once only or other our out over own please same
    shall she should so some such tell than that the their them then there these they this those
    through to too under until up very was we were what when where which while who whom whose why
    will with would you your s t d ll m re ve
"""
_STOP_WORDS = frozenset(_STOP_TEXT.split())


def query_words(query: str) -> tuple[str, ...]:
    """Return the words of `query`, each once, without stop words where any other word is left."""
    words = dict.fromkeys(_WORD.findall(query.casefold()))
    telling = [word for word in words if word not in _STOP_WORDS]
    return tuple(telling or words)[:MAX_WORDS]
