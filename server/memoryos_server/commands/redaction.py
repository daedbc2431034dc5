"""Remove API keys and passwords from the text of error messages.

This module runs on Python 3.8 and imports no installed package.
"""

from __future__ import annotations

import os
import re

__all__ = ["redact"]

_KEY = re.compile(r"mos_[A-Za-z0-9_\-]+")
# The user and the password in a URL, a mistyped one too: a password may contain `@` and `/`.
_CREDENTIALS = re.compile(r"""(?:^|(?<=[/:=\s'"]))[^\s/:@'"]*:(?!/)[^\s'"]*@""")
_ASSIGNMENT = re.compile(
    r"""\b((?:\w*_)?(?:api[_-]?key|password|passwd|pwd|secret|token)\s*=\s*)[^\s'"]+""",
    re.IGNORECASE,
)
_SECRET_VARIABLE = re.compile(r"API_KEY$|PASSWORD$|TOKEN$|SECRET$")
# A shorter value could be an ordinary word.
_MIN_SECRET_LENGTH = 8


def redact(text: str) -> str:
    """Return a text with `…` in place of API keys, passwords and secrets of the environment."""
    for name, value in os.environ.items():
        if len(value) >= _MIN_SECRET_LENGTH and _SECRET_VARIABLE.search(name):
            text = text.replace(value, "…")
    text = _KEY.sub("mos_…", text)
    text = _CREDENTIALS.sub("…@", text)
    return _ASSIGNMENT.sub(r"\1…", text)
