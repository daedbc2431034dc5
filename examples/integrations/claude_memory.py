"""Claude's memory tool on Memory OS: each user has files of their own.

    python examples/integrations/claude_memory.py

Runs without a key: the commands stand in for Claude, and the answers are what Claude would see.
With ANTHROPIC_API_KEY, Claude itself keeps what it learns.
"""

from __future__ import annotations

import os
from typing import Any

from anthropic import Anthropic

from memoryos import MemoryOS
from memoryos.integrations.claude import MemoryOSMemoryTool

MODEL = os.environ.get("MODEL", "claude-sonnet-5-5")
FILE = "/memories/about.md"


def commands(name: str) -> list[dict[str, Any]]:
    """Return what Claude might do in a conversation."""
    return [
        {"command": "create", "path": FILE, "file_text": f"The user is {name}.\n"},
        {"command": "insert", "path": FILE, "insert_line": 1, "insert_text": "Likes trains."},
        {"command": "view", "path": FILE},
    ]


def ask(tool: MemoryOSMemoryTool, question: str) -> str:
    """Let Claude answer, with the tool."""
    runner = Anthropic().beta.messages.tool_runner(
        model=MODEL,
        max_tokens=1000,
        messages=[{"role": "user", "content": question}],
        tools=[tool],
    )
    content = runner.until_done().content
    return "".join(block.text for block in content if block.type == "text")


def main() -> None:
    with MemoryOS.local(":memory:") as memory:
        for name in ("alice", "bob"):
            tool = MemoryOSMemoryTool(memory, {"user": name})
            if "ANTHROPIC_API_KEY" in os.environ:
                print(ask(tool, f"I am {name}, and I like trains."))
            else:
                for command in commands(name):
                    print(tool.call(command))


if __name__ == "__main__":
    main()
