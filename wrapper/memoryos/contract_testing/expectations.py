"""What a check says of what it saw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Mapping

if TYPE_CHECKING:
    from .http_messages import Response

__all__ = ["CheckFailedError", "CheckSkippedError", "UnusableResponseError", "expect", "items", "refused", "succeeded"]

VALIDATION_STATUSES = (400, 422)
"""What a request that breaks a rule is answered with; the contract reads both alike."""


class CheckFailedError(Exception):  # noqa: N818 - it says what became of a check
    """The server does not do what the check shows."""

    def __init__(self, message: str, response: Response | None = None) -> None:
        super().__init__(message)
        self.request = "" if response is None else response.request.describe()


class CheckSkippedError(Exception):  # noqa: N818
    """The check can't be made here, for a reason that is no fault of the server."""


class UnusableResponseError(Exception):  # noqa: N818
    """An response that the check builds on is missing or broken, which is a finding of its own."""


def expect(condition: bool, message: str, response: Response | None = None) -> None:
    """Raise `CheckFailedError` with the message where the condition does not hold."""
    if not condition:
        raise CheckFailedError(message, response)


def expect_rejected(response: Response, what: str) -> None:
    """Expect that a request which breaks a rule was refused as one."""
    if response.status not in VALIDATION_STATUSES:
        raise CheckFailedError(f"{what} is answered with {response.status}, not 400", response)


def expect_status(response: Response, status: int, what: str) -> None:
    """Expect a status."""
    if response.status != status:
        raise CheckFailedError(f"{what} is answered with {response.status}, not {status}", response)


def expect_object(response: Response, what: str) -> Dict[str, Any]:
    """Expect a success, and return what its envelope holds.

    Raises:
        UnusableResponseError: the envelope holds no object.
    """
    if not response.is_success:
        raise CheckFailedError(f"{what} is answered with {response.status}", response)
    if not isinstance(response.data, dict):
        raise UnusableResponseError(f"{what}: the response has no object in its envelope")
    data: Dict[str, Any] = response.data
    return data


def expect_items(response: Response, what: str) -> List[Any]:
    """Expect a success, and return the items of its page.

    Raises:
        UnusableResponseError: there are none to read.
    """
    if not response.is_success:
        raise CheckFailedError(f"{what} is answered with {response.status}", response)
    if not isinstance(response.data, list):
        raise UnusableResponseError(f"{what}: the response has no list in its envelope")
    data: List[Any] = response.data
    return data


def expect_fields(shown: Mapping[str, Any], wanted: Mapping[str, Any], response: Response) -> None:
    """Expect that the fields in `wanted` are shown with these values."""
    for name, value in wanted.items():
        if name not in shown or not _equal(shown[name], value):
            got = repr(shown.get(name))[:120]
            raise CheckFailedError(f"{name} is {got}, not {repr(value)[:120]}", response)


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_equal(left[k], right[k]) for k in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_equal, left, right))
    return bool(isinstance(left, bool) is isinstance(right, bool) and left == right)
