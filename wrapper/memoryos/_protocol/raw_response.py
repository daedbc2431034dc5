"""A result with the HTTP response around it, for `with_raw_response`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Mapping, Optional, TypeVar, cast

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
