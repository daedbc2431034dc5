"""A result with the HTTP response around it, for `with_raw_response`."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import FunctionType
from typing import TYPE_CHECKING, Any, Generic, Mapping, Optional, TypeVar, cast

from memoryos._imports import importing

from . import responses

if TYPE_CHECKING:
    from memoryos_api import models as models  # noqa: PLC0414 - a re-export

    from .calls import Call
    from .retries import CallResult

T = TypeVar("T")
M = TypeVar("M")


@dataclass(frozen=True)
class RawResponse(Generic[T, M]):
    """The result of a call, with status, headers and the number of attempts."""

    status: int
    """The HTTP status."""
    headers: Mapping[str, str] = field(repr=False)
    """The response's headers, by lower-case names."""
    request_id: Optional[str]
    """The id of the request, to quote in a support request."""
    attempts: int
    """How many requests were sent."""
    elapsed: float
    """How long the whole call took, in seconds, waits included."""
    data: T = field(repr=False)
    """What the method returns without `with_raw_response`: a dict."""
    _schema: str = field(repr=False)

    @property
    def parsed(self) -> M:
        """`data` as an object of the generated models, built when you read it."""
        with importing():
            from memoryos_api import models
        return cast("M", getattr(models, self._schema).from_dict(self.data))


def raw_response(call: Call[T], result: CallResult, elapsed: float) -> RawResponse[T, Any]:
    """Return the result of a call, with the HTTP response around it."""
    response = result.response
    return RawResponse(
        response.status,
        response.headers,
        responses.request_id(response),
        result.attempts,
        elapsed,
        result.data,
        call.result,
    )


def with_raw_result(method: FunctionType) -> FunctionType:
    """Return a copy of a method whose annotation and docstring name a `RawResponse`.

    The copy runs the same code: what it returns depends on the session that it is called with.
    """
    copy = FunctionType(
        method.__code__,
        method.__globals__,
        method.__name__,
        method.__defaults__,
        method.__closure__,
    )
    copy.__kwdefaults__ = method.__kwdefaults__
    copy.__qualname__ = method.__qualname__
    copy.__module__ = method.__module__
    result = method.__annotations__["return"]
    annotation = f"RawResponse[types.{result}, models.{result}]"
    copy.__annotations__ = {**method.__annotations__, "return": annotation}
    copy.__doc__ = _with_raw_returns(method.__doc__ or "")
    return copy


def _with_raw_returns(docstring: str) -> str:
    """Return a docstring with another text in its section `Returns`."""
    before, heading, rest = docstring.partition("Returns:\n")
    returns, blank_line, after = rest.partition("\n\n")
    indent = returns[: len(returns) - len(returns.lstrip())]
    text = f"{indent}A `RawResponse` with the result as `data`." if heading else returns
    return f"{before}{heading}{text}{blank_line}{after}"
