"""Test server: a sandbox over HTTP, with fault injection."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING, Any, Deque, Dict, Iterable, List, Optional, Type

from memoryos._protocol.settings import BASE_URL_VARIABLE, KEY_VARIABLE

from . import faults
from ._fault_proxy import FaultProxy
from ._routes import routes
from ._sandbox import Sandbox

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from memoryos import AsyncMemoryOS, MemoryOS

    from ._http_messages import Received
    from .faults import Fault


class MemoryServer:
    """HTTP server for a sandbox, with fault injection. It listens on 127.0.0.1 only.

    Use it as a context manager. Needs the extra `local`.

    Args:
        sandbox: The Memory OS to serve. It stays open when the server stops. Default: a new
            sandbox, closed with the server.

    Attributes:
        sandbox: The Memory OS.
        proxy: The proxy that injects faults, for faults that have no method here.

    Example:
        >>> with MemoryServer() as server, server.client() as memory:
        ...     server.fail_next(status=503)
        ...     memory.memories.create("Ada drinks her coffee black")  # succeeds in attempt 2
        ...     assert server.calls == ["create_memory", "create_memory"]
    """

    def __init__(self, sandbox: Optional[Sandbox] = None) -> None:
        self._closing = contextlib.ExitStack()
        self.sandbox = self._closing.enter_context(Sandbox()) if sandbox is None else sandbox
        self._api_key = self.sandbox.new_key()
        self.proxy = FaultProxy(answer=self.sandbox.answer)

    @property
    def base_url(self) -> str:
        """Base URL for clients, including `/v1`."""
        return self.proxy.base_url

    @property
    def api_key(self) -> str:
        """API key with all permissions except `admin`."""
        return self._api_key

    @property
    def environment(self) -> Dict[str, str]:
        """Environment variables that direct new clients here, also in other processes."""
        return {BASE_URL_VARIABLE: self.base_url, KEY_VARIABLE: self.api_key}

    @property
    def requests(self) -> Deque[Received]:
        """The last 1000 complete requests, oldest first, including retries.

        `requests.clear()` empties the list.
        """
        return self.proxy.received

    @property
    def calls(self) -> List[str]:
        """The operation ids of the requests, such as `create_memory`, oldest first.

        Requests that match no operation are listed by method and path.
        """
        return [_name(received) for received in list(self.requests)]

    def client(self, **settings: Any) -> MemoryOS:
        """Return a new client for this server. Stopping the server closes it.

        Args:
            settings: Arguments of `MemoryOS`. They override the base URL and the API key.
        """
        from memoryos import MemoryOS

        client = MemoryOS(**self._settings(settings))
        self._closing.callback(client.close)
        return client

    def async_client(self, **settings: Any) -> AsyncMemoryOS:
        """Return a new asynchronous client for this server. Close it yourself.

        Args:
            settings: Arguments of `AsyncMemoryOS`. They override the base URL and the API key.
        """
        from memoryos import AsyncMemoryOS

        return AsyncMemoryOS(**self._settings(settings))

    def _settings(self, overrides: Dict[str, Any]) -> Dict[str, Any]:
        return {"api_key": self.api_key, "base_url": self.base_url, **overrides}

    def new_key(self, scopes: Optional[Iterable[str]] = None) -> str:
        """Create another API key for the same memories.

        Args:
            scopes: Permissions of the key, such as `["memories:read"]`. Default: all except
                `admin`.

        Returns:
            The key.

        Raises:
            ValueError: A scope is unknown.
        """
        return self.sandbox.new_key(scopes)

    def fail_next(
        self,
        fault: Optional[Fault] = None,
        *,
        status: Optional[int] = None,
        retry_after: Optional[float] = None,
        operation: Optional[str] = None,
        times: int = 1,
    ) -> None:
        """Make the next requests fail without being processed.

        Args:
            fault: The fault, from `memoryos.testing.faults`.
            status: HTTP status of an error response to send instead of a fault.
            retry_after: With `status`: value of the `Retry-After` header, in seconds. Default: no
                header.
            operation: Id of the operation whose requests fail, such as `search_memories`. Default:
                all requests.
            times: Number of requests that fail.

        Raises:
            ValueError: Not exactly one of `fault` and `status` is given; `retry_after` is given
                without `status`; the operation is unknown; or the fault happens before the
                operation is known.
        """
        _check_operation(operation)
        only = None if operation is None else partial(_is_operation, operation)
        self.proxy.fail_next(_fault(fault, status, retry_after), times, only=only)

    def fail_always(
        self,
        fault: Optional[Fault] = None,
        *,
        status: Optional[int] = None,
        retry_after: Optional[float] = None,
    ) -> None:
        """Make all requests fail until `clear`.

        Args:
            fault: The fault, from `memoryos.testing.faults`.
            status: HTTP status of an error response to send instead of a fault.
            retry_after: With `status`: value of the `Retry-After` header, in seconds. Default: no
                header.

        Raises:
            ValueError: Not exactly one of `fault` and `status` is given, or `retry_after` is given
                without `status`.
        """
        self.proxy.fail_always(_fault(fault, status, retry_after))

    def drop_after_commit(self, times: int = 1) -> None:
        """Process the next writes, but close the connection instead of responding.

        Requests that only read are not affected.

        Args:
            times: Number of lost responses.
        """
        self.proxy.fail_next(faults.LOST_ANSWER, times, only=_writes)

    def latency(self, seconds: float) -> None:
        """Delay every response until `clear`, in addition to other faults.

        Args:
            seconds: The delay.
        """
        self.proxy.latency(seconds)

    def clear(self) -> None:
        """Remove all faults and the latency."""
        self.proxy.clear()

    def start(self) -> None:
        """Start listening in a new thread."""
        self.proxy.start()
        self._closing.callback(self.proxy.stop)

    def stop(self) -> None:
        """Close all connections and clients, and end the thread. Calling it again has no effect."""
        self._closing.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: Optional[Type[BaseException]],
        exc_value: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.stop()


def _fault(fault: Optional[Fault], status: Optional[int], retry_after: Optional[float]) -> Fault:
    if status is None:
        if fault is None or retry_after is not None:
            raise ValueError("pass either fault, or status with an optional retry_after")
        return fault
    if fault is not None:
        raise ValueError("pass either fault or status, not both")
    return faults.status(status, retry_after=retry_after, body=routes().error(status))


def _check_operation(operation: Optional[str]) -> None:
    known = routes().operations
    if operation is not None and operation not in known:
        raise ValueError(f"unknown operation {operation}: use one of {', '.join(known)}")


def _name(received: Received) -> str:
    target = routes().find(received.method, received.path)
    return f"{received.method} {received.path}" if target is None else target.operation.id


def _is_operation(operation: str, received: Received) -> bool:
    return _name(received) == operation


def _writes(received: Received) -> bool:
    return routes().writes(received.method, received.path)
