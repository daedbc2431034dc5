"""Writing a file so that it is either the old one or the new one, and never half of it."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Generator, Union


@contextmanager
def replaced(path: Union[str, os.PathLike[str]]) -> Generator[IO[bytes], None, None]:
    """Yield a file to write, which takes the place of `path` when the block ends without an error.

    Raises:
        OSError: It can't be written.
    """
    target = Path(path)
    handle, name = tempfile.mkstemp(prefix=".memoryos-", dir=target.parent)  # for this user only
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
