"""Definition of a check, and a decorator that registers functions as checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, List

if TYPE_CHECKING:
    from memoryos.contract_testing.target import Target

__all__ = ["Check", "Checks"]


@dataclass(frozen=True)
class Check:
    """A test of one operation.

    Attributes:
        operation: Id of the operation.
        name: Name of the check, unique for the operation.
        description: The rule that the check tests, as a sentence.
        run: Runs the check. It raises `CheckFailedError` if the server violates the rule and
            `CheckSkippedError` if the check can't be run.
        assumed: The rule depends on a part of the contract that is marked as assumed.
        feature: The feature that the server must name; empty for none.
    """

    operation: str
    name: str
    description: str
    run: Callable[[Target], None]
    assumed: bool = False
    feature: str = ""


class Checks(List[Check]):
    """The checks of one module, collected by the decorator `register`."""

    def register(
        self, operation: str, *, assumed: bool = False, feature: str = ""
    ) -> Callable[[Callable[[Target], None]], Callable[[Target], None]]:
        """Register the decorated function as a check. Its docstring is the description.

        Args:
            operation: Id of the operation.
            assumed: The rule depends on a part of the contract that is marked as assumed.
            feature: The feature that the server must name. A server that names it must keep its
                rules, so that they aren't assumed.
        """

        def add(function: Callable[[Target], None]) -> Callable[[Target], None]:
            name = function.__name__.replace("_", "-")
            description = (function.__doc__ or "").strip().replace("\n    ", " ")
            self.append(Check(operation, name, description, function, assumed, feature))
            return function

        return add
