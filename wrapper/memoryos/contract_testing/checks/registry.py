"""What a check is, and how a function becomes one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, List

if TYPE_CHECKING:
    from memoryos.contract_testing.target import Target

__all__ = ["Check", "Checks"]


@dataclass(frozen=True)
class Check:
    """A claim about one operation.

    `run` raises `CheckFailedError` where the claim is wrong, `CheckSkippedError` where it can't be checked here.
    """

    operation: str
    name: str
    sentence: str
    run: Callable[[Target], None]
    assumed: bool = False


class Checks(List[Check]):
    """The checks of one module, collected by the decorator `shows`."""

    def register(
        self, operation: str, *, assumed: bool = False
    ) -> Callable[[Callable[[Target], None]], Callable[[Target], None]]:
        """Make the decorated function a check; its docstring is the sentence on what it shows.

        Args:
            operation: the operation that it belongs to.
            assumed: whether it rests on something that the contract marks as assumed.
        """

        def add(function: Callable[[Target], None]) -> Callable[[Target], None]:
            name = function.__name__.replace("_", "-")
            sentence = (function.__doc__ or "").strip().replace("\n    ", " ")
            self.append(Check(operation, name, sentence, function, assumed))
            return function

        return add
