"""What a docstring must say of an operation and of its arguments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECTION = re.compile(r"^(\w+):$")
_ENTRY = re.compile(r"^    (\w+): ?(.*)$")


class Entry(NamedTuple):
    """What a docstring says of one argument."""

    text: str
    line: int
    """Counted from the docstring's first line, which is 0."""


def arguments(docstring: str) -> dict[str, Entry]:
    """Return the entries of the section `Args:`."""
    found: dict[str, Entry] = {}
    section = current = ""
    for number, line in enumerate(docstring.splitlines()):
        heading, entry = _SECTION.match(line), _ENTRY.match(line)
        if heading:
            section, current = heading[1], ""
        elif section == "Args" and entry:
            current = entry[1]
            found[current] = Entry(entry[2], number)
        elif section == "Args" and current and line.startswith("        "):
            known = found[current]
            found[current] = Entry(f"{known.text} {line.strip()}", known.line)
    return found


def names_operation(docstring: str, operation: str) -> bool:
    """Return whether a docstring names the operation, as ``operation `create_memory```."""
    return f"operation `{operation}`" in " ".join(docstring.split())


def missing(text: str, schema: dict[str, Any]) -> list[str]:
    """Return the phrases that an argument's entry lacks, each in the form to be advised."""
    return [wanted[0] for wanted in phrases(schema) if not any(_says(text, way) for way in wanted)]


def _says(text: str, phrase: str) -> bool:
    start = r"\b" if phrase[0].isalnum() else ""
    end = r"\b" if phrase[-1].isalnum() else ""
    return re.search(start + re.escape(phrase) + end, text, re.IGNORECASE) is not None


def phrases(schema: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield, for each rule that a reader must know, the ways to say it."""
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        yield (f"from {least} to {most}",)
    elif least is not None:
        yield (f"{least} or more", f"at least {least}")
    elif most is not None:
        yield (f"at most {most}", f"up to {most}")
    yield from _lengths(schema.get("minLength"), schema.get("maxLength"), "character")
    yield from _lengths(schema.get("minItems"), schema.get("maxItems"), "item")
    for value in schema.get("enum", ()):
        yield (f"`{value}`",)
    if schema.get("format") == "uuid":
        yield ("UUID",)
    elif schema.get("format") in {"date-time", "date"}:
        yield ("RFC 3339",)


def _lengths(fewest: int | None, most: int | None, unit: str) -> Iterator[tuple[str, ...]]:
    if fewest is not None and fewest == most:
        yield (str(fewest),)
        return
    if fewest == 1 and most is None:
        yield (f"at least one {unit}", f"at least 1 {unit}")
    elif fewest and fewest > 1:
        yield (f"at least {fewest} {unit}s",)
    if most is not None:
        yield (f"up to {most}", f"at most {most}")
