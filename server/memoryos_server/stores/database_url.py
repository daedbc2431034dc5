"""Where a PostgreSQL database is: its URL, and what of that may be shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["Address", "is_address"]

_SCHEMES = ("postgresql://", "postgres://")
_HIDDEN = "postgresql://…"

# Hosts with their ports, and the database: what is written otherwise might be a secret.
_PLACE = re.compile(r"(?:[\w.\-%]*|\[[0-9a-fA-F:.]+\])(?::\d*)?(?:,[\w.\-:%\[\]]*)*(?:/[^/]*)?")


def is_address(text: str) -> bool:
    """Say whether `text` is the URL of a database, and no path of a file."""
    return text.startswith(_SCHEMES)


@dataclass(frozen=True)
class Address:
    """The URL of a database; shown without user, password and parameters.

    Attributes:
        url: as libpq reads it, `postgresql://user:password@host:port/database?parameters`. What
            it leaves out, libpq takes from the environment and from the password file.
    """

    url: str = field(repr=False)

    def __str__(self) -> str:
        """Return the host and the database, or less where the URL is not well-formed."""
        place, _, parameters = self.url.partition("://")[2].partition("?")
        place = place.rpartition("@")[2]
        # A sign that is not escaped may have torn a password in two.
        if "@" in parameters or not _PLACE.fullmatch(place):
            return _HIDDEN
        return f"postgresql://{place}"
