"""What a check says of what it saw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Mapping

if TYPE_CHECKING:
    from .exchanges import Answer

__all__ = ["Failed", "Skipped", "Unusable", "expect", "items", "refused", "succeeded"]

REFUSALS = (400, 422)
"""What a request that breaks a rule is answered with; the contract reads both alike."""


class Failed(Exception):  # noqa: N818 - it says what became of a check
    """The server does not do what the check shows."""

    def __init__(self, message: str, answer: Answer | None = None) -> None:
        super().__init__(message)
        self.request = "" if answer is None else answer.request.describe()


class Skipped(Exception):  # noqa: N818
    """The check can't be made here, for a reason that is no fault of the server."""


class Unusable(Exception):  # noqa: N818
    """An answer that the check builds on is missing or broken, which is a finding of its own."""


def expect(condition: bool, message: str, answer: Answer | None = None) -> None:
    """Raise `Failed` with the message where the condition does not hold."""
    if not condition:
        raise Failed(message, answer)


def refused(answer: Answer, what: str) -> None:
    """Expect that a request which breaks a rule was refused as one."""
    if answer.status not in REFUSALS:
        raise Failed(f"{what} is answered with {answer.status}, not 400", answer)


def answered(answer: Answer, status: int, what: str) -> None:
    """Expect a status."""
    if answer.status != status:
        raise Failed(f"{what} is answered with {answer.status}, not {status}", answer)


def succeeded(answer: Answer, what: str) -> Dict[str, Any]:
    """Expect a success, and return what its envelope holds.

    Raises:
        Unusable: the envelope holds no object.
    """
    if not answer.is_success:
        raise Failed(f"{what} is answered with {answer.status}", answer)
    if not isinstance(answer.data, dict):
        raise Unusable(f"{what}: the answer has no object in its envelope")
    data: Dict[str, Any] = answer.data
    return data


def items(answer: Answer, what: str) -> List[Any]:
    """Expect a success, and return the items of its page.

    Raises:
        Unusable: there are none to read.
    """
    if not answer.is_success:
        raise Failed(f"{what} is answered with {answer.status}", answer)
    if not isinstance(answer.data, list):
        raise Unusable(f"{what}: the answer has no list in its envelope")
    data: List[Any] = answer.data
    return data


def same(shown: Mapping[str, Any], wanted: Mapping[str, Any], answer: Answer) -> None:
    """Expect that the fields in `wanted` are shown with these values."""
    for name, value in wanted.items():
        if name not in shown or not _equal(shown[name], value):
            got = repr(shown.get(name))[:120]
            raise Failed(f"{name} is {got}, not {repr(value)[:120]}", answer)


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_equal(left[k], right[k]) for k in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_equal, left, right))
    return bool(isinstance(left, bool) is isinstance(right, bool) and left == right)
