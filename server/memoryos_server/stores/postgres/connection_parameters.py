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
_PARAMETER = re.compile(
    '(invalid|missing|extra) .*URI query parameter: "([a-z_]{1,40})"', re.IGNORECASE
)
_SEPARATOR_PROBLEMS = {
    "missing": "has a URL with the parameter {} without a value",
    "extra": "has a URL with an = in the value of the parameter {}; write it as %3D",
}


def connection_parameters(address: Address) -> dict[str, Any]:
    """Return the parameters for `psycopg.connect`.

    Raises:
        ServiceError: with status 500, the URL can't be parsed, or has a faulty parameter. The
            message of libpq is dropped, because it may contain the password.
    """
    try:
        given = conninfo_to_dict(address.url)
    except psycopg.ProgrammingError as error:
        raise unusable(str(address), _problem(address.url, str(error))) from None
    ours = {"connect_timeout": CONNECT_TIMEOUT_SECONDS, "application_name": "memoryos"}
    required = {"client_encoding": "UTF8", "replication": "false", "autocommit": True}
    return {**ours, **given, **required}


def _problem(url: str, message: str) -> str:
    """Return what is wrong with a URL."""
    found = _PARAMETER.match(message)
    # With an @ among them, the parameters may be part of a password with an unescaped "?".
    if found is None or "@" in url.partition("?")[2]:
        return _NOT_A_URL
    kind, name = found.groups()
    known = [option.keyword.decode() for option in Conninfo.get_defaults()]
    if name in known and kind in _SEPARATOR_PROBLEMS:
        return _SEPARATOR_PROBLEMS[kind].format(name)
    nearest = difflib.get_close_matches(name.lower(), known, 1)
    advice = f"; did you mean {nearest[0]}?" if nearest else ", which PostgreSQL doesn't know"
    return f"has a URL with the parameter {name}{advice}"
