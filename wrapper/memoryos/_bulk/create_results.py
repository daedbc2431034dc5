"""Inputs and results of `memories.create_many`."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable, Iterable, Iterator, Mapping, Optional, Union

from memoryos._protocol.argument_errors import invalid_argument
from memoryos._protocol.idempotency_keys import item_key
from memoryos._protocol.operations import argument_names

if TYPE_CHECKING:
    from memoryos.exceptions import MemoryOSError
    from memoryos.types import Memory

# Progress callback: called after each result with the number of results so far and the total, or
# None if the total is unknown.
Progress = Callable[[int, Optional[int]], object]


@dataclass(frozen=True)
class CreateResult:
    """Result for one item of `create_many`: the stored memory, or the error.

    Exactly one of `memory` and `error` is set.
    """

    index: int
    """Position of the item in the iterable, starting at 0."""
    item: Mapping[str, Any] = field(repr=False)
    """The item, as keyword arguments of `memories.create`."""
    idempotency_key: str
    """Idempotency key of the request. Retrying with the same key never creates a duplicate."""
    memory: Optional[Memory] = field(default=None, repr=False)
    """The created memory, or None if the item failed."""
    error: Optional[MemoryOSError] = None
    """The error, or None if the memory was created."""

    @property
    def ok(self) -> bool:
        """True if the memory was created."""
        return self.error is None


@dataclass(frozen=True)
class CreateJob:
    """One item to create. `error` is set if the item is invalid and must not be sent."""

    index: int
    arguments: Mapping[str, Any]
    idempotency_key: str
    error: Optional[MemoryOSError] = None

    def result(
        self, memory: Optional[Memory] = None, error: Optional[MemoryOSError] = None
    ) -> CreateResult:
        """Return the result of this job."""
        return CreateResult(self.index, self.arguments, self.idempotency_key, memory, error)


def create_jobs(
    items: Iterable[Union[str, Mapping[str, Any]]], batch: Optional[str]
) -> Iterator[CreateJob]:
    """Yield one job for each item, with its idempotency key.

    Args:
        items: Contents, or dicts with the arguments of `memories.create`.
        batch: Name that the idempotency keys are derived from, together with each item and its
            position. The same batch with the same items gives the same keys. Default: a random
            name.

    Yields:
        The jobs, in the order of the items.
    """
    name = batch or uuid.uuid4().hex
    known = {*argument_names("create_memory")}
    for index, item in enumerate(items):
        if not isinstance(item, (str, Mapping)):
            error = invalid_argument(
                f"items[{index}]", type(item).__name__, "must be a string or a dict"
            )
            yield CreateJob(index, {}, "", error)
            continue
        arguments = {"content": item} if isinstance(item, str) else dict(item)
        key = arguments.pop("idempotency_key", None) or item_key(name, index, arguments)
        unknown = sorted(map(str, arguments.keys() - known))
        allowed = ", ".join(sorted(known - {"idempotency_key"}))
        rule = f"must contain only arguments of create: {allowed}"
        wrong = invalid_argument(f"items[{index}]", ", ".join(unknown), rule) if unknown else None
        yield CreateJob(index, arguments, key, wrong)
