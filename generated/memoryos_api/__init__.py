"""The low-level client of Memory OS, generated from its contract.

One module for each operation under `api`, one for each schema under `models`; `typed_dicts` has the
schemas as typed dictionaries, `operations` the operations and their arguments as data, and
`contract.json` the whole contract.

PYTEST_DONT_REWRITE: a program may import this and run pytest afterwards, which else would warn.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import AuthenticatedClient, Client

__all__ = (
    "AuthenticatedClient",
    "Client",
)


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(".client", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
