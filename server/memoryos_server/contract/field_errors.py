"""Validation errors of fields, and their summary in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MAX_REPORTED_ERRORS", "FieldError", "shorten", "summarize"]

MAX_REPORTED_ERRORS = 20
"""Maximum number of errors in the `details` of a response, per value."""

MAX_SUMMARIZED_ERRORS = 3
"""Maximum number of errors in the message of a response; `details` has more."""

MAX_QUOTED_CHARACTERS = 40
"""Maximum length of a value or name that a message quotes."""


class FieldError(NamedTuple):
    """A validation error: the field, such as `body.content`, and the rule that it violates."""

    field: str
    message: str


def summarize(errors: Sequence[FieldError]) -> str:
    """Return a one-line message with the first `MAX_SUMMARIZED_ERRORS` errors."""
    shown = [f"{error.field}: {error.message}" for error in errors[:MAX_SUMMARIZED_ERRORS]]
    return "; ".join([*shown, "and more"] if len(errors) > MAX_SUMMARIZED_ERRORS else shown)


def shorten(text: str) -> str:
    """Return `text` without what exceeds `MAX_QUOTED_CHARACTERS`."""
    return text if len(text) <= MAX_QUOTED_CHARACTERS else f"{text[:MAX_QUOTED_CHARACTERS]}…"
