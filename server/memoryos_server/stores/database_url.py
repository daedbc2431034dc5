"""URLs of PostgreSQL databases, displayed without credentials."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["POOL_SIZE_PARAMETER", "Address", "is_address"]

POOL_SIZE_PARAMETER = "pool_size"

_SCHEMES = ("postgresql://", "postgres://")
_POOL_SIZE = f"{POOL_SIZE_PARAMETER}="
_HIDDEN = "postgresql://…"

# Hosts with their ports, and the database; anything else might be a secret.
_LOCATION = re.compile(r"(?:[\w.\-%]*|\[[0-9a-fA-F:.]+\])(?::\d*)?(?:,[\w.\-:%\[\]]*)*(?:/[^/]*)?")


def is_address(text: str) -> bool:
    """Return whether `text` is the URL of a database and not the path of a file."""
    return text.startswith(_SCHEMES)


@dataclass(frozen=True)
class Address:
    """The URL of a database; `str` omits the user, the password and the parameters.

    Attributes:
        url: a libpq URL, `postgresql://user:password@host:port/database?parameters`, which may have
            the parameter `pool_size`, too. libpq takes missing parts from the environment and from
            the password file.
    """

    url: str = field(repr=False)

    @property
    def pool_size(self) -> str | None:
        """The value of the parameter `pool_size`, which libpq doesn't know; None without one."""
        parameters = self.url.partition("?")[2].split("&")
        given = [text for text in parameters if text.startswith(_POOL_SIZE)]
        return given[-1][len(_POOL_SIZE) :] if given else None

    @property
    def libpq_url(self) -> str:
        """The URL for libpq, without the parameter `pool_size`."""
        start, _, parameters = self.url.partition("?")
        kept = [text for text in parameters.split("&") if not text.startswith(_POOL_SIZE)]
        return "?".join([start, *filter(None, ["&".join(kept)])])

    def __str__(self) -> str:
        """Return the host and the database, or less if the URL is malformed."""
        location, _, parameters = self.url.partition("://")[2].partition("?")
        location = location.rpartition("@")[2]
        # An unescaped character may have split the password.
        if "@" in parameters or not _LOCATION.fullmatch(location):
            return _HIDDEN
        return f"postgresql://{location}"
