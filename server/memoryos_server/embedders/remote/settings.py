"""Settings of embedding services, from the environment. No error repeats a secret."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["BearerAuth", "EmbedderSettingError", "bearer_auth", "environment", "validate_url"]


class EmbedderSettingError(ValueError):
    """A setting of an embedder is missing or malformed; the message names it."""


class BearerAuth(httpx.Auth):
    """Sends a key in the Authorization header. No repr or pickle contains it."""

    def __init__(self, key: str) -> None:
        self._key = key

    @property
    def is_empty(self) -> bool:
        """Whether there is no key."""
        return not self._key

    @property
    def is_printable(self) -> bool:
        """Whether the key consists of printable ASCII without spaces."""
        return all("!" <= character <= "~" for character in self._key)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header to a request."""
        request.headers["Authorization"] = f"Bearer {self._key}"
        yield request

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a key can't be pickled")


def environment(name: str) -> str | None:
    """Return an environment variable, or None if it is unset or empty."""
    return os.environ.get(name) or None


def bearer_auth(variable: str) -> BearerAuth:
    """Return the authentication with the key in an environment variable.

    Raises:
        EmbedderSettingError: The variable is unset, blank, or no valid header value.
    """
    # The key has no local variable here: some tracebacks show those.
    auth = BearerAuth(os.environ.get(variable, "").strip())
    if auth.is_empty:
        raise EmbedderSettingError(f"no key: set the environment variable {variable}")
    if not auth.is_printable:
        raise EmbedderSettingError(
            f"{variable} is malformed: a key is printable ASCII without spaces"
        )
    return auth


def validate_url(given: str, variable: str) -> str:
    """Return a base URL, without a slash at its end.

    Args:
        given: The URL. Errors do not repeat it, because it may contain a password.
        variable: The environment variable that it comes from.

    Raises:
        EmbedderSettingError: It is no HTTP URL, or it has a user, a query or a fragment.
    """
    url = given.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or "@" in url or "?" in url or "#" in url or re.search(r"[^!-~]", url):
        raise EmbedderSettingError(
            f"{variable} must be an address such as https://host/v1, without user, query and "
            "fragment"
        )
    return url
