"""Checks the local Memory OS against the contract, at full size: `make contract-test`.

usage: python tools/contract_test.py [OPTION …]     (more options of `memoryos contract-test`)

Starts a Memory OS on a temporary file, with an embedder that needs no model. Its exit status is
that of `memoryos contract-test`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from demo import local_server

if TYPE_CHECKING:
    from collections.abc import Sequence

CASES = 5_000
SEQUENCES = 500


def main(options: Sequence[str]) -> int:
    """Run the contract test with the given options, and return its exit status."""
    with tempfile.TemporaryDirectory(prefix="memoryos-contract-test-") as folder:
        data = Path(folder) / "memories.db"
        with local_server(data, options=("--embedder=hashing",)) as server:
            settings = {
                "MEMORY_OS_BASE_URL": server.base_url,
                "MEMORY_OS_API_KEY": server.api_key,
                "MEMORY_OS_READER_API_KEY": _reader_key(data),
            }
            size = (f"--cases={CASES}", f"--sequences={SEQUENCES}")
            command = _memoryos("contract-test", "--strict", "--disposable", *size, *options)
            environment = {**os.environ, **settings}
            return subprocess.run(command, env=environment, check=False).returncode


def _reader_key(data: Path) -> str:
    """Create a read-only key while the server is running, and return it."""
    command = _memoryos("keys", "create", "--scopes=memories:read", f"--data={data}", "--json")
    made = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return str(json.loads(made.stdout)["api_key"])


def _memoryos(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "memoryos", *arguments]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
