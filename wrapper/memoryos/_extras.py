"""Checks for optional packages, and the error that says which extra installs them."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Iterable, Tuple

__all__ = ["MissingExtraError", "missing_extra", "require_packages", "require_python"]

LOCAL_PYTHON = (3, 10)
"""The oldest Python that the local Memory OS runs on."""

# The package `memoryos` on PyPI is another product, so the message names the checkout.
_INSTALL = "install it from a checkout of this repository with: pip install '.[{extra}]'"
_OWN_PACKAGES = ("", "memoryos", "memoryos_api", "memoryos_server")


class MissingExtraError(ImportError):
    """A feature needs a package that is not installed, or a newer Python; the message says what."""


def require_python(feature: str, minimum: Tuple[int, int] = LOCAL_PYTHON) -> None:
    """Check that this Python can run a feature.

    Args:
        feature: What the user wants, such as `memoryos mcp`; the message starts with it.
        minimum: The oldest Python that can run it.

    Raises:
        MissingExtraError: This Python is older.
    """
    if sys.version_info < minimum:
        needed, present = (".".join(map(str, v[:2])) for v in (minimum, sys.version_info))
        raise MissingExtraError(f"{feature} needs Python {needed} or newer; this is {present}")


def require_packages(feature: str, extra: str, packages: Iterable[str]) -> None:
    """Check that the packages of a feature are installed, without importing them.

    Args:
        feature: What the user wants, such as `memoryos mcp`.
        extra: The extra that installs the packages, such as `mcp`.
        packages: The names that the packages are imported by.

    Raises:
        MissingExtraError: One of them is missing.
    """
    for package in packages:
        if not _is_installed(package):
            raise MissingExtraError(_message(extra, feature, package), name=package)


def missing_extra(extra: str, feature: str, error: ImportError) -> MissingExtraError:
    """Return the error that reports a failed import as a missing extra.

    Args:
        extra: The extra that installs the missing package, such as `local`.
        feature: What the user wants, such as `memoryos serve`.
        error: The failed import.

    Returns:
        An error whose message names the missing package and says how to install it.

    Raises:
        ImportError: `error`, if it is about a module of this distribution: no extra installs that.
    """
    package = (error.name or "").partition(".")[0]
    if package in _OWN_PACKAGES:
        raise error
    return MissingExtraError(_message(extra, feature, package), name=error.name, path=error.path)


def _message(extra: str, feature: str, package: str) -> str:
    install = _INSTALL.format(extra=extra)
    return f"{feature} needs the extra [{extra}] ({package} is missing); {install}"


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):
        return False
