"""What a client was answered, in a form in which two runs of one scenario are equal.

Ids, times and the names of requests differ from run to run: each is replaced by a word, an id by
its place in the order in which ids turn up. Scores fall with time, so they are compared with a
tolerance.
"""

from __future__ import annotations

import math
import re

_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"
_REQUEST = r"req_[0-9a-f]+"
_CHANGING = re.compile(f"(?P<id>{_UUID})|(?P<time>{_TIME})|(?P<request>{_REQUEST})")

# What a score loses while a scenario runs: a short-tier memory, a tenth an hour.
SCORE_TOLERANCE = 0.005


class Transcript:
    """The answers to the calls of a scenario, in their order."""

    def __init__(self):
        self.entries = []
        self._ids = {}

    def add(self, call, outcome):
        """Write down what `call` came to: what it handed out, or the error it raised."""
        entry = error_facts(outcome) if isinstance(outcome, Exception) else outcome
        self.entries.append((call, self._stable(entry)))

    def _stable(self, value):
        if isinstance(value, dict):
            return {
                self._stable(key): "a duration"
                if key == "retrieval_time_ms"
                else self._stable(item)
                for key, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self._stable(item) for item in value]
        return _CHANGING.sub(self._word, value) if isinstance(value, str) else value

    def _word(self, match):
        if match["id"]:
            return self._ids.setdefault(match["id"], f"<id {len(self._ids) + 1}>")
        return f"<{match.lastgroup}>"


def error_facts(error):
    """Return everything that a MemoryOSError tells."""
    facts = dict(vars(error))
    return {"class": type(error).__name__, "text": str(error), **facts}


def differences(one, other, where="answers"):
    """Return the places where two normalised transcripts differ, each with both values."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        pairs = [(f"{where}.{key}", one[key], other[key]) for key in one]
    elif _are_rows(one, other):
        pairs = [(f"{where}[{place}]", *both) for place, both in enumerate(zip(one, other))]
    else:
        return [] if _alike(one, other) else [f"{where}: {one!r} is not {other!r}"]
    return [line for place, a, b in pairs for line in differences(a, b, place)]


def _are_rows(one, other):
    rows = (list, tuple)
    return isinstance(one, rows) and isinstance(other, rows) and len(one) == len(other)


def _alike(one, other):
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=0, abs_tol=SCORE_TOLERANCE)
    return type(one) is type(other) and one == other
