"""Counting the work of text analysis, as the characters that regular expressions are given."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

# A regular expression is linear if it is given every part of a text a limited number of times, and
# looks a limited number of characters ahead from each; `unbounded_repetitions` finds those that
# don't.

try:
    from re import _constants as constants
    from re import _parser as parser
except ImportError:  # Python 3.10
    import sre_constants as constants
    import sre_parse as parser


class CountedPattern:
    """A compiled regular expression that counts the characters that it is given.

    Args:
        pattern: The regular expression.
        work: Gets the number of characters at the end, one item for each call.
    """

    def __init__(self, pattern, work):
        self._pattern = pattern
        self._work = work

    def __getattr__(self, name):
        return getattr(self._pattern, name)

    def _given(self, text, start=0, end=None):
        self._work.append(1 + max(0, min(len(text), len(text) if end is None else end) - start))
        return (text, start) if end is None else (text, start, end)

    def finditer(self, *args):
        return self._pattern.finditer(*self._given(*args))

    def findall(self, *args):
        return self._pattern.findall(*self._given(*args))

    def search(self, *args):
        return self._pattern.search(*self._given(*args))

    def match(self, text, start=0):
        _, longest = parser.parse(self._pattern.pattern, self._pattern.flags).getwidth()
        self._given(text, start, min(len(text), start + longest))
        return self._pattern.match(text, start)

    def sub(self, replacement, text):
        self._given(text)
        return self._pattern.sub(replacement, text)


def count_patterns(monkeypatch, modules):
    """Replace the regular expressions of modules, and return the list that gets their work."""
    work = []
    for module in modules:
        for name, value in vars(module).copy().items():
            if isinstance(value, re.Pattern):
                monkeypatch.setattr(module, name, CountedPattern(value, work))
            elif isinstance(value, tuple) and value and isinstance(value[0], re.Pattern):
                counted = tuple(CountedPattern(pattern, work) for pattern in value)
                monkeypatch.setattr(module, name, counted)
    return work


def unbounded_repetitions(pattern):
    """Return how many repetitions of a regular expression have no maximum, also in assertions."""
    return _count_unbounded(parser.parse(pattern.pattern, pattern.flags))


def _count_unbounded(node):
    if isinstance(node, parser.SubPattern):
        return sum(map(_count_unbounded, node.data))
    if isinstance(node, (list, tuple)):
        repeats = node and node[0] in (constants.MAX_REPEAT, constants.MIN_REPEAT)
        own = 1 if repeats and node[1][1] == constants.MAXREPEAT else 0
        return own + sum(map(_count_unbounded, node))
    return 0


class CountedUnicodeData:
    """The module `unicodedata`, counting the steps of the insertion sort of `normalize`."""

    combining = staticmethod(unicodedata.combining)

    def __init__(self):
        self.steps = 0

    def normalize(self, form, text):
        decomposed = "".join(
            unicodedata.normalize(form.replace("C", "D"), character) for character in text
        )
        for is_mark, run in groupby(map(unicodedata.combining, decomposed), bool):
            classes = list(run)
            is_sorted = not is_mark or classes == sorted(classes)
            self.steps += len(classes) if is_sorted else len(classes) ** 2
        return unicodedata.normalize(form, text)
