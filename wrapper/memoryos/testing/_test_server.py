"""A Memory OS of a test over HTTP, which fails when it is told to."""

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
    """Serves a sandbox over HTTP, on this machine only, and fails as planned.

    It starts and stops as a context manager; when it has stopped, nothing of it is left running. It
    needs the extra `local`.

    Args:
        sandbox: The Memory OS to serve, which stays open. Default: one of its own.

    Attributes:
        sandbox: The Memory OS behind it.
        proxy: What breaks its network: every other fault is planned there.
    """

    def __init__(self, sandbox: Optional[Sandbox] = None) -> None:
        self._closing = contextlib.ExitStack()
        self.sandbox = self._closing.enter_context(Sandbox()) if sandbox is None else sandbox
        self._api_key = self.sandbox.new_key()
        self.proxy = FaultProxy(answer=self.sandbox.answer)

    @property
    def base_url(self) -> str:
        """The address for clients, with `/v1`."""
        return self.proxy.base_url

    @property
    def api_key(self) -> str:
        """A key that it accepts, for everything but `admin`."""
        return self._api_key

    @property
    def environment(self) -> Dict[str, str]:
        """The variables that lead every new client here, in other processes too."""
        return {BASE_URL_VARIABLE: self.base_url, KEY_VARIABLE: self.api_key}

    @property
    def requests(self) -> Deque[Received]:
        """The requests that came whole, oldest first, with those that were tried again.

        `requests.clear()` forgets them.
        """
        return self.proxy.received

    @property
    def calls(self) -> List[str]:
        """The operations that the requests asked for, by the contract's names, oldest first.

        Such as `create_memory` or `search_memories`; what the contract does not have is told by
        method and path.
        """
        return [_name(received) for received in list(self.requests)]

    def client(self, **settings: Any) -> MemoryOS:
        """Return a client of it, which is closed with it at the latest.

        Args:
            settings: Arguments of `MemoryOS`, to replace the address and the key or to add to them.
        """
        from memoryos import MemoryOS

        client = MemoryOS(**self._settings(settings))
        self._closing.callback(client.close)
        return client

    def async_client(self, **settings: Any) -> AsyncMemoryOS:
        """Return an asynchronous client of it, to be used with `async with`.

        Args:
            settings: Arguments of `AsyncMemoryOS`.
        """
        from memoryos import AsyncMemoryOS

        return AsyncMemoryOS(**self._settings(settings))

    def _settings(self, wanted: Dict[str, Any]) -> Dict[str, Any]:
        return {"api_key": self.api_key, "base_url": self.base_url, **wanted}

    def new_key(self, scopes: Optional[Iterable[str]] = None) -> str:
        """Return one more key for the same memories.

        Args:
            scopes: What it allows, such as `["memories:read"]`. Default: everything but `admin`.

        Raises:
            ValueError: There is no such scope.
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
        """Let the next requests fail, instead of being acted on.

        Args:
            fault: What goes wrong: one of `memoryos.testing.faults`.
            status: In place of `fault`, the status of an error to answer with, as the contract has
                it.
            retry_after: With `status`, what the header `Retry-After` says, in seconds.
            operation: The operation whose requests fail, such as `search_memories`; the others
                pass. Default: every request.
            times: How many requests fail.

        Raises:
            ValueError: Neither or both of `fault` and `status` are given, or `retry_after` without
                a status; there is no such operation; the fault can't wait for one.
        """
        _check_operation(operation)
        only = None if operation is None else partial(_asks_for, operation)
        self.proxy.fail_next(_fault(fault, status, retry_after), times, only=only)

    def fail_always(
        self,
        fault: Optional[Fault] = None,
        *,
        status: Optional[int] = None,
        retry_after: Optional[float] = None,
    ) -> None:
        """Let every request fail until `clear`; the arguments are those of `fail_next`."""
        self.proxy.fail_always(_fault(fault, status, retry_after))

    def drop_after_commit(self, times: int = 1) -> None:
        """Lose the answers of the next writes: they are done, and nobody hears of it.

        Requests that only read pass.

        Args:
            times: How many answers are lost.
        """
        self.proxy.fail_next(faults.LOST_ANSWER, times, only=_writes)

    def latency(self, seconds: float) -> None:
        """Let every answer come `seconds` late until `clear`, whatever else goes wrong with it."""
        self.proxy.latency(seconds)

    def clear(self) -> None:
        """Let nothing fail or be late any more."""
        self.proxy.clear()

    def start(self) -> None:
        """Listen, on a thread of its own."""
        self.proxy.start()
        self._closing.callback(self.proxy.stop)

    def stop(self) -> None:
        """Close its connections and clients, and end the thread. Again, it does nothing."""
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
            raise ValueError("say either a fault, or a status with or without retry_after")
        return fault
    if fault is not None:
        raise ValueError("say either a fault or a status, not both")
    return faults.status(status, retry_after=retry_after, body=routes().error(status))


def _check_operation(operation: Optional[str]) -> None:
    known = routes().operations
    if operation is not None and operation not in known:
        raise ValueError(f"no such operation: {operation}; there are {', '.join(known)}")


def _name(received: Received) -> str:
    target = routes().find(received.method, received.path)
    return f"{received.method} {received.path}" if target is None else target.operation.id


def _asks_for(operation: str, received: Received) -> bool:
    return _name(received) == operation


def _writes(received: Received) -> bool:
    return routes().writes(received.method, received.path)
