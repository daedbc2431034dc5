"""The report on a change of the contract, as text and as JSON."""

from __future__ import annotations

import json
import textwrap
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contract_changes.change import Change
    from contract_changes.mentions import Mention
    from wrapper_contract.disagreement import Disagreement

WIDTH = 100
MOST_MENTIONS = 12
_KIND_WIDTH = 24
_QUIET = {"documentation", "wording", "version"}


@dataclass(frozen=True)
class Report:
    """The changes, and what has to be adapted to them."""

    changes: list[Change]
    disagreements: list[Disagreement]
    mentions: list[Mention]

    @property
    def breaks(self) -> bool:
        """Whether any change breaks users."""
        return any(change.breaks for change in self.changes)


def as_json(report: Report) -> str:
    """Return the report for programs."""
    document: dict[str, Any] = {
        "breaks": report.breaks,
        "changes": [_change_fields(change) for change in report.changes],
        "disagreements": [item._asdict() for item in report.disagreements],
        "mentions": [item._asdict() for item in report.mentions],
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def _change_fields(change: Change) -> dict[str, Any]:
    return {key: value for key, value in asdict(change).items() if value not in ("", None)}


def as_text(report: Report) -> str:
    """Return the report for people: one line if nothing changed and everything agrees."""
    return "\n\n".join(_paragraphs(report))


def next_steps(report: Report) -> str:
    """Return the next steps of a maintainer, or an empty text."""
    steps = []
    if report.disagreements:
        steps.append("fix what disagrees, and `make regenerate` again")
    if report.changes:
        steps += ["`make check` and `make test`", "say in CHANGELOG.md what users notice"]
        steps.append("`make release-check`")
    numbered = (f"  {number}. {step}" for number, step in enumerate(steps, 1))
    return _section("Next:", numbered) if steps else ""


def _paragraphs(report: Report) -> Iterator[str]:
    yield _headline(report.changes)
    breaking = [change for change in report.changes if change.breaks]
    harmless = [item for item in report.changes if not item.breaks and item.kind not in _QUIET]
    quiet = [change for change in report.changes if change.kind in _QUIET]
    if breaking:
        yield _section("Breaks users:", map(_entry, breaking))
    if harmless:
        yield _section("Compatible:", map(_entry, harmless))
    if quiet:
        yield _section("Of no effect:", map(_line, quiet))
    if report.disagreements:
        count = _number(len(report.disagreements), "place")
        heading = f"The code disagrees with the contract in {count}:"
        yield _section(heading, map(_located, report.disagreements))
    if report.mentions:
        yield _section("Check what mentions it:", _mentions(report.mentions))


def _headline(changes: list[Change]) -> str:
    if not changes:
        return "The contract has not changed."
    count = sum(change.breaks for change in changes)
    verdict = "none of them breaks" if len(changes) > 1 else "which does not break"
    if count:
        verdict = f"{count} of them break{'s' if count == 1 else ''}"
        verdict = verdict if len(changes) > 1 else "which breaks"
    return f"The contract has changed: {_number(len(changes), 'change')}, {verdict} users."


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _section(heading: str, entries: Iterable[str]) -> str:
    return "\n".join([heading, *entries])


def _entry(change: Change) -> str:
    return f"{_line(change)}\n{_indented(change.why, _KIND_WIDTH + 2)}"


def _line(change: Change) -> str:
    sides = {"request": "requests", "answer": "responses"}
    side = f" ({sides[change.side]})" if change.side and not _says_side(change) else ""
    text = f"{change.where}{side}: {change.what}{_operations(change)}"
    return f"  {change.kind:<{_KIND_WIDTH - 1}} {_indented(text, _KIND_WIDTH + 2).lstrip()}"


def _says_side(change: Change) -> bool:
    return " in the " in change.where or change.where.startswith(("answer ", "the body "))


def _operations(change: Change) -> str:
    others = [name for name in change.operations if name not in change.where]
    return f" — {', '.join(others)}" if others else ""


def _indented(text: str, indent: int) -> str:
    prefix = " " * indent
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=prefix,
        subsequent_indent=prefix,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _located(item: Disagreement | Mention) -> str:
    return f"  {item.file}:{item.line}\n{_indented(item.sentence, 6)}"


def _mentions(found: list[Mention]) -> Iterator[str]:
    yield from map(_located, found[:MOST_MENTIONS])
    if len(found) > MOST_MENTIONS:
        yield f"  … and {len(found) - MOST_MENTIONS} more lines (FORMAT=json lists them all)"
