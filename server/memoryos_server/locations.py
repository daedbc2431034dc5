"""Where memories are kept on this machine where nothing else is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["default_data_path"]


def default_data_path() -> Path:
    """Return the file in the user's data folder that `memoryos serve` and `MemoryOS.local()` share.

    Nothing is created.
    """
    return platformdirs.user_data_path("memoryos", appauthor=False) / "memories.db"
