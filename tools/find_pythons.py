"""Find the Python interpreters of this machine."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

OLDEST_MINOR = 8
NEWEST_MINOR = 20


def find_pythons() -> dict[str, str]:
    """Return the path of one interpreter for each version from 3.8 up, oldest first.

    pyenv's are found even if they are not active, when its commands on PATH fail.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders = [
        *map(str, sorted(pyenv.glob("versions/*/bin"))),
        os.environ.get("PATH", ""),
        f"{sys.base_prefix}/bin",
    ]
    found = {
        f"3.{minor}": shutil.which(f"python3.{minor}", path=os.pathsep.join(folders))
        for minor in range(OLDEST_MINOR, NEWEST_MINOR + 1)
    }
    return {version: path for version, path in found.items() if path}
