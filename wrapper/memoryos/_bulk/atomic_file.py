"""Atomic file replacement."""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Generator, Optional, Tuple, Union

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_PREFIX = ".memoryos-"
_LEFTOVER_NAME = re.compile(re.escape(_PREFIX) + "[a-z0-9_]{8}")  # as `tempfile` names them
_LONGEST_LAST_LINE = 4096
_WITHOUT_GROUP = 0o707


@contextmanager
def replace_file(
    path: Union[str, os.PathLike[str]], signature: bytes, last_line: bytes = b""
) -> Generator[IO[bytes], None, None]:
    """Yield a file whose content replaces that of `path` when the block ends without an error.

    It is a temporary file beside `path`, which gets its name at the end. If the block fails, `path`
    is unchanged and the temporary file is deleted. A symbolic link stays: the file that it leads to
    is replaced, or created. An existing file keeps its permissions; only the current user can read
    a new one.

    What is not a regular file, such as a named pipe or `/dev/stdout`, is never replaced: the block
    writes to it directly.

    Temporary files that a killed process left beside `path` are deleted first.

    Args:
        path: File to create or replace.
        signature: The first bytes that are written. Only temporary files that begin with them are
            taken for leftovers.
        last_line: How the last line of a complete file begins. A file with such a line is not taken
            for a leftover: a user may have given it a similar name.

    Yields:
        The file, open for writing bytes.

    Raises:
        OSError: The file can't be written.
    """
    existing = _status(path)
    descriptor = _descriptor_of(path)
    if existing is None or (stat.S_ISREG(existing.st_mode) and descriptor is None):
        with _temporary_file(path, existing, signature, last_line) as file:
            yield file
    else:  # a folder raises an error here, before anything is sent
        with _open_directly(path, descriptor) as file:
            yield file


@contextmanager
def _temporary_file(
    path: Union[str, os.PathLike[str]],
    existing: Optional[os.stat_result],
    signature: bytes,
    last_line: bytes,
) -> Generator[IO[bytes], None, None]:
    target = Path(os.path.realpath(path))
    with _named(path):
        _delete_leftovers(target.parent, signature, last_line)
        file, temporary = _locked_temporary_file(target.parent)
    try:
        with file:
            yield file
            file.flush()
            if existing is not None:
                _copy_permissions(existing, file)
            os.fsync(file.fileno())
            if fcntl is not None:  # the lock is held until the file has its name
                _replace(temporary, target)
        if fcntl is None:  # Windows can't rename an open file
            temporary.replace(target)
    except BaseException:
        with suppress(FileNotFoundError):
            temporary.unlink()
        raise


def _replace(temporary: Path, target: Path) -> None:
    """Give a complete file its name; a mount point, which can't be replaced, gets its content."""
    try:
        temporary.replace(target)
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        with _named(target), temporary.open("rb") as content, target.open("wb") as file:
            shutil.copyfileobj(content, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.unlink()


@contextmanager
def _named(path: Union[str, os.PathLike[str]]) -> Generator[None, None, None]:
    """Let an error name the file to write instead of the temporary one."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error


def _status(path: Union[str, os.PathLike[str]]) -> Optional[os.stat_result]:
    """Return the status of the file that `path` leads to; None if there is none."""
    try:
        return Path(path).stat()
    except FileNotFoundError:
        return None


def _descriptor_of(path: Union[str, os.PathLike[str]]) -> Optional[Path]:
    """Return the entry for an open file of a process that a path leads to, as /dev/stdout does.

    Redirections share the position in such a file: it must not be replaced.
    """
    link = Path(path).absolute()
    for _ in range(40):  # as many links as Linux follows
        folder = os.path.realpath(link.parent)
        if folder == "/dev/fd" or folder.startswith("/proc/"):
            return Path(folder, link.name)
        if not link.is_symlink():
            return None
        link = Path(folder, os.readlink(link))
    return None


def _open_directly(path: Union[str, os.PathLike[str]], descriptor: Optional[Path]) -> IO[bytes]:
    """Open what must not be replaced for writing."""
    if descriptor is None or not descriptor.name.isdigit():
        return Path(path).open("wb")
    own_folders = ("/dev/fd", f"/proc/{os.getpid()}/fd")
    number = int(descriptor.name)
    if str(descriptor.parent) not in own_folders or not _is_writable(number):
        return Path(path).open("wb")
    # To open it by its name would truncate the file, and write at a position of its own, over what
    # the process writes itself. A socket has no name to open.
    return os.fdopen(os.dup(number), "wb")


def _is_writable(descriptor: int) -> bool:
    if fcntl is None:
        return False
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    return flags & (os.O_WRONLY | os.O_RDWR) != 0


def _locked_temporary_file(folder: Path) -> Tuple[IO[bytes], Path]:
    """Create a temporary file that is locked until it is closed, or this process ends."""
    while True:
        handle, name = tempfile.mkstemp(prefix=_PREFIX, dir=folder)
        file = os.fdopen(handle, "wb")
        if fcntl is not None:
            with suppress(OSError):  # some file systems have no locks
                fcntl.flock(handle, fcntl.LOCK_EX)
            if not os.fstat(handle).st_nlink:
                file.close()  # another process took it for a leftover before it was locked
                continue
        return file, Path(name)


def _delete_leftovers(folder: Path, signature: bytes, last_line: bytes) -> None:
    """Delete the temporary files whose processes have ended: nothing locks them."""
    with suppress(OSError):  # without the right to list the folder
        for file in [file for file in folder.iterdir() if _LEFTOVER_NAME.fullmatch(file.name)]:
            with suppress(OSError):  # locked, or deleted meanwhile
                _delete_unlocked(file, signature, last_line)


def _delete_unlocked(file: Path, signature: bytes, last_line: bytes) -> None:
    # A link or a named pipe is not ours, and opening it could wait.
    if fcntl is None:
        return
    handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            return
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_ours = signature.startswith(os.read(handle, len(signature)))  # it may be empty
        if last_line and _last_line(handle, status.st_size).startswith(last_line):
            return
        if is_ours and os.path.samestat(file.lstat(), status):
            file.unlink()
    finally:
        os.close(handle)


def _last_line(handle: int, size: int) -> bytes:
    """Return the last line of a file, or the end of it if it is long."""
    os.lseek(handle, max(0, size - _LONGEST_LAST_LINE), os.SEEK_SET)
    return os.read(handle, _LONGEST_LAST_LINE).rstrip(b"\r\n").rpartition(b"\n")[2]


def _copy_permissions(existing: os.stat_result, file: IO[bytes]) -> None:
    if not hasattr(os, "fchmod"):  # Windows
        return
    permissions = stat.S_IMODE(existing.st_mode) & 0o777
    status = os.fstat(file.fileno())
    if (status.st_uid, status.st_gid) != (existing.st_uid, existing.st_gid):
        try:
            os.fchown(file.fileno(), existing.st_uid, existing.st_gid)
        except OSError:
            permissions &= _WITHOUT_GROUP  # it would be another group
    os.fchmod(file.fileno(), permissions)
