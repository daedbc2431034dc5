"""`with_raw_response`: the methods of the resources, with the HTTP response around each result.

The methods are those of `resources`; they return something else because their session does. What
stands here is their types and documentation: each keeps its own parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Coroutine,
    Generic,
    Mapping,
    TypeVar,
    cast,
    overload,
)

from memoryos._protocol.operations import build_call
from memoryos._protocol.raw_response import RawResponse, raw_response, with_raw_result

from .resources import (
    AsyncEntities,
    AsyncMemoryOperations,
    AsyncResource,
    AsyncSearchOperations,
    AsyncTags,
)

if TYPE_CHECKING:
    from typing_extensions import Concatenate, ParamSpec

    from memoryos import types
    from memoryos._protocol.operations import Operation
    from memoryos._protocol.raw_response import models

    from .session import AsyncSession

    P = ParamSpec("P")
    R = TypeVar("R")

    class _RawMethod(Generic[P, R]):
        """A method with the parameters `P` that returns `R`."""

        def __get__(self, instance: object, owner: object) -> Callable[P, Coroutine[Any, Any, R]]:
            raise NotImplementedError

    Method = Callable[Concatenate[Any, P], Coroutine[Any, Any, R]]

T = TypeVar("T")


@dataclass(frozen=True)
class AsyncRawSession:
    """A session whose calls return a `RawResponse`."""

    session: AsyncSession

    async def call(
        self, operation: Operation[T], arguments: Mapping[str, Any]
    ) -> RawResponse[T, Any]:
        """Send an operation, and return its result with the HTTP response around it."""
        session = self.session
        call = build_call(operation, arguments)
        await session.require(call, arguments)
        started = session.clock.monotonic()
        result = await session.send(call, session.policy)
        return raw_response(call, result, session.clock.monotonic() - started)


# The dict type and the model of each result.


@overload
def raw(
    method: Method[P, types.Memory],
) -> _RawMethod[P, RawResponse[types.Memory, models.Memory]]: ...
@overload
def raw(
    method: Method[P, types.MemoryPage],
) -> _RawMethod[P, RawResponse[types.MemoryPage, models.MemoryPage]]: ...
@overload
def raw(
    method: Method[P, types.Deletion],
) -> _RawMethod[P, RawResponse[types.Deletion, models.Deletion]]: ...
@overload
def raw(
    method: Method[P, types.SearchResponse],
) -> _RawMethod[P, RawResponse[types.SearchResponse, models.SearchResponse]]: ...
@overload
def raw(
    method: Method[P, types.ContextResponse],
) -> _RawMethod[P, RawResponse[types.ContextResponse, models.ContextResponse]]: ...
@overload
def raw(
    method: Method[P, types.TagPage],
) -> _RawMethod[P, RawResponse[types.TagPage, models.TagPage]]: ...
@overload
def raw(
    method: Method[P, types.Entity],
) -> _RawMethod[P, RawResponse[types.Entity, models.Entity]]: ...
@overload
def raw(
    method: Method[P, types.EntityPage],
) -> _RawMethod[P, RawResponse[types.EntityPage, models.EntityPage]]: ...
def raw(method: Any) -> Any:
    """Return the method, documented for a class whose session returns a `RawResponse`."""
    return with_raw_result(method)


class _AsyncRawResource(AsyncResource):
    def __init__(self, session: AsyncSession) -> None:
        super().__init__(cast("AsyncSession", AsyncRawSession(session)))


class AsyncRawMemories(_AsyncRawResource):
    """The methods of `memories`."""

    create = raw(AsyncMemoryOperations.create)
    list = raw(AsyncMemoryOperations.list)
    get = raw(AsyncMemoryOperations.get)
    update = raw(AsyncMemoryOperations.update)
    delete = raw(AsyncMemoryOperations.delete)


class AsyncRawTags(_AsyncRawResource):
    """The methods of `tags`."""

    list = raw(AsyncTags.list)


class AsyncRawEntities(_AsyncRawResource):
    """The methods of `entities`."""

    list = raw(AsyncEntities.list)
    create = raw(AsyncEntities.create)


class AsyncRawMemoryOS(_AsyncRawResource):
    """`with_raw_response`: each method returns a `RawResponse`."""

    search = raw(AsyncSearchOperations.search)
    get_context = raw(AsyncSearchOperations.get_context)

    def __init__(self, session: AsyncSession) -> None:
        super().__init__(session)
        self.memories = AsyncRawMemories(session)
        self.tags = AsyncRawTags(session)
        self.entities = AsyncRawEntities(session)
