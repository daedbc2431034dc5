"""Another process on a Memory OS: `remember.py FILE CONTENT` stores a memory and prints all."""

from __future__ import annotations

import json
import sys

from memoryos import MemoryOS
from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.service import operations

if __name__ == "__main__":
    operations.default_embedder = HashingEmbedder
    file, content = sys.argv[1:]
    with MemoryOS.local(file) as memory:
        memory.memories.create(content)
        print(json.dumps([kept["content"] for kept in memory.memories.list()["data"]]))
