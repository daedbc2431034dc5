"""An answer with everything around it, for `with_raw_response`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Mapping, Optional, TypeVar, cast

from . import responses
from .responses import Expected

if TYPE_CHECKING:
    from .retries import Finished

T = TypeVar("T")
M = TypeVar("M")


@dataclass(frozen=True)
class RawResponse(Generic[T, M]):
    """What a call came to: the answer, and what was around it."""

    status: int
    """The HTTP status."""
    headers: Mapping[str, str] = field(repr=False)
    """The answer's headers, by lower-case names."""
    request_id: Optional[str]
    """The service's name for the request."""
    attempts: int
    """How many requests were sent."""
    elapsed: float
    """Seconds that the whole call took, its waits included."""
    data: T = field(repr=False)
    """What the method hands out by itself: a dict."""
    _model: str = field(repr=False)
    _expected: Expected = field(repr=False)

    @property
    def parsed(self) -> M:
        """The same as an object of the generated models, made when it is asked for."""
        from memoryos_api import models

        model = getattr(models, self._model)
        if self._expected is Expected.PAGE:
            return cast("M", model.from_dict(self.data))
        return cast("M", model.from_dict({"data": self.data, "meta": {}}).data)


def raw_response(
    finished: Finished, elapsed: float, model: str, expected: Expected
) -> RawResponse[Any, Any]:
    """Return what a call came to, with everything around it."""
    answer = finished.answer
    return RawResponse(
        answer.status,
        answer.headers,
        responses.request_id(answer),
        finished.attempts,
        elapsed,
        finished.data,
        model,
        expected,
    )
