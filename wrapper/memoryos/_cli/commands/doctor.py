"""`memoryos doctor`: what is wrong between here and Memory OS, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, List

from memoryos._cli import arguments
from memoryos._cli.command_runner import run_with_console
from memoryos._cli.error_messages import FAILED
from memoryos._cli.output.console import print_json

if TYPE_CHECKING:
    import argparse

    from memoryos._cli.doctor.findings import Finding
    from memoryos._cli.output.console import Console

__all__ = ["configure", "run"]

_EXAMPLES = """
memoryos doctor
memoryos doctor --local
memoryos doctor --json | jq -r '.findings[] | select(.state == "problem") | .advice'
"""
_NOTE = """
It stores and changes nothing. Exit status 1 where there is a problem; warnings are none."""

_MARKS = {
    "ok": ("ok", ""),
    "warning": ("warning", "warning"),
    "problem": ("PROBLEM", "bad"),
    "skipped": ("-", "faint"),
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `doctor`."""
    arguments.describe(parser, _EXAMPLES)
    parser.epilog = f"{parser.epilog}\n{_NOTE}"
    arguments.add_json(parser, "what was found as JSON")
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Check everything, and return the exit status."""
    return run_with_console("doctor", options, lambda console: _examine(console, options))


def _examine(console: Console, options: argparse.Namespace) -> int:
    from memoryos._cli.doctor.checks import run_checks

    findings: List[Finding] = []
    for finding in run_checks(options):
        findings.append(finding)
        if not options.json:
            _tell(finding, console)
    problems = [finding for finding in findings if finding.state == "problem"]
    if options.json:
        told = [finding.as_json() for finding in findings]
        print_json({"ok": not problems, "findings": told})
    elif problems:
        console.line("")
        console.line(f"{len(problems)} to put right: {', '.join(p.name for p in problems)}", "bad")
    else:
        console.line("")
        console.line("Everything works.", "good")
    return FAILED if problems else 0


def _tell(finding: Finding, console: Console) -> None:
    mark, style = _MARKS[finding.state]
    console.line(f"{mark:<8} {finding.name:<10} {finding.fact}", style)
    if finding.advice:
        console.line(f"{'':<19} -> {finding.advice}")
