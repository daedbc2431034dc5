"""A compiled graph whose nodes read and write the store."""

from __future__ import annotations

import asyncio
from typing import TypedDict

import pytest
from langgraph.graph import START, StateGraph
from langgraph.store.base import BaseStore

from memoryos.integrations.langgraph import MemoryOSStore

from .fake_model import answering

pytestmark = [pytest.mark.local_server, pytest.mark.anyio]


class State(TypedDict):
    user: str
    text: str


def prompt_of(found, text):
    lines = "\n".join(item.value["text"] for item in found)
    return f"Known:\n{lines}\nAsked: {text}"


def graph_of(store, model):
    """Return a graph that recalls, asks the model and remembers."""

    def chat(state: State, *, store: BaseStore):
        namespace = ("users", state["user"])
        found = store.search(namespace, query=state["text"], limit=3)
        model.invoke(prompt_of(found, state["text"]))
        store.put(namespace, state["text"], {"text": state["text"]})

    return compiled(chat, store)


def async_graph_of(store, model):
    """Return a graph that does the same asynchronously."""

    async def chat(state: State, *, store: BaseStore):
        namespace = ("users", state["user"])
        found = await store.asearch(namespace, query=state["text"], limit=3)
        await model.ainvoke(prompt_of(found, state["text"]))
        await store.aput(namespace, state["text"], {"text": state["text"]})

    return compiled(chat, store)


def compiled(node, store):
    graph = StateGraph(State)
    graph.add_node("chat", node)
    graph.add_edge(START, "chat")
    return graph.compile(store=store)


TURNS = [("alice", "green tea"), ("bob", "black coffee"), ("alice", "tea?"), ("bob", "coffee?")]
PROMPTS = [
    "Known:\n\nAsked: green tea",
    "Known:\n\nAsked: black coffee",
    "Known:\ngreen tea\nAsked: tea?",
    "Known:\nblack coffee\nAsked: coffee?",
]


def test_two_users_of_one_graph_are_apart(memory):
    """The model is shown exactly this."""
    model = answering(*"1234")
    graph = graph_of(MemoryOSStore(memory, index_fields=["text"]), model)
    for user, text in TURNS:
        graph.invoke({"user": user, "text": text})
    assert [shown[0][1] for shown in model.shown] == PROMPTS


async def test_two_users_of_one_asynchronous_graph_are_apart(async_memory):
    """The same, one after another; and then at the same time."""
    model = answering(*"123456")
    graph = async_graph_of(MemoryOSStore(async_client=async_memory, index_fields=["text"]), model)
    for user, text in TURNS:
        await graph.ainvoke({"user": user, "text": text})
    assert [shown[0][1] for shown in model.shown] == PROMPTS
    more = [graph.ainvoke({"user": user, "text": f"again {user}"}) for user in ("alice", "bob")]
    await asyncio.gather(*more)
    for shown in model.shown[4:]:
        (_, prompt), *_ = shown
        other = "tea" if prompt.endswith("bob") else "coffee"
        assert other not in prompt
