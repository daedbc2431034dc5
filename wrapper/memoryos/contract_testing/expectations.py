"""Assertions of checks, and the exceptions that end a check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Mapping

if TYPE_CHECKING:
    from .http_messages import Response

__all__ = [
    "CheckFailedError",
    "CheckSkippedError",
    "UnusableResponseError",
    "expect",
    "expect_fields",
    "expect_items",
    "expect_object",
    "expect_rejected",
    "expect_status",
]

VALIDATION_STATUSES = (400, 422)
"""Statuses that reject an invalid request. The contract treats both alike."""

_MAX_SHOWN_CHARACTERS = 120


class CheckFailedError(Exception):
    """The server violates the rule of the check."""

    def __init__(self, message: str, response: Response | None = None) -> None:
        super().__init__(message)
        self.request = "" if response is None else response.request.describe()


class CheckSkippedError(Exception):
    """The check can't be run here, for a reason that is not the server's fault."""


class UnusableResponseError(Exception):
    """A response that the check depends on is missing or malformed.

    The missing or malformed response is reported as a finding of its own.
    """


def expect(condition: bool, message: str, response: Response | None = None) -> None:
    """Raise `CheckFailedError` with the message if the condition is false."""
    if not condition:
        raise CheckFailedError(message, response)


def expect_rejected(response: Response, what: str) -> None:
    """Expect that the server rejected a request as invalid."""
    if response.status not in VALIDATION_STATUSES:
        raise CheckFailedError(f"{what}: status {response.status}, not 400", response)


def expect_status(response: Response, status: int, what: str) -> None:
    """Expect a status."""
    if response.status != status:
        raise CheckFailedError(f"{what}: status {response.status}, not {status}", response)


def expect_object(response: Response, what: str) -> Dict[str, Any]:
    """Expect a success, and return the object in its envelope.

    Raises:
        CheckFailedError: The status is not 2xx.
        UnusableResponseError: The envelope contains no object.
    """
    if not response.is_success:
        raise CheckFailedError(f"{what}: status {response.status}", response)
    if not isinstance(response.data, dict):
        raise UnusableResponseError(f"{what}: the response has no object in its envelope")
    data: Dict[str, Any] = response.data
    return data


def expect_items(response: Response, what: str) -> List[Any]:
    """Expect a success, and return the items of the page in its envelope.

    Raises:
        CheckFailedError: The status is not 2xx.
        UnusableResponseError: The envelope contains no list.
    """
    if not response.is_success:
        raise CheckFailedError(f"{what}: status {response.status}", response)
    if not isinstance(response.data, list):
        raise UnusableResponseError(f"{what}: the response has no list in its envelope")
    data: List[Any] = response.data
    return data


def expect_fields(
    shown: Mapping[str, Any], expected: Mapping[str, Any], response: Response
) -> None:
    """Expect that an object has these fields with these values. Other fields are ignored."""
    for name, value in expected.items():
        if name not in shown or not _equal(shown[name], value):
            actual = repr(shown.get(name))[:_MAX_SHOWN_CHARACTERS]
            wanted = repr(value)[:_MAX_SHOWN_CHARACTERS]
            raise CheckFailedError(f"{name} is {actual}, not {wanted}", response)


def _equal(left: Any, right: Any) -> bool:
    """Compare JSON values; unlike Python, `true` and 1 differ."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_equal(left[k], right[k]) for k in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_equal, left, right))
    return bool(isinstance(left, bool) is isinstance(right, bool) and left == right)
