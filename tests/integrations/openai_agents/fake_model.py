"""A model for tests: it says what it is told to, and keeps the input that it is shown."""

from __future__ import annotations

import json
from itertools import count

from agents import Usage
from agents.items import ModelResponse
from agents.models.interface import Model
from openai.types.responses import (
    Response,
    ResponseCompletedEvent,
    ResponseFunctionToolCall,
    ResponseOutputMessage,
    ResponseOutputText,
)

_NUMBERS = count()


def says(text):
    part = ResponseOutputText(text=text, type="output_text", annotations=[], logprobs=[])
    return ResponseOutputMessage(
        id="m", type="message", role="assistant", content=[part], status="completed"
    )


def calls(name, **arguments):
    return ResponseFunctionToolCall(
        call_id=f"call_{next(_NUMBERS)}",
        type="function_call",
        name=name,
        arguments=json.dumps(arguments),
    )


class FakeModel(Model):
    """Gives the outputs one after the other, then `Yes.` for ever."""

    def __init__(self, *outputs):
        self.outputs = list(outputs)
        self.inputs = []

    def _next(self, given):
        self.inputs.append(given)
        return [self.outputs.pop(0) if self.outputs else says("Yes.")]

    async def get_response(self, system_instructions, input, *arguments, **named):
        return ModelResponse(output=self._next(input), usage=Usage(), response_id=None)

    async def stream_response(self, system_instructions, input, *arguments, **named):
        response = Response(
            id="r",
            created_at=0,
            model="fake",
            object="response",
            output=self._next(input),
            parallel_tool_calls=False,
            tool_choice="auto",
            tools=[],
        )
        yield ResponseCompletedEvent(
            response=response, type="response.completed", sequence_number=0
        )

    def texts(self):
        """Return the roles and texts of the messages of the last call."""
        return [
            (item["role"], item["content"] if isinstance(item["content"], str) else "…")
            for item in self.inputs[-1]
            if "role" in item
        ]

    def tool_outputs(self):
        """Return what the tools answered, as the model saw it in its last call."""
        return [item["output"] for item in self.inputs[-1] if "output" in item]
