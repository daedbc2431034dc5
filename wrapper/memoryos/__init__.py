"""Python SDK for Memory OS, long-term memory for AI applications.

Names are imported on first use, so that `import memoryos` is fast.

PYTEST_DONT_REWRITE: prevents a warning if a program imports this package and then runs pytest.
"""

from __future__ import annotations

from importlib import import_module

from ._version import __version__ as __version__

# Type checkers treat this as True. Importing `typing` would also load `re`.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List

    from ._async.client import AsyncMemoryOS as AsyncMemoryOS
    from ._async.scoped import AsyncScopedMemoryOS as AsyncScopedMemoryOS
    from ._protocol.scope_warnings import ScopeWarning as ScopeWarning
    from ._sync.client import MemoryOS as MemoryOS
    from ._sync.scoped import ScopedMemoryOS as ScopedMemoryOS
    from .exceptions import APIConnectionError as APIConnectionError
    from .exceptions import APITimeoutError as APITimeoutError
    from .exceptions import AuthenticationError as AuthenticationError
    from .exceptions import ConflictError as ConflictError
    from .exceptions import InvalidResponseError as InvalidResponseError
    from .exceptions import MemoryOSError as MemoryOSError
    from .exceptions import NotFoundError as NotFoundError
    from .exceptions import NotSupportedError as NotSupportedError
    from .exceptions import PermissionDeniedError as PermissionDeniedError
    from .exceptions import RateLimitError as RateLimitError
    from .exceptions import ServerError as ServerError
    from .exceptions import ValidationError as ValidationError

__all__ = [
    "APIConnectionError",
    "APITimeoutError",
    "AsyncMemoryOS",
    "AsyncScopedMemoryOS",
    "AuthenticationError",
    "ConflictError",
    "InvalidResponseError",
    "MemoryOS",
    "MemoryOSError",
    "NotFoundError",
    "NotSupportedError",
    "PermissionDeniedError",
    "RateLimitError",
    "ScopeWarning",
    "ScopedMemoryOS",
    "ServerError",
    "ValidationError",
    "__version__",
]

_MODULES = {
    "AsyncMemoryOS": "._async.client",
    "AsyncScopedMemoryOS": "._async.scoped",
    "MemoryOS": "._sync.client",
    "ScopeWarning": "._protocol.scope_warnings",
    "ScopedMemoryOS": "._sync.scoped",
}


if not TYPE_CHECKING:  # with __getattr__, a type checker would accept any misspelt name

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(_MODULES.get(name, ".exceptions"), __name__), name)
        globals()[name] = value
        return value


def __dir__() -> List[str]:
    return sorted({*globals(), *__all__})
