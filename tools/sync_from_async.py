"""Generate the synchronous client from the asynchronous one.

`python tools/sync_from_async.py` writes it; `--check` compares, and fails on a difference. Lines
that end in `# async only` are left out.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "wrapper" / "memoryos"

# Written by hand in both packages: sockets, threads and tasks differ too much.
HAND_WRITTEN = (
    *("__init__.py", "concurrency.py", "connections.py", "guard.py", "network.py"),
    "stream.py",
)

HEADER = "# Written by tools/sync_from_async.py from {source}: edit that file.\n"

# Regular expressions and their replacements, applied in this order.
REPLACEMENTS = (
    (r"(?m)^.*  # async only\n", ""),
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\bAwaitable\[None\]", "None"),
    (r"\bCoroutine\[Any, Any, (\w+)\]", r"\1"),
    (r", (Awaitable|Coroutine)\b|\b(Awaitable|Coroutine),\s", ""),
    (r"\bmemoryos\._async\b", "memoryos._sync"),
    (r"\basync_(local_transport)\b", r"\1"),
    (r"\b(_?)Async(?=[A-Z])", r"\1"),
    (r"\b__a(enter|exit)__\b", r"__\1__"),
    (r"\brun_async\b", "run"),
    (r"\bAsyncIterator\b", "Iterator"),
    (r"\baiter_raw\b", "iter_raw"),
    (r"\baread\b", "read"),
    (r"\bhandle_async_request\b", "handle_request"),
    (r"\b(list_memories)\.asyncio\b", r"\1.sync"),
    (r"\baclose\b", "close"),
    (r"\basyncio\.sleep\b", "time.sleep"),
    (r"\bimport asyncio\b", "import time"),
    (r"\basynchronous\b", "synchronous"),
)


def synchronous(text: str, source: str) -> str:
    """Return the synchronous form of an asynchronous module's text."""
    for pattern, replacement in REPLACEMENTS:
        text = re.sub(pattern, replacement, text)
    return HEADER.format(source=source) + text


def main(arguments: list[str], package: Path = PACKAGE) -> int:
    """Write the modules of the package, or compare them; return the exit status."""
    sources = sorted(package.glob("_async/*.py"))
    derived = [path.name for path in sources if path.name not in HAND_WRITTEN]
    differing = []
    for name in derived:
        source, target = f"_async/{name}", f"_sync/{name}"
        text = synchronous((package / source).read_text(encoding="utf-8"), source)
        if _differs(package / target, text, write="--check" not in arguments):
            differing.append(target)
    if differing and "--check" in arguments:
        listed = ", ".join(differing)
        sys.stderr.write(f"{listed}: differs from its asynchronous source; run `make regenerate`\n")
        return 1
    return 0


def _differs(target: Path, text: str, *, write: bool) -> bool:
    """Return whether a module differs from its text; with `write`, write it."""
    text = _formatted(text, target)
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return False
    if write:
        target.write_text(text, encoding="utf-8")
    return True


def _formatted(text: str, target: Path) -> str:
    """Return the text, formatted."""
    imports = ["check", "--select", "I", "--fix", "--quiet"]
    return _ruff(["format"], _ruff(imports, text, target), target)


def _ruff(command: list[str], text: str, target: Path) -> str:
    return subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--stdin-filename", str(target), "-"],
        input=text,
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
