"""How the tests run agents: as the users of one application."""

from __future__ import annotations

from agents import Agent, RunConfig, Runner

from ..agents import User

NO_TRACES = RunConfig(tracing_disabled=True)


def scope(user):
    return {"user": user.name}


def config(recall):
    return RunConfig(call_model_input_filter=recall, tracing_disabled=True)


def agent_of(model, **options):
    return Agent(name="a", model=model, **options)


async def run(agent, text, name="alice", recall=None, session=None):
    """Let an agent answer a user."""
    run_config = config(recall) if recall else NO_TRACES
    return await Runner.run(agent, text, context=User(name), session=session, run_config=run_config)


class OtherHistory:
    """A history that takes the context of the run, and has a method more."""

    session_id = "other"
    session_settings = None

    def __init__(self):
        self.items, self.contexts = [], []

    async def get_items(self, limit=None, *, wrapper=None):
        return self.items[-limit:] if limit else self.items[:]

    async def add_items(self, items, *, wrapper=None):
        self.contexts.append(wrapper)
        self.items += items

    async def pop_item(self, *, wrapper=None):
        return self.items.pop() if self.items else None

    async def clear_session(self, *, wrapper=None):
        self.items.clear()

    async def run_compaction(self, args=None):
        return "compacted"
