"""A file of the lines that an import rejected. When they are mended, it can be imported."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Callable, Generator, Optional

from memoryos._protocol import lossless_json

from .atomic_file import replace_file
from .export_file import FORMAT, FORMAT_VERSION, LAST_LINE, SIGNATURE

if TYPE_CHECKING:
    from pathlib import Path

    from .import_plan import ImportPlan
    from .import_source import ImportSource


class _NothingRejectedError(Exception):
    """Ends the writing of a file that isn't needed."""


@contextmanager
def rejects_file(
    path: Optional[Path], source: ImportSource
) -> Generator[Callable[[ImportPlan], None], None, None]:
    """Yield a function that writes the rejected lines of a plan, if there are some.

    The lines are written as they are in the source, after a header that lets them be edited:
    without checksums, and with the new ids of their parents that were imported. An existing file is
    replaced only then.

    Args:
        path: The file; None for none.
        source: The file that is imported.

    Raises:
        OSError: The file can't be written.
    """
    if path is None:
        yield lambda _plan: None
        return
    with suppress(_NothingRejectedError), replace_file(path, SIGNATURE, LAST_LINE) as file:

        def write(plan: ImportPlan) -> None:
            offsets, parents = plan.rejects()
            if not offsets:
                raise _NothingRejectedError
            header = {"format": FORMAT, "version": FORMAT_VERSION, "checksums": False}
            file.write(lossless_json.encode({**header, "parents": parents}) + b"\n")
            file.writelines(map(source.line_at, offsets))

        yield write
