"""What the generated modules share."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Callable, Generic, Literal, Optional, TypeVar
from urllib.parse import quote
from uuid import UUID

from .errors import UnexpectedBody

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")


class Unset:
    """The type of UNSET: a value that was not given, which is not the same as None."""

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Unset = Unset()


class Response(Generic[T]):
    """An answer.

    Attributes:
        status_code: Its status, also one that the contract does not know.
        content: Its body as bytes.
        headers: Its headers; upper and lower case are the same.
        parsed: The model of its body; None where there is none or it could not be read.
    """

    __slots__ = ("content", "headers", "parsed", "status_code")

    def __init__(
        self, status_code: int, content: bytes, headers: Mapping[str, str], parsed: Optional[T]
    ) -> None:
        self.status_code = status_code
        self.content = content
        self.headers = headers
        self.parsed = parsed

    def __repr__(self) -> str:
        return f"<Response {self.status_code}, {len(self.content)} bytes>"


def path_segment(name: str, value: object) -> str:
    """Write a path parameter so that it stays in its segment.

    Raises:
        ValueError: The value is empty, `.` or `..`, which no escape keeps in its place.
    """
    text = str(value)
    if text in ("", ".", ".."):
        raise ValueError(f"{name} must not be {text!r}: it would name another resource")
    return quote(text, safe="")


def parse_datetime(value: str) -> datetime.datetime:
    """Read a time in ISO 8601, `Z` included, on every Python."""
    from dateutil.parser import isoparse  # type: ignore[import-untyped,unused-ignore]

    parsed: datetime.datetime = isoparse(value)
    return parsed


def read(parse: Callable[[Any], T], value: Any) -> T:
    """Parse one value of an answer; what the contract does not foresee stays as it came."""
    if isinstance(value, Unset):
        return value  # type: ignore[return-value]
    try:
        return parse(value)
    except (TypeError, ValueError, AttributeError, KeyError):
        return value  # type: ignore[no-any-return]


def read_body(parse: Callable[[Any], T], response: "httpx.Response", strict: bool) -> Optional[T]:
    """Parse the body of an answer.

    Raises:
        UnexpectedBody: `strict` is on, and the body is not what the contract says.
    """
    try:
        return parse(response.json())
    except (TypeError, ValueError, AttributeError, KeyError, RecursionError) as error:
        if strict:
            raise UnexpectedBody(response.status_code, response.content) from error
        return None


def to_json(value: Any) -> Any:
    """Write a value of a model as JSON has it."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value.value if isinstance(value, enum.Enum) else value


__all__ = [
    "UNSET",
    "Response",
    "Unset",
    "parse_datetime",
    "path_segment",
    "read",
    "read_body",
    "to_json",
]
