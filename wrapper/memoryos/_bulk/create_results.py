"""Inputs and results of `memories.create_many`."""

from __future__ import annotations

from array import array
from collections import abc
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Callable, Dict, Mapping, NamedTuple, Optional, Type, cast

from memoryos._protocol.argument_errors import invalid_argument, shown
from memoryos._protocol.canonical_json import canonical_json
from memoryos._protocol.idempotency_keys import item_key, new_key
from memoryos._protocol.operations import argument_names, create_memory
from memoryos.exceptions import ConflictError, MemoryOSError, NotFoundError, ValidationError

from .create_order import Turn, ordering_keys
from .replays import KeyGenerations

if TYPE_CHECKING:
    from memoryos.types import Memory

    from .create_order import OrderingKeys

# Progress callback: called after each result with the number of results so far and the total, or
# None if the total is unknown.
Progress = Callable[[int, Optional[int]], object]

_ITEM_RULE = "must be a string or a dict"
# Reading the elements of these doesn't change them, so that all can be checked before the first is
# sent. An iterator, or an object that wraps one, can be read only once.
_REREADABLE = (abc.Sequence, abc.Set, abc.ValuesView)
_TEXTS = (str, bytes, bytearray, memoryview, array)


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


class CreateJob(NamedTuple):
    """One item to create. `error` is set if the item is invalid and must not be sent."""

    index: int  # type: ignore[assignment] # a tuple has a method of this name
    arguments: Mapping[str, Any]
    idempotency_key: str
    ordering_keys: OrderingKeys = ()
    may_be_replayed: bool = False
    """Whether an earlier call may have used the key."""
    error: Optional[MemoryOSError] = None

    def result(
        self,
        memory: Optional[Memory] = None,
        error: Optional[MemoryOSError] = None,
        *,
        key: Optional[str] = None,
    ) -> CreateResult:
        """Return the result of this job.

        Args:
            memory: The created memory.
            error: The error.
            key: The key that created the memory, if it is another one than the job's.
        """
        used = self.idempotency_key if key is None else key
        return CreateResult(self.index, self.arguments, used, memory, error)

    def key_generations(self) -> KeyGenerations:
        """Return the keys to send, one after another."""
        return KeyGenerations(self.idempotency_key)


class CreateJobs:
    """Makes the jobs of one call, with their idempotency keys.

    Args:
        batch: Name that the idempotency keys are derived from, together with each item and its
            position. The same batch with the same items gives the same keys. Default: random keys.
    """

    def __init__(self, batch: Optional[str]) -> None:
        self._name = batch or ""
        self._is_named = batch is not None
        self._known = argument_names("create_memory") - {"upsert", "upsert_within"}
        self._defaults = {
            name: canonical_json(argument.default)
            for name, argument in create_memory.arguments.items()
            if argument.default is not None
        }

    def turn(self, index: int, item: Any) -> Turn[CreateJob]:
        """Return the job of an item with its ordering keys.

        Raises:
            ValidationError: The item is neither a string nor a mapping.
        """
        job = self.job(index, item)
        return Turn(job, job.ordering_keys)

    def job(self, index: int, item: Any) -> CreateJob:
        """Return the job of an item.

        Raises:
            ValidationError: The item is neither a string nor a mapping.
        """
        if isinstance(item, str):
            arguments: Dict[str, Any] = {"content": item}
            return CreateJob(
                index, arguments, self._key(index, arguments), may_be_replayed=self._is_named
            )
        if not isinstance(item, (dict, abc.Mapping)):
            raise _invalid_item(index, item)
        arguments = dict(cast("Mapping[str, Any]", item))
        own_key = arguments.pop("idempotency_key", None)
        key = self._key(index, arguments) if own_key is None else own_key
        return CreateJob(
            index,
            arguments,
            key,
            ordering_keys(arguments, own_key),
            may_be_replayed=self._is_named or own_key is not None,
            error=self._unknown_arguments(index, arguments),
        )

    def _key(self, index: int, arguments: Mapping[str, Any]) -> str:
        if not self._is_named:
            return new_key()
        given = {
            name: value
            for name, value in arguments.items()
            if value is not None and not self._is_default(name, value)
        }
        parent = given.get("parent_memory_id")
        if isinstance(parent, str):
            given["parent_memory_id"] = parent.lower()  # as it is sent
        return item_key(self._name, index, given)

    def _is_default(self, name: str, value: object) -> bool:
        try:
            return name in self._defaults and canonical_json(value) == self._defaults[name]
        except (TypeError, ValueError, RecursionError):
            return False

    def _unknown_arguments(
        self, index: int, arguments: Mapping[str, Any]
    ) -> Optional[MemoryOSError]:
        unknown = sorted(map(str, arguments.keys() - self._known))
        if not unknown:
            return None
        allowed = ", ".join(sorted(self._known - {"idempotency_key"}))
        rule = f"must contain only arguments of create: {allowed}"
        return invalid_argument(f"items[{index}]", ", ".join(unknown), rule)


def is_rejection(arguments: Mapping[str, Any], error: MemoryOSError) -> bool:
    """Return whether the service can't take one memory, but may take others.

    Args:
        arguments: The arguments of the call that failed.
        error: The error.
    """
    if isinstance(error, NotFoundError):
        return arguments.get("parent_memory_id") is not None
    is_too_large = error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return is_too_large or isinstance(error, (ValidationError, ConflictError))


def _class_of(value: object) -> Type[object]:
    return type(value)


def check_items(items: Any, *, may_be_async: bool) -> None:
    """Check what can be known of the items before the first is sent.

    Args:
        items: The argument `items`.
        may_be_async: Whether it may be an asynchronous iterable.

    Raises:
        ValidationError: It is no iterable of strings and mappings.
    """
    kind = _class_of(items)
    name = _type_name(items)
    if issubclass(kind, (*_TEXTS, abc.Mapping)) or _is_like_a_mapping(kind):
        rule = "must be an iterable of strings or dicts, such as a list; use create for one memory"
        raise invalid_argument("items", name, rule)
    if issubclass(kind, abc.AsyncIterable):
        if may_be_async:
            return
        rule = "must be an iterable that is not asynchronous; use AsyncMemoryOS for this one"
        raise invalid_argument("items", name, rule)
    if not issubclass(kind, abc.Iterable) and not hasattr(kind, "__getitem__"):
        raise invalid_argument("items", shown(items), "must be an iterable of strings or dicts")
    if issubclass(kind, _REREADABLE):
        for index, item in enumerate(items):
            if not isinstance(item, (str, dict, abc.Mapping)):
                raise _invalid_item(index, item)


def _is_like_a_mapping(kind: Type[object]) -> bool:
    """Return whether `dict` reads a type as a mapping, such as a data frame of pandas."""
    return hasattr(kind, "keys") and hasattr(kind, "__getitem__")


def length_of(items: object) -> Optional[int]:
    """Return the number of items, or None if it is unknown.

    A class may have a length that some of its objects don't have, as data loaders of PyTorch do.
    """
    try:
        return len(items) if isinstance(items, abc.Sized) else None
    except (TypeError, NotImplementedError):
        return None


def check_batch(batch: Any) -> None:
    """Check the name of a batch.

    Raises:
        ValidationError: It is not a string, or empty.
    """
    if batch is not None and (not isinstance(batch, str) or not batch):
        raise invalid_argument("batch", shown(batch), "must be a string of at least 1 character")


def _invalid_item(index: int, item: object) -> MemoryOSError:
    return invalid_argument(f"items[{index}]", _type_name(item), _ITEM_RULE)


def _type_name(value: object) -> str:
    return f"a value of type {type(value).__name__}"
