"""Creating many memories: what goes in, what comes out, and the keys that make it repeatable."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable, Iterable, Iterator, Mapping, Optional, Union

from memoryos._protocol import json_codec
from memoryos._protocol.argument_errors import invalid_argument
from memoryos._protocol.operations import argument_names

if TYPE_CHECKING:
    from memoryos.exceptions import MemoryOSError
    from memoryos.types import Memory

# What is called after each result: how many there are, and how many there will be, if known.
Progress = Callable[[int, Optional[int]], object]


@dataclass(frozen=True)
class Created:
    """What became of one item: a memory, or the error that its creation ended with."""

    index: int
    """The item's position in the iterable, from 0."""
    item: Mapping[str, Any] = field(repr=False)
    """The item, as the arguments of `create`."""
    idempotency_key: str
    """The key that it was sent with: to send it again with this key creates nothing twice."""
    memory: Optional[Memory] = field(default=None, repr=False)
    """The memory, where it was created."""
    error: Optional[MemoryOSError] = None
    """What went wrong, where it was not."""

    @property
    def ok(self) -> bool:
        """Whether the memory was created."""
        return self.error is None


@dataclass(frozen=True)
class Job:
    """One item to create, or the reason why it can't be."""

    index: int
    arguments: Mapping[str, Any]
    idempotency_key: str
    error: Optional[MemoryOSError] = None

    def result(
        self, memory: Optional[Memory] = None, error: Optional[MemoryOSError] = None
    ) -> Created:
        """Return what became of it."""
        return Created(self.index, self.arguments, self.idempotency_key, memory, error)


def jobs(items: Iterable[Union[str, Mapping[str, Any]]], batch: Optional[str]) -> Iterator[Job]:
    """Yield the items as jobs, each with its own key.

    Args:
        items: Contents, or dicts with the arguments of `create`.
        batch: What the keys are made from, together with each item and its position. The same
            batch and the same items give the same keys. Default: another one every time.
    """
    name = batch or uuid.uuid4().hex
    known = {*argument_names("create_memory")}
    for index, item in enumerate(items):
        if not isinstance(item, (str, Mapping)):
            error = invalid_argument(
                f"items[{index}]", type(item).__name__, "must be a string or a dict"
            )
            yield Job(index, {}, "", error)
            continue
        arguments = {"content": item} if isinstance(item, str) else dict(item)
        key = arguments.pop("idempotency_key", None) or _key(name, index, arguments)
        unknown = sorted(map(str, arguments.keys() - known))
        rule = f"must hold arguments of create: {', '.join(sorted(known - {'idempotency_key'}))}"
        wrong = invalid_argument(f"items[{index}]", ", ".join(unknown), rule) if unknown else None
        yield Job(index, arguments, key, wrong)


def _key(batch: str, index: int, arguments: Mapping[str, Any]) -> str:
    try:
        content = json_codec.encode(arguments)
    except (TypeError, ValueError, RecursionError):
        content = b""  # it will be refused before it is sent
    return hashlib.sha256(b"%s\n%d\n%s" % (batch.encode("utf-8"), index, content)).hexdigest()
