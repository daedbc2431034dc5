"""How the examples print: headings, memories, and scores as small bars. Nothing of the SDK."""

from __future__ import annotations

import os
import sys
from typing import Any, Mapping, NoReturn, Sequence

_BAR_CELLS = 10
_DRAWS_BLOCKS = (sys.stdout.encoding or "").lower().startswith("utf")
_FULL, _EMPTY = ("█", "░") if _DRAWS_BLOCKS else ("#", ".")
_PARTS = "▏▎▍▌▋▊▉" if _DRAWS_BLOCKS else ""
_COLOURED = sys.stdout.isatty() and "NO_COLOR" not in os.environ

_chapters = 0


def chapter(title: str) -> None:
    """Print a numbered heading."""
    global _chapters  # noqa: PLW0603 - the number of the chapter is all the state there is
    _chapters += 1
    print(f"\n{_styled('1;36', f'{_chapters}. {title}')}")


def say(sentence: str) -> None:
    """Print a sentence under the heading."""
    print(f"   {sentence}")


def kept(memory: Mapping[str, Any]) -> None:
    """Print a memory that was stored or read."""
    nature = memory["memory_nature"] or "-"
    traits = f"{memory['tier']:<6} {memory['content_type']:<12} {nature:<8}"
    print(f"   {_faint(traits)} {memory['content']}")


def found(question: str, search: Mapping[str, Any]) -> None:
    """Print what a search found, best first, each with its similarity as a bar."""
    if not search["results"]:
        fail(f"The search for {question!r} found nothing.")
    say(f"“{question}”" if _DRAWS_BLOCKS else repr(question))
    for result in search["results"]:
        score = result["similarity"]
        print(f"     {_styled('32', bar(score))} {score:.2f}  {result['content']}")


def context_block(context: Mapping[str, Any]) -> None:
    """Print the text for the prompt, with what it took to make it."""
    if not context["context"].strip():
        fail("The context came back empty.")
    for line in context["context"].strip().splitlines():
        print(f"   {_faint('|')} {line}")
    memories = counted(len(context["memories"]), "memory", "memories")
    tokens = counted(context["token_count"], "token")
    say(f"{memories}, {tokens}, {context['retrieval_time_ms']} ms")


def counted(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: `1 memory`, `2 memories`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def tally(memories: Sequence[Mapping[str, Any]]) -> None:
    """Print how many memories each tier holds."""
    for tier in ("short", "medium", "long"):
        count = sum(memory["tier"] == tier for memory in memories)
        print(f"     {tier:<6} {count} {_styled('33', _FULL * count)}")


def bar(score: float) -> str:
    """Draw a score from 0 to 1 as a bar of ten cells, the last of them in parts where it can be."""
    steps = len(_PARTS) + 1
    full, part = divmod(round(min(max(score, 0.0), 1.0) * _BAR_CELLS * steps), steps)
    drawn = _FULL * full + (_PARTS[part - 1] if part else "")
    return drawn + _EMPTY * (_BAR_CELLS - len(drawn))


def fail(sentence: str) -> NoReturn:
    """Say what went wrong and end with exit code 1."""
    sys.exit(f"\n{sentence}")


def _faint(text: str) -> str:
    return _styled("2", text)


def _styled(code: str, text: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if _COLOURED else text
