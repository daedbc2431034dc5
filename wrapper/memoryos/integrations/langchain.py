"""Memory OS as a retriever of LangChain, and as middleware of its agents.

Needs the extra `langchain`, and Python 3.10 or newer.

Examples:
    >>> retriever = MemoryOSRetriever(client=memory, scope={"user": "alice"})
    >>> agent = create_agent(
    ...     model,
    ...     context_schema=Context,
    ...     middleware=[MemoryOSMiddleware(memory, scope=lambda run: {"user": run.context.user})],
    ... )
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Awaitable,
    Callable,
    Collection,
    Dict,
    Iterator,
    List,
    Mapping,
    Optional,
)

from memoryos._extras import missing_extra
from memoryos._protocol.argument_errors import invalid_argument

try:
    from langchain.agents.middleware import AgentMiddleware, AgentState
    from langchain.agents.middleware.types import PrivateStateAttr
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever
    from langchain_core.runnables.config import RunnableConfig, ensure_config
    from langgraph.channels import UntrackedValue
    from pydantic import Field, PrivateAttr
except ImportError as error:
    raise missing_extra("langchain", "memoryos.integrations.langchain", error) from error

from ._agent_memory import ROLES, checked_roles
from ._clients import AsyncClient, Clients, SyncClient, call
from ._langchain_messages import memories_of, query_of, with_recalled
from ._recalled import recalled_text
from ._scopes import Scope, checked, resolve
from ._texts import searchable
from ._unavailable import OUTAGES, unavailable, without_too_large

if TYPE_CHECKING:
    from langchain.agents.middleware import ModelRequest, ModelResponse
    from langchain_core.callbacks import (
        AsyncCallbackManagerForRetrieverRun,
        CallbackManagerForRetrieverRun,
    )
    from langgraph.runtime import Runtime

    from memoryos.types import Tier

__all__ = ["MemoryOSMiddleware", "MemoryOSRetriever"]


class MemoryOSRetriever(BaseRetriever):
    """A LangChain retriever that searches the memories of one scope.

    Each document has a memory's content and id. Its metadata is the memory's, with `similarity`,
    `score`, `created_at`, `content_type` and `tier`.

    While the service can't be reached, a call raises a `MemoryOSError`: an empty list would look
    like "no memories". Use LangChain's `with_fallbacks` to go on without.

    Args:
        client: A `MemoryOS`, for synchronous calls, and, in a thread, for asynchronous ones where
            `async_client` is missing.
        async_client: An `AsyncMemoryOS`, for asynchronous calls.
        scope: Whose memories to search: a mapping such as `{"user": "alice"}`, or a function of the
            `RunnableConfig` that returns one.
        k: The maximum number of documents, from 1 to 100; also an argument of `invoke`.
        threshold: The minimum similarity of a document, from 0 to 1.
        search_kwargs: Further arguments of `search`, such as `tags` or `tier`.

    Raises:
        ValidationError: The scope is empty or is no scope, or `search_kwargs` contains what the
            retriever sets itself.
        TypeError: There is no client, or one of another kind.

    Example:
        >>> retriever = MemoryOSRetriever(
        ...     client=MemoryOS(), scope=lambda config: {"user": config["configurable"]["user_id"]}
        ... )
        >>> retriever.invoke("What does she drink?", {"configurable": {"user_id": "alice"}})
    """

    client: Optional[SyncClient] = None
    async_client: Optional[AsyncClient] = None
    scope: Scope
    k: int = 4
    threshold: float = 0.0
    search_kwargs: Dict[str, Any] = Field(default_factory=dict)
    _clients: Clients = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Check the clients, the scope and the further arguments."""
        super().model_post_init(context)
        self._clients = Clients(self.client, self.async_client)
        checked(self.scope)
        own = {"query", "limit", "threshold"}.intersection(self.search_kwargs)
        if own:
            rule = "must not contain query, limit or threshold; the retriever has k and threshold"
            raise invalid_argument("search_kwargs", ", ".join(sorted(own)), rule)

    def invoke(
        self, input: str, config: Optional[RunnableConfig] = None, **kwargs: Any
    ) -> List[Document]:
        """Return the documents for a query, best first.

        Args:
            input: The query.
            config: The configuration of the run, which is what a scope that is a function gets.
            **kwargs: `k`, the maximum number of documents.

        Raises:
            ValidationError: There is no scope, or another argument is invalid; nothing was sent.
            MemoryOSError: The call failed.
        """
        merged = ensure_config(config)
        kwargs["resolved"] = resolve(self.scope, merged)
        found: List[Document] = super().invoke(input, merged, **kwargs)
        return found

    async def ainvoke(
        self, input: str, config: Optional[RunnableConfig] = None, **kwargs: Any
    ) -> List[Document]:
        """Return the documents for a query as `invoke` does, through the asynchronous client."""
        merged = ensure_config(config)
        kwargs["resolved"] = resolve(self.scope, merged)
        found: List[Document] = await super().ainvoke(input, merged, **kwargs)
        return found

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: Optional[CallbackManagerForRetrieverRun] = None,  # noqa: ARG002 - LangChain's
        k: Optional[int] = None,
        resolved: Optional[Mapping[str, str]] = None,
    ) -> List[Document]:
        text = searchable(query)
        if not text:
            return []
        scope = resolve(self.scope, ensure_config()) if resolved is None else resolved
        search = self._clients.scoped(scope).search
        return _documents(search(text, **self._options(k)))

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: Optional[AsyncCallbackManagerForRetrieverRun] = None,  # noqa: ARG002
        k: Optional[int] = None,
        resolved: Optional[Mapping[str, str]] = None,
    ) -> List[Document]:
        text = searchable(query)
        if not text:
            return []
        scope = resolve(self.scope, ensure_config()) if resolved is None else resolved
        search = self._clients.async_scoped(scope).search
        return _documents(await call(search, text, **self._options(k)))

    def _options(self, k: Optional[int]) -> Dict[str, Any]:
        limit = self.k if k is None else k
        return {**self.search_kwargs, "threshold": self.threshold, "limit": limit}


def _documents(response: Mapping[str, Any]) -> List[Document]:
    return [
        Document(
            hit["content"],
            id=hit["id"],
            metadata={
                **hit["metadata"],
                "similarity": hit["similarity"],
                "score": hit["combined_score"],
                "created_at": hit["created_at"],
                "content_type": hit["content_type"],
                "tier": hit["tier"],
            },
        )
        for hit in response["results"]
    ]


class _State(  # type: ignore[call-arg, unused-ignore] # pyright: ignore[reportGeneralTypeIssues]
    AgentState[Any],
    total=False,  # pyright: ignore[reportCallIssue]
):
    # Not in checkpoints: a copy there would outlive the memories that a user has deleted.
    recalled_memories: Annotated[str, UntrackedValue, PrivateStateAttr]


class MemoryOSMiddleware(AgentMiddleware[AgentState[Any], Any]):
    """Middleware that gives an agent of LangChain a long-term memory.

    Once a run, before the model is called, it recalls the memories that fit the user's message and
    shows them to the model in a message of their own, before the user's. That message is not in the
    conversation, the result or a checkpoint. After the run, it remembers what the user said and
    what the agent answered. A run that fails is not remembered.

    While the service can't be reached, the agent goes on: the model is told that the memory is
    unavailable, and the logger `memoryos.integrations` has a warning.

    Args:
        client: The client for synchronous runs, and, in a thread, for asynchronous ones where
            `async_client` is missing.
        async_client: The client for asynchronous runs.
        scope: Whose memories to use: a mapping such as `{"user": "alice"}`, or a function of
            LangGraph's `Runtime` that returns one.
        max_tokens: The maximum number of tokens of recalled memories; 0 or more.
        deadline: The maximum duration of a recall, and of storing a message, in seconds, with all
            attempts.
        remember: Whose messages to remember: `user`, `assistant`, both or none.
        tier: How long to remember them: `short` (24 hours), `medium` or `long`.

    Raises:
        ValidationError: The scope is empty or is no scope, or `remember` names another role.
        TypeError: There is no client, or one of another kind.

    Example:
        >>> agent = create_agent(
        ...     model,
        ...     context_schema=Context,
        ...     middleware=[
        ...         MemoryOSMiddleware(MemoryOS(), scope=lambda run: {"user": run.context.user_id})
        ...     ],
        ... )
        >>> agent.invoke({"messages": [("user", "Hi!")]}, context=Context(user_id="alice"))
    """

    state_schema = _State

    def __init__(
        self,
        client: Optional[SyncClient] = None,
        *,
        async_client: Optional[AsyncClient] = None,
        scope: Scope,
        max_tokens: int = 1000,
        deadline: float = 5.0,
        remember: Collection[str] = ROLES,
        tier: Tier = "long",
    ) -> None:
        super().__init__()
        self._clients = Clients(client, async_client)
        self._scope = checked(scope)
        self._max_tokens = max_tokens
        self._deadline = deadline
        self._tier = tier
        self._roles = checked_roles("remember", remember)

    def before_agent(self, state: AgentState[Any], runtime: Runtime[Any]) -> Dict[str, Any]:
        """Recall the memories for the user's message."""
        return {"recalled_memories": self._recall(state, runtime)}

    async def abefore_agent(self, state: AgentState[Any], runtime: Runtime[Any]) -> Dict[str, Any]:
        """Recall the memories for the user's message."""
        return {"recalled_memories": await self._arecall(state, runtime)}

    def wrap_model_call(
        self, request: ModelRequest, handler: Callable[[ModelRequest], ModelResponse]
    ) -> ModelResponse:
        """Show the recalled memories to the model."""
        text = _recalled_before(request.state)
        if text is None:
            text = self._recall(request.state, request.runtime)
        return handler(request.override(messages=with_recalled(request.messages, text)))

    async def awrap_model_call(
        self, request: ModelRequest, handler: Callable[[ModelRequest], Awaitable[ModelResponse]]
    ) -> ModelResponse:
        """Show the recalled memories to the model."""
        text = _recalled_before(request.state)
        if text is None:
            text = await self._arecall(request.state, request.runtime)
        return await handler(request.override(messages=with_recalled(request.messages, text)))

    def after_agent(self, state: AgentState[Any], runtime: Runtime[Any]) -> None:
        """Remember the user's message and the agent's answer."""
        memory = self._clients.scoped(resolve(self._scope, runtime))
        upsert = memory.with_options(deadline=self._deadline).memories.upsert
        for arguments in self._to_remember(state):
            with _going_on():
                upsert(**arguments)

    async def aafter_agent(self, state: AgentState[Any], runtime: Runtime[Any]) -> None:
        """Remember the user's message and the agent's answer."""
        memory = self._clients.async_scoped(resolve(self._scope, runtime))
        upsert = memory.with_options(deadline=self._deadline).memories.upsert
        for arguments in self._to_remember(state):
            with _going_on():
                await call(upsert, **arguments)

    def _recall(self, state: Any, runtime: Any) -> str:
        memory = self._clients.scoped(resolve(self._scope, runtime))
        query = query_of(state["messages"])
        if not query:
            return ""
        get_context = memory.with_options(deadline=self._deadline).get_context
        try:
            return recalled_text(get_context(query, max_tokens=self._max_tokens))
        except OUTAGES as error:
            return unavailable("recall memories", error)

    async def _arecall(self, state: Any, runtime: Any) -> str:
        memory = self._clients.async_scoped(resolve(self._scope, runtime))
        query = query_of(state["messages"])
        if not query:
            return ""
        get_context = memory.with_options(deadline=self._deadline).get_context
        try:
            return recalled_text(await call(get_context, query, max_tokens=self._max_tokens))
        except OUTAGES as error:
            return unavailable("recall memories", error)

    def _to_remember(self, state: Any) -> List[Dict[str, Any]]:
        thread_id = ensure_config().get("configurable", {}).get("thread_id")
        found = memories_of(state["messages"], self._roles, thread_id)
        return [{**arguments, "tier": self._tier} for arguments in found]


def _recalled_before(state: Any) -> Optional[str]:
    """Return the text of this run; None in one that goes on after an interrupt."""
    text: Optional[str] = state.get("recalled_memories")
    return text


@contextmanager
def _going_on() -> Iterator[None]:
    """Log that a message can't be stored; an error that every message would cause goes through."""
    try:
        with without_too_large("remember a message"):
            yield
    except OUTAGES as error:
        unavailable("remember a message", error)
