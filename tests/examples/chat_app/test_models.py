"""The example chat with a real model's client, on a fake of OpenAI's API."""

from __future__ import annotations

import json

import pytest

from .application import INSTRUCTIONS, ON_FIXTURES, say

pytestmark = ON_FIXTURES


def sse(*texts):
    """Return what OpenAI's API streams for an answer in these parts."""
    chunks = [
        {
            "id": "c",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "m",
            "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}],
        }
        for text in texts
    ]
    lines = [*map(json.dumps, chunks), "[DONE]"]
    return "".join(f"data: {line}\n\n" for line in lines)


class OpenAI:
    """A fake of OpenAI's API.

    Args:
        status: The status of its answers.
    """

    def __init__(self, status=200):
        self.status = status
        self.asked = []

    def answer(self, request):
        import httpx2

        self.asked.append(json.loads(request.content))
        headers = {"Content-Type": "text/event-stream"}
        return httpx2.Response(self.status, text=sse("Tea", " it is"), headers=headers)


@pytest.fixture
def openai(monkeypatch):
    """A fake of OpenAI's API, which the application's client calls."""
    import httpx2
    import openai

    fake = OpenAI()
    original = openai.AsyncOpenAI

    def client():
        transport = httpx2.MockTransport(fake.answer)
        http_client = httpx2.AsyncClient(transport=transport)
        return original(api_key="sk-test", max_retries=0, http_client=http_client)

    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    monkeypatch.setattr(openai, "AsyncOpenAI", client)
    return fake


def test_a_real_model_is_chosen_by_the_environment(openai, monkeypatch, http):
    """It gets the whole conversation, with the memories in the system message."""
    monkeypatch.setenv("OPENAI_MODEL", "gpt-test")
    history = [{"role": "assistant", "content": "Hello"}]
    assert say(http, "alice", "I like tea", history=history).text == "Tea it is"
    say(http, "alice", "tea?", session="s2")
    first, second = openai.asked
    assert (first["model"], first["stream"]) == ("gpt-test", True)
    assert first["messages"] == [
        {"role": "system", "content": INSTRUCTIONS},
        *history,
        {"role": "user", "content": "I like tea"},
    ]
    assert "- User: I like tea" in second["messages"][0]["content"]


def test_a_model_that_fails_is_reported(openai, http, memoryos_local):
    """What the user said is remembered anyway."""
    openai.status = 500
    answer = say(http, "alice", "I like tea")
    assert answer.text.strip() == "(The model failed to answer. Please try again.)"
    assert memoryos_local.memories.list()["meta"]["total"] == 1
