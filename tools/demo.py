"""Start a temporary Memory OS and run examples/quickstart.py against it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
_START_SECONDS = 60
_STOP_SECONDS = 10


class Server(NamedTuple):
    """A running Memory OS, and an API key for it."""

    base_url: str
    api_key: str
    process: subprocess.Popen[str]


class StartError(Exception):
    """The Memory OS did not start."""


@contextlib.contextmanager
def local_server(
    data: Path,
    python: str = sys.executable,
    *,
    options: Sequence[str] = (),
    api_key: str | None = None,
) -> Iterator[Server]:
    """Serve a Memory OS on a free local port until the context ends.

    Args:
        data: The file of its memories.
        python: The interpreter that it runs on, with `memoryos[local]` installed.
        options: More options of `memoryos serve`.
        api_key: An API key for the memories; if None, a new one.

    Raises:
        StartError: The server exited, or printed nothing for a minute.
    """
    command = [python, "-m", "memoryos", "serve", "--port=0", f"--data={data}", "--json", *options]
    # Its lines for each request would stand between those of the program.
    environment = {"MEMORY_OS_LOG": "warning", **os.environ}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            base_url, first_key = _started(process)
            yield Server(base_url, api_key or first_key or new_key(data, python), process)
        finally:
            _stop(process)


def _started(process: subprocess.Popen[str]) -> tuple[str, str | None]:
    """Return the address that the server prints, and the API key that it has made, if any."""
    timeout = threading.Timer(_START_SECONDS, process.kill)
    timeout.start()
    line = process.stdout.readline() if process.stdout else ""
    timeout.cancel()
    if not line:
        raise StartError("The local Memory OS did not start; its messages are above.")
    printed = json.loads(line)
    return printed["base_url"], first_key(printed)


def first_key(printed: Mapping[str, str | None]) -> str | None:
    """Return the API key that a server has made, from what it prints; None if it has made none."""
    file = printed.get("api_key_file")
    # A checkout from before the file, in a benchmark, prints the key itself.
    return printed.get("api_key") if file is None else Path(file).read_text("ascii").strip()


def new_key(data: Path, python: str = sys.executable) -> str:
    """Create an API key for the memories in a file, which may be in use, and return it."""
    command = [python, "-m", "memoryos", "keys", "create", f"--data={data}", "--json"]
    made = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return str(json.loads(made.stdout)["api_key"])


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def run_quickstart(server: Server) -> int:
    """Run the quick start against a server, and return its exit code."""
    settings = {"MEMORY_OS_BASE_URL": server.base_url, "MEMORY_OS_API_KEY": server.api_key}
    command = [sys.executable, "-B", "examples/quickstart.py"]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **settings}, check=False).returncode


def main() -> int:
    """Run the demo, and return the exit code of the quick start."""
    with (
        tempfile.TemporaryDirectory(prefix="memoryos-demo-") as folder,
        local_server(Path(folder, "demo.db")) as server,
    ):
        print(f"A Memory OS is running at {server.base_url}, on a temporary file.", flush=True)
        exit_code = run_quickstart(server)
    if exit_code == 0:
        print("\nThat was examples/quickstart.py. To keep a Memory OS running: make serve")
    return exit_code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except StartError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
