"""A chat model that answers from a list, and keeps what it was shown."""

from __future__ import annotations

from typing import Any, List

from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from pydantic import Field


class FakeModel(GenericFakeChatModel):
    """Attributes:
    shown: What each call was shown: pairs of a message's type and its text.
    """

    shown: List[Any] = Field(default_factory=list)

    def _generate(self, messages, *args, **options):
        self.shown.append([(message.type, message.content) for message in messages])
        return super()._generate(messages, *args, **options)

    def bind_tools(self, tools, **options):
        return self


def answering(*replies):
    """Return a model that gives these replies, texts or whole messages, one a call."""
    messages = (AIMessage(reply) if isinstance(reply, str) else reply for reply in replies)
    return FakeModel(messages=messages)
