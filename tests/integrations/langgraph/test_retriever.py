"""MemoryOSRetriever: LangChain's own suite, and scopes."""

from __future__ import annotations

import pytest
from langchain_core.runnables import RunnableLambda, RunnablePassthrough
from langchain_core.tools import create_retriever_tool
from langchain_tests.integration_tests import RetrieversIntegrationTests

from memoryos import APIConnectionError, MemoryOS, ValidationError
from memoryos.integrations.langchain import MemoryOSRetriever

pytestmark = [pytest.mark.local_server, pytest.mark.anyio]


def of_the_run(config):
    return {"user": config["configurable"]["user_id"]}


def run_of(user):
    return {"configurable": {"user_id": user}}


@pytest.fixture
def filled(memory):
    """A thousand memories of two users, interleaved."""
    items = [
        {"content": f"{user} {word} {n}", "tier": "long", "metadata": {"n": n}}
        for n in range(500)
        for word in ["tea" if n % 100 == 0 else "other"]
        for user in ("alice", "bob")
    ]
    for user in ("alice", "bob"):
        mine = [item for item in items if item["content"].startswith(user)]
        for created in memory.scoped(user=user).memories.create_many(mine):
            assert created.error is None
    return memory


class TestLangChainsOwnSuite(RetrieversIntegrationTests):
    """`langchain-tests`, unchanged."""

    @pytest.fixture(autouse=True)
    def client(self, memory):
        self.memory = memory
        for n in range(10):
            memory.scoped(user="alice").memories.create(f"Example {n}")

    @property
    def retriever_constructor(self):
        return MemoryOSRetriever

    @property
    def retriever_constructor_params(self):
        return {"client": self.memory, "scope": {"user": "alice"}}

    @property
    def retriever_query_example(self):
        return "example"


def test_each_run_gets_the_documents_of_its_own_user(filled):
    """The scope is a function of the run's configuration."""
    retriever = MemoryOSRetriever(client=filled, scope=of_the_run, k=100)
    for user in ("alice", "bob", "alice"):
        found = retriever.invoke("tea", run_of(user))
        assert len(found) == 100
        assert all(document.page_content.startswith(user) for document in found)
        assert {document.metadata["n"] for document in found[:5]} == {0, 100, 200, 300, 400}


async def test_asynchronous_runs_use_either_client(filled, async_memory):
    """The same documents, best first."""
    clients = ({"client": filled}, {"async_client": async_memory})
    found = [
        await MemoryOSRetriever(**client, scope=of_the_run).ainvoke("tea", run_of("bob"), k=5)
        for client in clients
    ]
    assert [document.id for document in found[0]] == [document.id for document in found[1]]
    assert all(document.page_content.startswith("bob tea") for document in found[0])


def test_a_document_has_the_memory_in_it(memory):
    """Its text, its id, its metadata, and how well it fits."""
    stored = memory.scoped(user="alice").memories.create(
        "Likes tea", content_type="fact", tier="long", metadata={"source": "survey"}
    )
    retriever = MemoryOSRetriever(client=memory, scope={"user": "alice"})
    (document,) = retriever.invoke("What does she like?")
    assert (document.page_content, document.id) == ("Likes tea", stored["id"])
    metadata = document.metadata
    assert (metadata["source"], metadata["content_type"], metadata["tier"]) == (
        "survey",
        "fact",
        "long",
    )
    assert 0 <= metadata["similarity"] <= 1
    assert metadata["created_at"] == stored["created_at"]


def test_further_arguments_of_the_search_narrow_it(memory):
    """A threshold, and what `search_kwargs` has."""
    alice = memory.scoped(user="alice")
    alice.memories.create("Likes tea", tier="long")
    alice.memories.create("Likes green tea today", tier="short")
    options = {"client": memory, "scope": {"user": "alice"}}
    long = MemoryOSRetriever(**options, search_kwargs={"tier": "long"})
    assert [document.page_content for document in long.invoke("tea")] == ["Likes tea"]
    assert MemoryOSRetriever(**options, threshold=1.0).invoke("something else") == []


@pytest.mark.parametrize("name", ["limit", "threshold", "query"])
def test_what_the_retriever_sets_itself_is_no_further_argument(memory, name):
    """It would have no effect."""
    with pytest.raises(ValueError, match=f"search_kwargs must not contain.*got {name}"):
        MemoryOSRetriever(client=memory, scope={"user": "alice"}, search_kwargs={name: 1})


@pytest.mark.parametrize("scope", [{}, None, {"user": ""}, {"user": None}, "alice"])
def test_without_a_scope_nothing_is_retrieved(memory, scope):
    """Neither from the constructor nor from a function."""
    with pytest.raises(ValueError, match="scope"):
        MemoryOSRetriever(client=memory, scope=scope)
    retriever = MemoryOSRetriever(client=memory, scope=lambda config: scope)
    with pytest.raises(ValidationError, match="scope"):
        retriever.invoke("tea")


def test_a_chain_and_a_tool_pass_the_run_on(memory):
    """A model that calls the tool can't choose the user."""
    for user in ("alice", "bob"):
        memory.scoped(user=user).memories.create(f"{user} likes tea")
    retriever = MemoryOSRetriever(client=memory, scope=of_the_run)
    chain = RunnablePassthrough() | retriever | RunnableLambda(lambda found: found[0].page_content)
    tool = create_retriever_tool(retriever, "recall", "Recall memories.")
    for user in ("alice", "bob"):
        assert chain.invoke("tea", run_of(user)) == f"{user} likes tea"
        assert tool.invoke({"query": "tea"}, run_of(user)) == f"{user} likes tea"
    assert list(tool.args) == ["query"]


def test_an_outage_is_an_error_that_a_fallback_can_take(down):
    """An empty list would look like "no memories"."""
    retriever = MemoryOSRetriever(client=down, scope={"user": "alice"})
    with pytest.raises(APIConnectionError):
        retriever.invoke("tea")
    with_fallback = retriever.with_fallbacks([RunnableLambda(lambda _: [])])
    assert with_fallback.invoke("tea") == []


def test_a_query_without_words_finds_nothing(memory):
    """Models call tools with such queries; and with very long ones."""
    retriever = MemoryOSRetriever(client=memory, scope={"user": "alice"})
    assert retriever.invoke(" \u200b") == []
    assert retriever.invoke("tea " * 20_000) == []
    assert retriever.invoke("\ud800") == []


def test_the_client_is_checked_and_its_key_is_not_shown(memory):
    """By the constructor."""
    with pytest.raises(TypeError, match="pass a MemoryOS"):
        MemoryOSRetriever(scope={"user": "alice"})
    with MemoryOS("mos_test_" + "k" * 32) as client:
        assert "k" * 32 not in repr(MemoryOSRetriever(client=client, scope={"user": "alice"}))
