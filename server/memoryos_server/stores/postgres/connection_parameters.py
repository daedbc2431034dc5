"""The parameters of a connection, read from the URL of a database."""

from __future__ import annotations

import difflib
import os
import re
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from memoryos_server.stores.database_url import POOL_SIZE_PARAMETER

from .unusable_database import unusable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memoryos_server.stores.database_url import Address

__all__ = ["DEFAULT_POOL_SIZE", "MAX_POOL_SIZE", "connection_parameters", "location", "pool_size"]

CONNECT_TIMEOUT_SECONDS = 10

_DETECT_VANISHED_SERVERS = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
}
"""Break a connection whose other end is silent for half a minute; else it takes up to two hours."""

DEFAULT_POOL_SIZE = 10
"""The default of the connections of a process: the worker threads, and two more."""

MAX_POOL_SIZE = 1000
POOL_SIZE_VARIABLE = "MEMORY_OS_POOL_SIZE"

_NUMBER = re.compile("[0-9]{1,4}")
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
        given = conninfo_to_dict(address.libpq_url)
    except psycopg.ProgrammingError as error:
        raise unusable(str(address), _problem(address.libpq_url, str(error))) from None
    given.pop("replication", None)  # pgbouncer refuses it, also as "false"
    return {**_defaults(given), **given, "client_encoding": "UTF8", "autocommit": True}


def location(address: Address) -> tuple[str, str, str]:
    """Return the host, the port and the name of a database, as libpq finds them.

    Raises:
        ServiceError: with status 500, the URL can't be parsed, or has a faulty parameter.
    """
    defaults = {
        each.keyword.decode(): each.val.decode() for each in Conninfo.get_defaults() if each.val
    }
    given = {**defaults, **connection_parameters(address)}
    host = given.get("host") or given.get("hostaddr") or "localhost"
    database = given.get("dbname") or given.get("user") or ""
    return str(host), str(given.get("port", "")), str(database)


def pool_size(address: Address) -> int:
    """Return how many connections each process may have, from the URL or the environment.

    Raises:
        ServiceError: with status 500, it isn't a number in the allowed range.
    """
    source, text = f"the parameter {POOL_SIZE_PARAMETER} in its URL", address.pool_size
    if text is None:
        source, text = POOL_SIZE_VARIABLE, os.environ.get(POOL_SIZE_VARIABLE)
    if not text:
        return DEFAULT_POOL_SIZE
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= MAX_POOL_SIZE:
        raise unusable(
            str(address), f"can't be used: {source} must be from 1 to {MAX_POOL_SIZE} connections"
        )
    return int(text)


def _defaults(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what isn't in the URL; libpq prefers it to what the environment or a service says."""
    defaults: dict[str, Any] = {"fallback_application_name": "memoryos"}
    if not os.environ.get("PGCONNECT_TIMEOUT"):
        defaults["connect_timeout"] = CONNECT_TIMEOUT_SECONDS
    if "service" not in given and not os.environ.get("PGSERVICE"):
        defaults.update(_DETECT_VANISHED_SERVERS)
    return defaults


def _problem(url: str, message: str) -> str:
    """Return what is wrong with a URL."""
    found = _PARAMETER.match(message)
    # With an @ among them, the parameters may be part of a password with an unescaped "?".
    if found is None or "@" in url.partition("?")[2]:
        return _NOT_A_URL
    kind, name = found.groups()
    known = [option.keyword.decode() for option in Conninfo.get_defaults()]
    known.append(POOL_SIZE_PARAMETER)
    if name in known and kind in _SEPARATOR_PROBLEMS:
        return _SEPARATOR_PROBLEMS[kind].format(name)
    nearest = difflib.get_close_matches(name.lower(), known, 1)
    advice = f"; did you mean {nearest[0]}?" if nearest else ", which PostgreSQL doesn't know"
    return f"has a URL with the parameter {name}{advice}"
