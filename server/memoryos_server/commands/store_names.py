"""Names for the files that belong to one store, such as its backups."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from urllib.parse import parse_qsl

from memoryos_server.stores.database_url import Address, is_address

__all__ = ["store_name"]

_MAX_READABLE_LENGTH = 40
_DIGEST_LENGTH = 8
# What decides which database libpq connects to, besides the host and the path of the URL.
_LOCATORS = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
    "service": "PGSERVICE",
}


def store_name(place: str, identifier: str) -> str:
    """Return a name that can be part of a file's name, such as `memories-1f0c2a9b`.

    Different stores have different names, also at the same path on two machines, and so have
    stores at different places. The password and the settings of a URL don't change the name, so
    that it stays when they change.

    Args:
        place: An absolute path, or the URL of a PostgreSQL database.
        identifier: The id of the store; it may be empty.
    """
    if is_address(place):
        location = _location(place)
        readable = location[0].partition("://")[2].partition("/")[2] or "postgresql"
    else:
        location = [os.path.realpath(place)]
        readable = Path(place).stem
    digest = hashlib.sha256(os.fsencode("\n".join([*location, identifier]))).hexdigest()
    safe = re.sub(r"[^A-Za-z0-9_.]", "_", readable)[:_MAX_READABLE_LENGTH].lstrip(".")
    return f"{safe or 'store'}-{digest[:_DIGEST_LENGTH]}"


def _location(url: str) -> list[str]:
    address = Address(url)
    given = dict(parse_qsl(url.partition("?")[2]))
    located = [given.get(name) or os.environ.get(of, "") for name, of in _LOCATORS.items()]
    return [str(address), *located]
