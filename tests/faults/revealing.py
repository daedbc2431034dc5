"""Everything that anybody could show of an exception, by whatever renderer."""

from __future__ import annotations

import io
import traceback

import rich.console
import rich.pretty
import rich.traceback

LONGEST = 10_000  # characters of a string


def everything(raised, *, by_rich=True):
    """Return all that renderers of tracebacks show of an exception, locals included, as one text.

    The standard library's and rich's; and what neither shows, but an error reporter may: the chain
    that `from None` hides, each exception's attributes, and the locals of every frame.

    Args:
        raised: The exception.
        by_rich: Whether rich renders it, too, which takes a hundred times as long as the rest.
    """
    shown = [_by_traceback(raised), *([_by_rich(raised)] if by_rich else [])]
    for one in _chain(raised):
        shown.append(f"{one!r} {one!s} {one.args!r} {vars(one)!r}")
        shown += [_locals(frame) for frame, _line in traceback.walk_tb(one.__traceback__)]
    return "\n".join(shown)


def _by_traceback(raised):
    rendered = traceback.TracebackException(
        type(raised), raised, raised.__traceback__, capture_locals=True
    )
    return "".join(rendered.format())


def _by_rich(raised):
    console = rich.console.Console(file=io.StringIO(), width=500, color_system=None)
    console.print(
        rich.traceback.Traceback.from_exception(
            type(raised),
            raised,
            raised.__traceback__,
            show_locals=True,
            locals_max_length=None,
            locals_max_string=LONGEST,
            locals_hide_dunder=False,
            locals_hide_sunder=False,
        )
    )
    return console.file.getvalue()


def _chain(raised):
    pending, seen = [raised], []
    while pending:
        one = pending.pop()
        if one is not None and all(one is not other for other in seen):
            seen.append(one)
            pending += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
    return seen


def _locals(frame):
    values = dict(frame.f_locals)
    return f"{values!r} {rich.pretty.pretty_repr(values, max_width=10_000, max_string=LONGEST)}"
