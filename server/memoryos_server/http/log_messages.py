"""Messages of the log that are a text for people, and fields for programs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

__all__ = ["StructuredMessage"]


class StructuredMessage(ABC):
    """The `msg` of a log record."""

    @abstractmethod
    def __str__(self) -> str:
        """Return the text for people."""

    @abstractmethod
    def fields(self) -> dict[str, Any]:
        """Return JSON values by name, among them `message`, a short text."""
