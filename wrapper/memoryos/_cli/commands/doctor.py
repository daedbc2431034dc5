"""`memoryos doctor`: find out what keeps this machine from using Memory OS, and how to fix it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, List

from memoryos._cli import arguments
from memoryos._cli.command_runner import run_with_console
from memoryos._cli.exit_statuses import FAILED
from memoryos._cli.key_file import use_key_file
from memoryos._cli.output.console import print_json
from memoryos._cli.output.formatting import plural
from memoryos_server.commands.redaction import redact

from .mcp import add_options as add_mcp_options

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
It stores and changes nothing. The exit status is 1 if there is a problem; warnings don't count.
It takes the options of `memoryos mcp`: to check the configuration of an AI application, run its
command with `doctor` instead of `mcp`."""

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
    arguments.add_json(parser, "the findings as JSON")
    add_mcp_options(parser, "as for `memoryos mcp`: don't check the permission to write")


def run(options: argparse.Namespace) -> int:
    """Run all checks and return the exit status."""
    return run_with_console("doctor", options, lambda console: _examine(console, options))


def _examine(console: Console, options: argparse.Namespace) -> int:
    from memoryos._cli.doctor.checks import run_checks
    from memoryos._cli.doctor.findings import PROBLEM

    use_key_file(options)
    findings: List[Finding] = []
    for found in run_checks(options):
        # The message of an error may repeat a setting, and a key may be in the wrong one.
        finding = replace(found, fact=redact(found.fact)) if found.state == PROBLEM else found
        findings.append(finding)
        if not options.json:
            _show(finding, console)
    problems = [finding for finding in findings if finding.state == PROBLEM]
    if options.json:
        shown = [finding.as_json() for finding in findings]
        print_json({"ok": not problems, "findings": shown})
    elif problems:
        console.line("")
        console.line(
            f"{plural(len(problems), 'problem')} to fix: {', '.join(p.name for p in problems)}",
            "bad",
        )
    else:
        console.line("")
        console.line("Everything works.", "good")
    return FAILED if problems else 0


def _show(finding: Finding, console: Console) -> None:
    mark, style = _MARKS[finding.state]
    console.line(f"{mark:<8} {finding.name:<10} {finding.fact}", style)
    if finding.advice:
        console.line(f"{'':<19} -> {finding.advice}")
