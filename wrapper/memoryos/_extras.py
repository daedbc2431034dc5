"""What to say where a feature needs an extra that is not installed."""

from __future__ import annotations

import sys

__all__ = ["MissingExtraError", "missing_extra", "require_python"]

LOCAL_PYTHON = (3, 10)
"""The oldest Python that the local Memory OS runs on."""

# `memoryos` on PyPI is another product: the sentence names the checkout, never the name alone.
_INSTALL = "install it from a checkout of this repository with: pip install '.[{extra}]'"
_OURS = ("", "memoryos", "memoryos_api", "memoryos_server")


class MissingExtraError(ImportError):
    """A feature needs packages, or a Python, that are not here. The message says what to do."""


def missing_extra(extra: str, feature: str, error: ImportError) -> MissingExtraError:
    """Return what to raise for an import that failed because an extra is not installed.

    Args:
        extra: the extra that brings the missing package, such as `local`.
        feature: what the user wanted, such as `memoryos serve`.
        error: the failed import.

    Returns:
        An error whose message names the missing package and says how to install it.

    Raises:
        ImportError: `error` again, where a part of this distribution is what can't be imported:
            no extra would bring that.
    """
    missing = (error.name or "").partition(".")[0]
    if missing in _OURS:
        raise error
    install = _INSTALL.format(extra=extra)
    message = f"{feature} needs the extra [{extra}] ({missing} is missing); {install}"
    return MissingExtraError(message, name=error.name, path=error.path)


def require_python(feature: str, minimum: tuple[int, int] = LOCAL_PYTHON) -> None:
    """Refuse where this interpreter is older than `feature` needs.

    Raises:
        MissingExtraError: names the version that is needed and the one that runs.
    """
    if sys.version_info < minimum:
        needed, present = (".".join(map(str, v[:2])) for v in (minimum, sys.version_info))
        raise MissingExtraError(f"{feature} needs Python {needed} or newer; this is {present}")
