"""Write the synchronous client from the asynchronous one, so that nothing is written twice.

First the methods that answer with everything around the answer, from those that hand it out; then
the synchronous form of all of it.

`python tools/sync_from_async.py` writes, `--check` compares and fails on a difference.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "wrapper" / "memoryos"

# Written by hand in both packages: sockets, threads and tasks have no common form.
HAND_WRITTEN = ("__init__.py", "concurrency.py", "connections.py", "network.py")

HEADER = "# Written by tools/sync_from_async.py from {source}: edit that file.\n"

# From a method that hands the answer out to one that tells everything around it.
RAW_REPLACEMENTS = (
    (r"\bclass Async(\w+)", r"class AsyncRaw\1"),
    (r"\) -> (?!None)([A-Z]\w+):", r") -> RawResponse[\1, models.\1]:"),
    (r"\bself\._session\.call\(", "self._session.call_raw("),
    (r'^"""The resources of AsyncMemoryOS', '"""The methods behind `with_raw_response`'),
    (r"(?<=\n    )from \.session", "from memoryos_api import models\n\n    from .session"),
    (
        r"(?<=\n)    from memoryos\.types",
        "    from memoryos._protocol.raw_response import RawResponse\n    from memoryos.types",
    ),
)

# In this order: each is a regular expression and what stands in its place.
REPLACEMENTS = (
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\bAwaitable\[None\]", "None"),
    (r", Awaitable\b|\bAwaitable, ", ""),
    (r"\bmemoryos\._async\b", "memoryos._sync"),
    (r"\basync_(local_transport)\b", r"\1"),
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
    return _rewritten(text, REPLACEMENTS, source)


def raw(text: str, source: str) -> str:
    """Return the form of the resources that answers with everything around the answer."""
    return _rewritten(text, RAW_REPLACEMENTS, source)


def _rewritten(text: str, replacements: tuple[tuple[str, str], ...], source: str) -> str:
    for pattern, replacement in replacements:
        text = re.sub(pattern, replacement, text)
    return HEADER.format(source=source) + _without_header(text)


def _without_header(text: str) -> str:
    return text.partition("\n")[2] if text.startswith("# Written by") else text


def main(arguments: list[str], package: Path = PACKAGE) -> int:
    """Write the modules of the package, or compare them; return the exit status."""
    pairs = [("_async/resources.py", "_async/raw_resources.py", raw)]
    sources = sorted(package.glob("_async/*.py"))
    derived = [path.name for path in sources if path.name not in HAND_WRITTEN]
    pairs += [(f"_async/{name}", f"_sync/{name}", synchronous) for name in derived]
    differing = []
    for source, target, form in pairs:
        text = form((package / source).read_text(encoding="utf-8"), source)
        if _differs(package / target, text, write="--check" not in arguments):
            differing.append(target)
    if differing and "--check" in arguments:
        names = ", ".join(differing)
        sys.stderr.write(f"{names}: differs from its asynchronous source; run `make regenerate`\n")
        return 1
    return 0


def _differs(target: Path, text: str, *, write: bool) -> bool:
    """Return whether a module is not what it should be, and mend it if asked to."""
    text = _formatted(text, target)
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return False
    if write:
        target.write_text(text, encoding="utf-8")
    return True


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
