"""`python -m memoryos_server` with the embedder of the tests: what the options are, it serves."""

from __future__ import annotations

import sys

from memoryos_server import __main__, service, serving
from memoryos_server.embedders.hashing import HashingEmbedder

if __name__ == "__main__":
    service.default_embedder = serving.default_embedder = HashingEmbedder
    sys.exit(__main__.main())
