"""As many open files as the system grants: every connection is one."""

from __future__ import annotations

from contextlib import suppress

try:
    import resource
except ImportError:  # Windows, which has no such limit
    resource = None  # type: ignore[assignment]

__all__ = ["allow_many_files"]

_WANTED = 65_536


def allow_many_files() -> None:
    """Raise this process's limit on open files, as far as it may.

    The usual soft limit of 1024 is for programs that use `select`; where it is reached, no further
    connection is accepted.
    """
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED if hard == resource.RLIM_INFINITY else min(hard, _WANTED)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):  # some systems grant less than they say
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
