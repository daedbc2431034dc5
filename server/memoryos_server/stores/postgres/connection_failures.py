"""What a failed connection means, read from the message of libpq.

Such an error has no SQLSTATE. The messages are in English unless the server has another language;
then only the general sentence is left.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memoryos_server.model.errors import unavailable

from .unusable_database import unusable

if TYPE_CHECKING:
    from memoryos_server.model.errors import ServiceError

__all__ = ["connection_failure"]

# Names of databases, users and hosts, which may contain any word.
_QUOTED = re.compile("\"[^\"]*\"|'[^']*'")

# In the order of their precedence: with several hosts, a message tells the failure of each.
_TRANSIENT = (
    (
        "too many clients|too many connections|connection slots|no more connections allowed",
        "takes no more connections",
    ),
    ("starting up|shutting down|recovery mode|not (yet )?accepting", "is being stopped or started"),
    # Until a standby is promoted.
    ("session is (not )?read-only|hot standby", "has no server that target_session_attrs accepts"),
)
_PERMANENT = (
    (
        "not currently accepting connections",
        "allows no connections: have its administrator run ALTER DATABASE … ALLOW_CONNECTIONS true",
    ),
    (
        "unrecognized configuration parameter|invalid value for parameter|permission denied to set",
        "refuses a setting of the connection: check options in its URL, PGOPTIONS and PGTZ",
    ),
    (
        "unsupported startup parameter",
        (
            "is behind a pooler that refuses a parameter of the connection: remove options from "
            "its URL and PGOPTIONS, or name it in ignore_startup_parameters of the pooler"
        ),
    ),
    (
        "may not be used with|is greater than|could not match [0-9]",
        "has parameters in its URL that don't fit together",
    ),
    ("requirepeer", "is served by another user than the requirepeer of its URL"),
    ("does not support ssl", "offers no TLS, which the sslmode of its URL requires"),
    (
        "root certificate file",
        "needs the certificate of its authority: name its file by sslrootcert in the URL",
    ),
    (
        "certificate",
        "failed the check of TLS certificates: check sslmode, sslrootcert and sslcert in the URL",
    ),
    (
        "pg_hba.conf.*no encryption",
        "refuses this user, or connections without TLS: add sslmode=require to the URL",
    ),
    ("pg_hba.conf", "refuses this user or connections from this machine (pg_hba.conf)"),
    ("no password supplied", "needs a password: set PGPASSWORD, or use a password file"),
    ("password|authentication|role |no such user", "refuses this user or password"),
    ("permission denied for database", "does not allow this user to connect"),
    ("database {} does not exist|no such database", "does not exist"),
    ("gssapi", "can't be reached with GSSAPI, which the gssencmode of its URL requires"),
    ("channel binding", "offers no channel binding, which its URL requires"),
    ("could not parse network address", "has an invalid hostaddr in its URL"),
    ("servname|invalid port", "has an invalid port in its URL"),
    ("definition of service", "has a service in its URL that no service file defines"),
)
_UNREACHABLE = (
    ("failed to resolve host|could not translate host", "no host has the name in its URL"),
    ("connection refused", "nothing listens at the host and port of its URL"),
    ("no such file or directory", "no server has its socket in this folder"),
    ("timeout|timed out", "it did not answer in time"),
)
_WRONG_VALUE = re.compile(
    r"for connection option (\w+)|invalid (?!integer )(\w+) value|bad value for (\w+)"
)


def connection_failure(name: str, message: str) -> ServiceError:
    """Return the error for a connection that failed with a message of libpq or psycopg.

    Args:
        name: The name of the database.
        message: The message. None of it is passed on, except for the name of a parameter.
    """
    option = _WRONG_VALUE.search(message.replace('"', ""))
    if option is not None:
        parameter = next(filter(None, option.groups()))
        return unusable(
            name, f"has an invalid value of the parameter {parameter} in its URL or environment"
        )
    text = _QUOTED.sub("{}", message).lower()
    for pattern, sentence in _TRANSIENT:
        if re.search(pattern, text):
            return unavailable(f"The database {name} {sentence}")
    for pattern, sentence in _PERMANENT:
        if re.search(pattern, text):
            return unusable(name, sentence)
    reasons = (reason for pattern, reason in _UNREACHABLE if re.search(pattern, text))
    reason = next(reasons, None)
    return unavailable(f"The database {name} can't be reached" + (f": {reason}" if reason else ""))
