"""Sessions and events of ADK, and a model that says what it was shown."""

from __future__ import annotations

from google.adk.agents import LlmAgent
from google.adk.events import Event
from google.adk.models.base_llm import BaseLlm
from google.adk.models.llm_response import LlmResponse
from google.adk.runners import Runner
from google.adk.sessions import InMemorySessionService, Session
from google.adk.tools.preload_memory_tool import PreloadMemoryTool
from google.genai import types


def content(*texts, role="user"):
    """Return what ADK calls a content: a role and its parts."""
    return types.Content(role=role, parts=[types.Part(text=text) for text in texts])


def event(number, text, author="user"):
    """Return an event of one text; its number is its time and makes its id."""
    return Event(
        id=f"event-{number}",
        author=author,
        content=content(text, role="user" if author == "user" else "model"),
        timestamp=float(number),
    )


def session(user, events, name="s1", app="shop"):
    """Return a session with these events."""
    return Session(id=name, app_name=app, user_id=user, events=events)


def described(response):
    """Return the entries of a search, without the ids that each service makes itself."""
    return {
        (entry.content.parts[0].text, entry.content.role, entry.author, entry.timestamp)
        for entry in response.memories
    }


def texts(response):
    """Return the texts of the entries of a search."""
    return [entry.content.parts[0].text for entry in response.memories]


class FakeModel(BaseLlm):
    """Says "Noted.", and keeps the texts that it was shown."""

    model: str = "fake"
    shown: list = []  # noqa: RUF012 - pydantic copies it for each model

    async def generate_content_async(self, llm_request, stream=False):
        parts = [part for each in llm_request.contents for part in each.parts]
        system = llm_request.config.system_instruction
        self.shown.append([system, *(part.text for part in parts)])
        yield LlmResponse(content=content("Noted.", role="model"))


async def remember(callback_context):
    """Store the session after each turn, as ADK's documentation does."""
    invocation = callback_context._invocation_context
    await invocation.memory_service.add_session_to_memory(invocation.session)


class Chat:
    """An application: one agent, its model, and sessions of many users."""

    def __init__(self, memory_service):
        self.model = FakeModel()
        agent = LlmAgent(
            name="clerk",
            model=self.model,
            tools=[PreloadMemoryTool()],
            after_agent_callback=remember,
        )
        self._sessions = InMemorySessionService()
        self._runner = Runner(
            agent=agent,
            app_name="shop",
            session_service=self._sessions,
            memory_service=memory_service,
        )

    async def say(self, user, text, name="s1"):
        """Send a message, and return the texts that the model was shown for it."""
        key = {"app_name": "shop", "user_id": user, "session_id": name}
        if await self._sessions.get_session(**key) is None:
            await self._sessions.create_session(**key)
        message = content(text)
        async for _ in self._runner.run_async(user_id=user, session_id=name, new_message=message):
            pass
        return self.model.shown[-1]
