"""Check the arguments of `memories.import_`."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, Optional

from memoryos._protocol.argument_errors import invalid_argument, shown
from memoryos._protocol.validation import check_choice, check_flag

from .file_arguments import check_path
from .import_plan import CONFLICT_CHOICES, ERROR_CHOICES

if TYPE_CHECKING:
    from pathlib import Path


class Files(NamedTuple):
    """The file to read, and the file for the rejected lines."""

    path: Path
    rejects: Optional[Path]


def check(
    path: Any,
    on_conflict: str,
    on_error: str,
    rejects: Any,
    *,
    dry_run: bool,
    without_dates: bool,
) -> Files:
    """Check the arguments of an import, and return its files.

    Raises:
        ValidationError: An argument is invalid.
    """
    source = check_path("path", path)
    check_choice("on_conflict", on_conflict, CONFLICT_CHOICES)
    check_choice("on_error", on_error, ERROR_CHOICES)
    check_flag("dry_run", dry_run)
    check_flag("without_dates", without_dates)
    if rejects is None:
        return Files(source, None)
    target = check_path("rejects", rejects)
    if on_error != "reject":
        raise invalid_argument(
            "rejects", shown(rejects), "can only be given with on_error='reject'"
        )
    if _are_same(source, target):
        raise invalid_argument("rejects", shown(rejects), "must be another file than path")
    return Files(source, None if dry_run else target)


def _are_same(source: Path, target: Path) -> bool:
    with suppress(OSError):  # one of them doesn't exist
        return source.samefile(target)
    return False
