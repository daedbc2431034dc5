"""Format results as text and as JSON. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Dict, List

from memoryos._printable import plural

if TYPE_CHECKING:
    from .results import Finding, Results

__all__ = ["as_json", "as_text"]

_MAX_SHOWN_LEFTOVERS = 10
_HEADINGS = ("operation", "checked", "failed", "assumed", "skipped", "cases")


def as_text(results: Results, *, strict: bool) -> str:
    """Return a table with one line per operation, followed by the findings and a summary.

    Args:
        results: Results of the run.
        strict: Count differences from assumed parts of the contract as failures.
    """
    parts = ["\n".join(_table(results))] if results.findings else []
    parts += _problems("Violations of the contract", results.with_verdict("failed"))
    counted = "counted, because of --strict" if strict else "not counted"
    assumed = f"Differences from assumed parts of the contract ({counted})"
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
    """Return all results as JSON.

    Args:
        results: Results of the run.
        strict: Value of `--strict`, for the exit status.
    """
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
        "findings": [_finding(each) for each in results.findings],
        "leftovers": vars(results.leftovers),
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _finding(finding: Finding) -> Dict[str, Any]:
    return {
        "operation": finding.operation,
        "check": finding.check,
        "sentence": finding.description,
        "verdict": finding.verdict,
        "message": finding.message,
        "request": finding.request,
        "seconds": finding.seconds,
        "times": finding.times,
    }


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
    counts = (
        len(results.of(operation, "passed", "failed", "assumed")),
        len(results.of(operation, "failed")),
        len(results.of(operation, "assumed")),
        len(results.of(operation, "skipped")),
        results.cases.get(operation, 0),
    )
    return (operation, *map(str, counts))


def _problems(title: str, findings: List[Finding]) -> List[str]:
    lines: List[str] = []
    for each in findings:
        lines += [f"  {each.operation}: {each.check}", f"    {each.description}"]
        lines += [f"    {each.message}"] + ([f"    {each.request}"] if each.request else [])
    return ["\n".join([title, *lines])] if lines else []


def _leftovers(results: Results) -> List[str]:
    left = results.leftovers
    entities = [f"{key} {name!r}" for key, name in left.entities.items()]
    lines = [
        *_leftover_lines("memory", left.memories, "could not be deleted"),
        *_leftover_lines(
            "memory", left.unrecognized, "created without the run's marker, so it was not deleted"
        ),
        *_leftover_lines("entity", entities, "can't be deleted by the API"),
        *_leftover_lines("tag", left.tags, "can't be deleted by the API"),
    ]
    return ["\n".join(["Left on the server", *lines])] if lines else []


def _leftover_lines(kind: str, names: List[str], reason: str) -> List[str]:
    lines = [f"  {kind} {name}: {reason}" for name in names[:_MAX_SHOWN_LEFTOVERS]]
    more = len(names) - _MAX_SHOWN_LEFTOVERS
    return [*lines, f"  … and {more:,} more; the JSON report lists all"] if more > 0 else lines


def _summary(results: Results, *, strict: bool) -> str:
    assumed = results.with_verdict("assumed")
    failed = [*results.with_verdict("failed"), *(assumed if strict else ())]
    volume = (
        f"{plural(results.generated_cases(), 'generated case')} and "
        f"{plural(results.sequences, 'sequence')} ({plural(results.steps, 'call')}); "
        f"{plural(results.requests, 'request')} in {results.seconds:.0f} s, "
        f"seed {results.seed}."
    )
    lines = [volume]
    if results.interrupted:
        lines.append("Interrupted: the results above are incomplete.")
    if results.stopped:
        lines.append(f"Stopped: {results.stopped}")
    if failed:
        lines.append(f"{results.base_url} violates the contract in {plural(len(failed), 'check')}.")
    elif results.with_verdict("passed"):
        differ = "differs" if len(assumed) == 1 else "differ"
        differences = f"; {plural(len(assumed), 'assumption')} {differ}" if assumed else ""
        lines.append(f"{results.base_url} passes all checks of the contract{differences}.")
    else:
        lines.append(f"Nothing could be checked at {results.base_url}.")
    return "\n".join(lines)
