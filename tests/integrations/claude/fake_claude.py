"""A fake Claude: it calls the tool as it is told to, and keeps the results that it was shown."""

from __future__ import annotations

import json

import httpx2
from anthropic import Anthropic, AsyncAnthropic


class FakeClaude:
    """Answers requests of the Messages API from a list of commands, and keeps what it is shown."""

    def __init__(self, *commands):
        self.commands = list(commands)
        self.tools = []
        self.shown = []

    def __call__(self, request):
        body = json.loads(request.content)
        self.tools += body.get("tools", [])
        last = body["messages"][-1]["content"]
        if isinstance(last, list):
            for block in last:
                content = block["content"]
                text = content if isinstance(content, str) else content[0]["text"]
                self.shown.append((text, block.get("is_error", False)))
        content = [{"type": "text", "text": "Done."}]
        reason = "end_turn"
        if self.commands:
            given_command = self.commands.pop(0)
            name = f"toolu_{len(self.commands)}"
            content = [{"type": "tool_use", "id": name, "name": "memory", "input": given_command}]
            reason = "tool_use"
        answer = {"id": "msg_1", "type": "message", "role": "assistant", "model": "fake"}
        answer.update(content=content, stop_reason=reason, stop_sequence=None)
        answer["usage"] = {"input_tokens": 1, "output_tokens": 1}
        return httpx2.Response(200, json=answer)


def claude(model):
    transport = httpx2.MockTransport(model)
    return Anthropic(api_key="none", http_client=httpx2.Client(transport=transport))


def async_claude(model):
    transport = httpx2.MockTransport(model)
    return AsyncAnthropic(api_key="none", http_client=httpx2.AsyncClient(transport=transport))


REQUEST = {
    "model": "fake",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "What do I like?"}],
}
