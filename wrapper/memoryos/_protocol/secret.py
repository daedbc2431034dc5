"""Secrets: values that never appear in a repr, a log, a traceback or a pickle."""

from __future__ import annotations

from typing import Generic, Tuple, TypeVar

V = TypeVar("V")


class Secret(Generic[V]):
    """A value that no repr, log or traceback shows, and that no pickle holds."""

    __slots__ = ("_value",)

    def __init__(self, value: V) -> None:
        self._value = value

    def reveal(self) -> V:
        """Return the value itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> Tuple[object, ...]:
        raise TypeError("A secret can't be pickled.")
