"""Reports and errors of an import."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, List, Mapping, Optional, Sequence, Tuple

from memoryos.exceptions import MemoryOSError, ValidationError

_MAX_NAMED_LINES = 10
_ADVICE = "on_error='reject' (--on-error reject) imports the others"
_RULE = "must contain only memories that the service can take"


@dataclass(frozen=True)
class RejectedLine:
    """A line of a file that was not imported.

    Attributes:
        line: Its number, starting at 1.
        memory_id: The id of its memory in the file, or None if it has none.
        message: Why it was not imported.
    """

    line: int
    memory_id: Optional[str]
    message: str


@dataclass(frozen=True)
class ImportReport:
    """Number of memories that an import created, updated, skipped and rejected.

    Attributes:
        created: Number of memories created.
        updated: Number of existing memories changed.
        skipped: Number of existing memories left unchanged.
        rejected: Number of lines left out because they can't be imported.
        dry_run: True if nothing was written and the numbers say what an import would do.
        rejected_lines: The lines that were left out, in the order of the file.
    """

    created: int = 0
    updated: int = 0
    skipped: int = 0
    rejected: int = 0
    dry_run: bool = False
    rejected_lines: Tuple[RejectedLine, ...] = field(default=(), repr=False)


def refused_file(name: str, rejected: Sequence[RejectedLine]) -> ValidationError:
    """Return the error for a file with lines that can't be imported; nothing was stored."""
    first, lines = rejected[0], [one.line for one in rejected]
    message = f"{name}: line {first.line}: {first.message}{_others(lines[1:])}. "
    message += f"Nothing was stored; {_ADVICE}"
    ids = [one.memory_id for one in rejected if one.memory_id is not None]
    details = {
        "argument": "path",
        "rule": _RULE,
        "line": first.line,
        "lines": lines,
        "memory_ids": ids,
        "created": 0,
        "updated": 0,
        "skipped": 0,
    }
    return ValidationError("VALIDATION_ERROR", message, 400, details=details)


def _others(lines: List[int]) -> str:
    if not lines:
        return ""
    named = ", ".join(map(str, lines[:_MAX_NAMED_LINES]))
    more = f" and {len(lines) - _MAX_NAMED_LINES} more" if len(lines) > _MAX_NAMED_LINES else ""
    noun = "line" if len(lines) == 1 else "lines"
    return f"; {noun} {named}{more} can't be imported either"


def stopped_at(name: str, error: MemoryOSError, progress: Mapping[str, Any]) -> ValidationError:
    """Return the error for a line that the service doesn't take; it ends the import.

    Args:
        name: The file's name.
        error: The service's error.
        progress: The line, and what was done before it.
    """
    message = (
        f"{name}: line {progress['line']}: {error.message}. The import ended there, with "
        f"{progress['created']} created, {progress['updated']} updated and "
        f"{progress['skipped']} skipped; {_ADVICE}"
    )
    details = {
        "argument": "path",
        "rule": error.details.get("rule", _RULE),
        "lines": [progress["line"]],
        "memory_ids": [progress["memory_id"]],
        **progress,
    }
    return ValidationError(
        error.code,
        message,
        error.status,
        error.request_id,
        error.retry_after,
        details=details,
        attempts=error.attempts,
        method=error.method,
        path=error.path,
    )
