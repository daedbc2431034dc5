"""Wrapper that keeps a value out of reprs, logs, tracebacks and pickles."""

from __future__ import annotations

from typing import Generic, Tuple, TypeVar

V = TypeVar("V")


class Secret(Generic[V]):
    """A value that is hidden in reprs, logs and tracebacks and can't be pickled."""

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
