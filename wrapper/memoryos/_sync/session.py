# Written by tools/sync_from_async.py from _async/session.py: edit that file.
"""Session of a client: settings, connections and sending of calls."""

from __future__ import annotations

import contextlib
import time
import weakref
from dataclasses import dataclass, field, replace
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    FrozenSet,
    Iterator,
    Mapping,
    Optional,
    TypeVar,
    Union,
)

from memoryos._protocol import operations
from memoryos._protocol.emulation import check_named, create_arguments, split
from memoryos._protocol.features import NO_FEATURES, ServiceFeatures
from memoryos._protocol.memory_filters import MemoryFilter
from memoryos._protocol.observers import Observer, observed, observers_of
from memoryos._protocol.operations import build_call
from memoryos._protocol.pagination import MAX_PAGE_SIZE, Paginator
from memoryos._protocol.requests import prepare, session_headers, with_headers
from memoryos._protocol.responses import HTTPResponse
from memoryos._protocol.retries import CallResult, Clock, Policy, retry_steps, run
from memoryos._protocol.secret import Secret
from memoryos._protocol.settings import portable_settings
from memoryos._transport.forgotten import close_forgotten
from memoryos.exceptions import APIConnectionError, PermissionDeniedError

from .emulation import emulate

if TYPE_CHECKING:
    from memoryos._protocol.calls import Call
    from memoryos._protocol.operations import Operation
    from memoryos._protocol.requests import Request
    from memoryos._protocol.retries import Failure
    from memoryos._protocol.settings import Settings
    from memoryos.types import Memory

    from .transport import Transport

T = TypeVar("T")


@dataclass(eq=False, repr=False)
class Session:
    """Sends calls until it is closed.

    Attributes:
        settings: The client's settings.
        transport: Its connections.
        policy: The limits and retry waits of a call.
        clock: Time and randomness.
        sleep: Waits for a number of seconds.
        features: What the service supports beyond the documented API.
        parent: The session that owns the connections; None for this one.
        closed: Whether `close` was called.
    """

    settings: Settings
    transport: Transport
    policy: Policy
    clock: Clock = field(default_factory=Clock)
    sleep: Callable[[float], None] = time.sleep
    features: ServiceFeatures = field(default_factory=ServiceFeatures)
    parent: Optional[Session] = None
    closed: bool = False

    def __post_init__(self) -> None:
        self._headers = Secret(session_headers(self.settings))
        if self.parent is None:
            # Not `__del__`: it may run when the sockets are gone already, with warnings of their
            # own, or while the interpreter shuts down and can't import anything.
            self._finalizer = weakref.finalize(
                self, close_forgotten, self.transport, self.settings.location
            )

    def call(self, operation: Operation[T], arguments: Mapping[str, Any]) -> T:
        """Send an operation with these arguments, and return its result.

        Raises:
            MemoryOSError: An argument is invalid, the call failed, or the client is closed.
        """
        call = build_call(operation, arguments)
        missing = self.missing_features(call) if call.features else NO_FEATURES
        if missing:
            return emulate(self, operation, arguments, missing)
        data: T = (self.send(call, self.policy)).data
        return data

    def walk(
        self, arguments: Mapping[str, Any], page_size: int = MAX_PAGE_SIZE
    ) -> Iterator[Memory]:
        """Iterate over all memories that a list with these arguments contains, newest first.

        Args:
            arguments: The arguments of the list, without `limit` and `offset`.
            page_size: The number of memories per request, from 2 to 100.

        Raises:
            MemoryOSError: An argument is invalid, or a call failed.
        """
        name = operations.list_memories.name
        missing = self.missing_features(build_call(operations.list_memories, arguments))
        sent, unknown = split(name, missing, arguments)
        matches = MemoryFilter(unknown)
        size = MAX_PAGE_SIZE if unknown else page_size  # the fewer matches, the more to look at
        paginator = Paginator(size)
        while not paginator.is_over:
            place = {"limit": paginator.limit, "offset": paginator.offset}
            page: Any = self.call(operations.list_memories, {**sent, **place})
            for memory in paginator.take(page):
                if matches(memory):
                    yield memory
            if matches.ends_after(page["data"]):
                return

    def create_call(self, arguments: Mapping[str, Any]) -> Call[Memory]:
        """Return the call that creates a memory, to be sent by itself.

        Raises:
            NotSupportedError: The service lacks a feature that an argument needs.
            MemoryOSError: An argument is invalid, or the service couldn't be asked.
        """
        call = build_call(operations.create_memory, arguments)
        missing = self.missing_features(call)
        if missing:
            return build_call(operations.create_memory, create_arguments(arguments, missing))
        return call

    def missing_features(self, call: Call[Any]) -> FrozenSet[str]:
        """Return the features of a call that the service doesn't name.

        Raises:
            MemoryOSError: The service couldn't be asked.
        """
        return call.features - self.named_features() if call.features else NO_FEATURES

    def require(self, call: Call[Any], arguments: Mapping[str, Any]) -> None:
        """Check that the service names the features of a call.

        Raises:
            NotSupportedError: It doesn't.
            MemoryOSError: The service couldn't be asked.
        """
        check_named(call.name, self.missing_features(call), arguments)

    def named_features(self) -> FrozenSet[str]:
        """Return the features that the service names. Before the first response, ask for them.

        Raises:
            MemoryOSError: The service couldn't be asked.
        """
        if self.features.names is None:
            with contextlib.suppress(PermissionDeniedError):  # its response has the header, too
                self.send(build_call(operations.list_memories, {"limit": 1}), self.policy)
        return self.features.names or NO_FEATURES

    def send(
        self, call: Call[Any], policy: Policy, *, observer: Optional[Observer] = None
    ) -> CallResult:
        """Send a call, with retries, and return its result.

        Args:
            call: The call.
            policy: Its limits and retry waits.
            observer: An observer of this call only.

        Raises:
            MemoryOSError: The call failed, or the client is closed.
        """
        if self.is_closed:
            raise _closed_error(call)
        base_url = self.settings.base_url
        request = prepare(call, base_url, self._headers.reveal())
        steps = retry_steps(call, self.settings.location, policy, self.clock)
        observers = observers_of(call, base_url)
        if observer is not None:
            observers = (*observers, observer)
        if observers:
            steps = observed(steps, observers)
            request = with_headers(request, observers)
        return run(steps, lambda timeout: self._attempt(request, timeout), self.sleep)

    def _attempt(self, request: Request, timeout: float) -> Union[HTTPResponse, Failure]:
        outcome = self.transport.send(request, timeout)
        if isinstance(outcome, HTTPResponse):
            self.features.learn(outcome.status, outcome.headers)
        return outcome

    @property
    def is_closed(self) -> bool:
        """Whether this session, or the one that owns its connections, is closed."""
        return self.closed or (self.parent is not None and self.parent.is_closed)

    @property
    def useful_threads(self) -> Optional[int]:
        """How many threads do more than fewer of them, or None for any number."""
        return self.transport.useful_threads

    def with_settings(self, settings: Settings) -> Session:
        """Return a session with other settings and the same connections."""
        policy = Policy(settings.timeout, settings.max_retries, settings.deadline)
        return replace(self, settings=settings, policy=policy, parent=self.parent or self)

    def with_sleep(self, sleep: Callable[[float], None]) -> Session:
        """Return a session that waits with `sleep` between attempts, on the same connections."""
        return replace(self, sleep=sleep, parent=self.parent or self)

    def portable_settings(self) -> Dict[str, Any]:
        """Return the constructor's arguments without the key, for a pickle.

        Raises:
            TypeError: The client has an `http_client` or `ssl_context`, or is local.
        """
        if self.transport.is_bound:
            raise TypeError(
                "This client can't be pickled: it has an http_client or ssl_context, or is local. "
                "Create a new client in the other process."
            )
        return portable_settings(self.settings)

    def close(self) -> None:
        """Close the connections, unless another session owns them. A second call does nothing."""
        if not self.closed:
            self.closed = True
            if self.parent is None:
                self._finalizer.detach()
                self.transport.close()


def _closed_error(call: Call[Any]) -> APIConnectionError:
    return APIConnectionError(
        "CLIENT_CLOSED",
        "This client is closed, so nothing was sent; create a new one",
        503,
        method=call.method,
        path=call.path,
    )
