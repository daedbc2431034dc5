"""The parameters of a connection, read from the URL of a database."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from .unusable_database import unusable

if TYPE_CHECKING:
    from memoryos_server.stores.database_url import Address

__all__ = ["connection_parameters"]

CONNECT_TIMEOUT_SECONDS = 10

_NOT_A_URL = "has a URL that can't be parsed: escape special characters as %xx"
_UNKNOWN_PARAMETER = re.compile('invalid URI query parameter: "([a-z_]{1,40})"', re.IGNORECASE)


def connection_parameters(address: Address) -> dict[str, Any]:
    """Return the parameters for `psycopg.connect`.

    Raises:
        ServiceError: with status 500, the URL can't be parsed, or has an unknown parameter. The
            message of libpq is dropped, because it may contain the password.
    """
    try:
        given = conninfo_to_dict(address.url)
    except psycopg.ProgrammingError as error:
        raise unusable(str(address), _problem(address.url, str(error))) from None
    ours = {"connect_timeout": CONNECT_TIMEOUT_SECONDS, "application_name": "memoryos"}
    return {**ours, **given, "client_encoding": "UTF8", "autocommit": True}


def _problem(url: str, message: str) -> str:
    """Return what is wrong with a URL."""
    unknown = _UNKNOWN_PARAMETER.match(message)
    # With an @ among them, the parameters may be part of a password with an unescaped "?".
    if unknown is None or "@" in url.partition("?")[2]:
        return _NOT_A_URL
    name = unknown[1]
    known = [option.keyword.decode() for option in Conninfo.get_defaults()]
    nearest = difflib.get_close_matches(name.lower(), known, 1)
    advice = f"; did you mean {nearest[0]}?" if nearest else ", which PostgreSQL doesn't know"
    return f"has a URL with the parameter {name}{advice}"
