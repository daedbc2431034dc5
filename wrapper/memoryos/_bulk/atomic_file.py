"""Atomic file replacement."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Generator, Union


@contextmanager
def replace_file(path: Union[str, os.PathLike[str]]) -> Generator[IO[bytes], None, None]:
    """Yield a temporary file that replaces `path` when the block ends without an error.

    If the block fails, `path` is unchanged and the temporary file is deleted.

    Args:
        path: File to create or replace.

    Yields:
        The temporary file, open for writing bytes. Only the current user can read it.

    Raises:
        OSError: The file can't be written.
    """
    target = Path(path)
    handle, name = tempfile.mkstemp(prefix=".memoryos-", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink()
        raise
