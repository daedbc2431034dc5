"""What the generated functions raise, if `raise_on_unexpected_status` is on."""

from __future__ import annotations


class _UnexpectedAnswer(Exception):
    def __init__(self, status_code: int, content: bytes) -> None:
        self.status_code = status_code
        self.content = content
        super().__init__(status_code, content)

    def __str__(self) -> str:
        return f"{self.__doc__} (status {self.status_code}, {len(self.content)} bytes)"


class UnexpectedStatus(_UnexpectedAnswer):
    """The service answered with a status that the contract does not document."""


class UnexpectedBody(_UnexpectedAnswer):
    """The service answered with a body that is not what the contract says."""


__all__ = ["UnexpectedBody", "UnexpectedStatus"]
