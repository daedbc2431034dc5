"""Errors for invalid arguments, raised before anything is sent."""

from __future__ import annotations

from typing import Any

from memoryos.exceptions import ValidationError

_MAX_SHOWN_CHARACTERS = 60


def shown_kind(value: object) -> str:
    """Return how messages describe a value that may name a user: its type, unless it is none."""
    is_none = value is None or (isinstance(value, str) and not value)
    return shown(value) if is_none else f"a value of the type {type(value).__name__}"


def shown(value: Any) -> str:
    """Return a value's repr, shortened, for an error message."""
    try:
        return clipped(repr(value))
    except Exception:  # noqa: BLE001 - if the repr fails, show the type
        return f"a {type(value).__name__}"


def clipped(text: str) -> str:
    """Return a text, truncated if it is long."""
    return text if len(text) <= _MAX_SHOWN_CHARACTERS else text[: _MAX_SHOWN_CHARACTERS - 1] + "…"


def invalid_argument(argument: str, value: str, rule: str) -> ValidationError:
    """Return the error for an argument that breaks a rule."""
    message = f"{argument} {rule}; got {value}" if value else f"{argument} {rule}"
    return ValidationError(
        "VALIDATION_ERROR", message, 400, details={"argument": argument, "rule": rule}
    )
