"""One call of an operation, checked and ready to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, FrozenSet, Generic, Mapping, Optional, TypeVar

from .features import NO_FEATURES

if TYPE_CHECKING:
    from .responses import ResponseKind

T = TypeVar("T")


@dataclass(repr=False)
class Call(Generic[T]):
    """What to send, below the base URL, and how to read the response; `T` is what it returns."""

    name: str
    """The operationId; empty for a request that is no operation of the contract."""
    method: str
    path: str
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    """By lower-case names."""
    content: Optional[bytes]
    response_kind: ResponseKind
    result: str
    """The contract's schema of what the call returns; empty for none."""
    features: FrozenSet[str] = NO_FEATURES
    """The features that the service must name before the call is sent."""

    def __repr__(self) -> str:
        return f"Call({self.name}, {self.method} {self.path})"  # content is private
