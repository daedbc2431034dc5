"""Raise the limit on open files: every connection needs one."""

from __future__ import annotations

from contextlib import suppress

try:
    import resource
except ImportError:  # Windows has no such limit
    resource = None  # type: ignore[assignment]

from .request_limits import MAX_CONNECTIONS

__all__ = ["connection_limit", "raise_open_file_limit"]

OPEN_FILE_LIMIT = 65_536
"""Number of open files that the server asks the operating system for."""

RESERVED_FILES = 200
"""Number of open files left for the database, and for connections that are being closed."""


def raise_open_file_limit() -> None:
    """Raise this process's soft limit on open files to `OPEN_FILE_LIMIT` or the hard limit.

    The usual soft limit of 1024 protects programs that use `select`. A server that reaches it can
    accept no further connections.
    """
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILE_LIMIT if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILE_LIMIT)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):  # some systems grant less than the limit they report
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def connection_limit() -> int:
    """Return the number of connections that this process can keep, at most `MAX_CONNECTIONS`."""
    if resource is None:
        return MAX_CONNECTIONS
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(1, min(MAX_CONNECTIONS, soft - min(RESERVED_FILES, soft // 2)))
