"""Types and helpers of the generated modules."""

from __future__ import annotations

import datetime
import enum
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Callable, Generic, Literal, NamedTuple, Optional, TypeVar
from urllib.parse import quote
from uuid import UUID

from .errors import UnexpectedBody

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")


class Unset:
    """The type of UNSET, which stands for a missing value; None is a value."""

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Unset = Unset()


class Request(NamedTuple):
    """An HTTP request below the base URL; names and places are the contract's."""

    method: str
    """In capitals."""
    path: str
    """With the path parameters in it, escaped."""
    query: Mapping[str, Any] = MappingProxyType({})
    headers: Mapping[str, Any] = MappingProxyType({})
    body: Optional[Mapping[str, Any]] = None
    """The JSON object to send; None for none."""

    def for_httpx(self) -> dict[str, Any]:
        """Return the arguments of `httpx.Client.request`."""
        headers = {name: text(value) for name, value in self.headers.items()}
        arguments: dict[str, Any] = {"method": self.method, "url": self.path, "headers": headers}
        if self.query:
            arguments["params"] = self.query
        if self.body is not None:
            headers["Content-Type"] = "application/json"
            arguments["content"] = json.dumps(
                self.body, ensure_ascii=False, allow_nan=False, separators=(",", ":")
            ).encode()
        return arguments


class Response(Generic[T]):
    """An HTTP response.

    Attributes:
        status_code: The status, documented or not.
        content: The body.
        headers: The headers; their names are case-insensitive.
        parsed: The model of the body; None if there is none or it could not be read.
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
    """Return a path parameter, escaped so that it stays in its segment.

    Raises:
        ValueError: The value is empty, `.` or `..`, which can't be escaped.
    """
    segment = str(plain(value))
    if segment in ("", ".", ".."):
        raise ValueError(f"{name} must not be {segment!r}: it would name another resource")
    return quote(segment, safe="")


def given(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters that have a value, as JSON has them."""
    return {
        name: value if type(value) in _JSON_SCALARS else to_json(value)
        for name, value in parameters.items()
        if value is not UNSET and value is not None
    }


_JSON_SCALARS = frozenset({str, int, float, bool})


def text(value: Any) -> str:
    """Return the value of a header as text: `true` for True."""
    return str(value).lower() if isinstance(value, bool) else str(plain(value))


def plain(value: Any) -> Any:
    """Return a string or a number without its subclass, which may have a `__str__` of its own."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return int.__int__(value)
    return float.__float__(value) if isinstance(value, float) else value


def parse_datetime(value: str) -> datetime.datetime:
    """Parse a time in ISO 8601, `Z` included, on every Python version."""
    from dateutil.parser import isoparse  # type: ignore[import-untyped,unused-ignore]

    parsed: datetime.datetime = isoparse(value)
    return parsed


def read(parse: Callable[[Any], T], value: Any) -> T:
    """Parse one value of a response; return it unchanged if it does not match the contract."""
    if isinstance(value, Unset):
        return value  # type: ignore[return-value]
    try:
        return parse(value)
    except (TypeError, ValueError, AttributeError, KeyError):
        return value  # type: ignore[no-any-return]


def read_body(parse: Callable[[Any], T], response: "httpx.Response", strict: bool) -> Optional[T]:
    """Parse the body of a response; return None if it does not match the contract.

    Raises:
        UnexpectedBody: The body does not match, and `strict` is on.
    """
    try:
        return parse(response.json())
    except (TypeError, ValueError, AttributeError, KeyError, RecursionError) as error:
        if strict:
            raise UnexpectedBody(response.status_code, response.content) from error
        return None


def to_json(value: Any) -> Any:
    """Return a value of a model as JSON has it."""
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
    return plain(value.value if isinstance(value, enum.Enum) else value)


__all__ = [
    "UNSET",
    "Request",
    "Response",
    "Unset",
    "given",
    "parse_datetime",
    "path_segment",
    "plain",
    "read",
    "read_body",
    "text",
    "to_json",
]
