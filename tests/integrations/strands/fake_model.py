"""A model that says what it is told to, and keeps what it was shown."""

from __future__ import annotations

from strands.models.model import Model


def texts(message):
    """Return the texts of a message, in order."""
    return [block["text"] for block in message["content"] if "text" in block]


class FakeModel(Model):
    """Says "Noted." unless it has other answers: texts, or the name and the input of a tool."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.shown = []
        self.tool_specs = []

    def update_config(self, **model_config):
        """Ignore a new configuration."""

    def get_config(self):
        """Return the configuration, which is empty."""
        return {}

    def structured_output(self, *_arguments, **_options):
        raise NotImplementedError

    async def stream(self, messages, tool_specs=None, system_prompt=None, **_options):
        self.shown.append(messages)
        self.tool_specs = tool_specs or []
        answer = self.answers.pop(0) if self.answers else "Noted."
        yield {"messageStart": {"role": "assistant"}}
        if isinstance(answer, str):
            yield {"contentBlockStart": {"start": {}}}
            yield {"contentBlockDelta": {"delta": {"text": answer}}}
        else:
            use = {"name": answer[0], "toolUseId": f"use-{len(self.shown)}"}
            yield {"contentBlockStart": {"start": {"toolUse": use}}}
            yield {"contentBlockDelta": {"delta": {"toolUse": {"input": answer[1]}}}}
        yield {"contentBlockStop": {}}
        yield {"messageStop": {"stopReason": "end_turn" if isinstance(answer, str) else "tool_use"}}
