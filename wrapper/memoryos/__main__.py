"""`python -m memoryos`: the `memoryos` command."""

from __future__ import annotations

import sys

from memoryos._cli.main import main

if __name__ == "__main__":
    sys.exit(main())
