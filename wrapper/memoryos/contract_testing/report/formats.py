"""A run's results as a table for people, and as JSON. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Dict, List

if TYPE_CHECKING:
    from .results import Finding, Results

__all__ = ["as_json", "as_text"]

_MOST_LEFTOVERS = 10
_HEADINGS = ("operation", "checked", "failed", "assumed", "skipped", "cases")


def as_text(results: Results, *, strict: bool) -> str:
    """Return a table with a line for each operation, and below it what was found.

    Args:
        results: of the run.
        strict: whether failures of what is assumed count.
    """
    parts = ["\n".join(_table(results))] if results.findings else []
    parts += _problems("Violations of the contract", results.with_verdict("failed"))
    apart = "these count, by --strict" if strict else "these do not count"
    assumed = f"Differences from what the contract assumes ({apart})"
    parts += _problems(assumed, results.with_verdict("assumed"))
    skipped = [
        f"  {each.operation}: {each.check}: {each.message}"
        for each in results.with_verdict("skipped")
    ]
    if skipped:
        parts.append("\n".join(["Not checked", *skipped]))
    parts += _leftovers(results)
    parts.append(_summary(results, strict=strict))
    return "\n\n".join(parts) + "\n"


def as_json(results: Results, *, strict: bool) -> str:
    """Return everything that was found, for programs."""
    value: Dict[str, Any] = {
        "base_url": results.base_url,
        "exit_status": results.exit_status(strict=strict),
        "strict": strict,
        "seed": results.seed,
        "interrupted": results.interrupted,
        "stopped": results.stopped,
        "requests": results.requests,
        "generated_cases": results.generated_cases(),
        "cases": results.cases,
        "not_sent": results.not_sent,
        "sequences": results.sequences,
        "sequence_calls": results.steps,
        "seconds": round(results.seconds, 3),
        "findings": [vars(each) for each in results.findings],
        "leftovers": vars(results.leftovers),
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _table(results: Results) -> List[str]:
    rows = [_HEADINGS, *(_row(results, operation) for operation in results.operations)]
    rows = [row for row in rows if row is _HEADINGS or any(cell != "0" for cell in row[1:])]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    return [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths))
        ).rstrip()
        for row in rows
    ]


def _row(results: Results, operation: str) -> tuple[str, ...]:
    counted = (
        len(results.of(operation, "passed", "failed", "assumed")),
        len(results.of(operation, "failed")),
        len(results.of(operation, "assumed")),
        len(results.of(operation, "skipped")),
        results.cases.get(operation, 0),
    )
    return (operation, *map(str, counted))


def _problems(title: str, findings: List[Finding]) -> List[str]:
    lines: List[str] = []
    for each in findings:
        lines += [f"  {each.operation}: {each.check}", f"    {each.sentence}"]
        lines += [f"    {each.message}"] + ([f"    {each.request}"] if each.request else [])
    return ["\n".join([title, *lines])] if lines else []


def _leftovers(results: Results) -> List[str]:
    left = results.leftovers
    named = [f"{key} {name!r}" for key, name in left.entities.items()]
    lines = [
        *_some("memory", left.memories, "could not be deleted"),
        *_some("memory", left.unrecognized, "came of a creation, without the marker: not touched"),
        *_some("entity", named, "can't be deleted by the API"),
        *_some("tag", left.tags, "can't be deleted by the API"),
    ]
    return ["\n".join(["What remains on the server", *lines])] if lines else []


def _some(kind: str, names: List[str], fate: str) -> List[str]:
    lines = [f"  {kind} {name}: {fate}" for name in names[:_MOST_LEFTOVERS]]
    more = len(names) - _MOST_LEFTOVERS
    return [*lines, f"  … and {more:,} more of them, all in the JSON report"] if more > 0 else lines


def _summary(results: Results, *, strict: bool) -> str:
    assumed = results.with_verdict("assumed")
    failed = [*results.with_verdict("failed"), *(assumed if strict else ())]
    amount = (
        f"{results.generated_cases():,} generated cases and {results.sequences:,} sequences "
        f"({results.steps:,} calls); {results.requests:,} requests in {results.seconds:.0f} s, "
        f"seed {results.seed}."
    )
    lines = [amount]
    if results.interrupted:
        lines.append("Interrupted: what is above is a part.")
    if results.stopped:
        lines.append(f"Stopped: {results.stopped}")
    if failed:
        lines.append(f"{results.base_url} breaks the contract in {len(failed)} checks.")
    elif results.with_verdict("passed"):
        also = f"; {len(assumed)} assumptions differ" if assumed else ""
        lines.append(f"{results.base_url} keeps to the contract in all that was checked{also}.")
    else:
        lines.append(f"Nothing could be checked at {results.base_url}.")
    return "\n".join(lines)
