"""Query words: the words of a query without stop words."""

from __future__ import annotations

import re

__all__ = ["MAX_QUERY_WORDS", "query_words"]

MAX_QUERY_WORDS = 32
"""Maximum number of words of a query that are searched; further ones are ignored."""

_WORD = re.compile(r"\w+")

# English function words: almost every text contains them, so they don't distinguish texts.
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
    """Return the distinct words of `query` in lower case.

    Stop words are left out, unless the query has no other words.
    """
    words = dict.fromkeys(_WORD.findall(query.casefold()))
    informative = [word for word in words if word not in _STOP_WORDS]
    return tuple(informative or words)[:MAX_QUERY_WORDS]
