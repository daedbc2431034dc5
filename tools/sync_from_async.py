"""Write the synchronous client from the asynchronous one, so that nothing is written twice.

`python tools/sync_from_async.py` writes, `--check` compares and fails on a difference.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "wrapper" / "memoryos"
MODULES = ("session", "resources", "memories", "client", "transport", "httpx_transport")

HEADER = "# Written by tools/sync_from_async.py from {source}: edit that file.\n"

# In this order: each is a regular expression and what stands in its place.
REPLACEMENTS = (
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\bAwaitable\[None\]", "None"),
    (r", Awaitable\b|\bAwaitable, ", ""),
    (
        r"\b_async_(session|resources|memories|client|transport|httpx_transport|connections|gather)\b",
        r"_\1",
    ),
    (r"\basync_(local_client)\b", r"\1"),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\b__a(enter|exit)__\b", r"__\1__"),
    (r"\brun_async\b", "run"),
    (r"\bAsyncIterator\b", "Iterator"),
    (r"\baiter_raw\b", "iter_raw"),
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
    differing = []
    for module in MODULES:
        source, target = package / f"_async_{module}.py", package / f"_{module}.py"
        text = _formatted(synchronous(source.read_text(encoding="utf-8"), source.name), target)
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            differing.append(target.name)
            if "--check" not in arguments:
                target.write_text(text, encoding="utf-8")
    if differing and "--check" in arguments:
        names = ", ".join(differing)
        sys.stderr.write(f"{names}: differs from its asynchronous source; run `make regenerate`\n")
        return 1
    return 0


def _formatted(text: str, target: Path) -> str:
    """Return the text as the house's formatter writes it."""
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
