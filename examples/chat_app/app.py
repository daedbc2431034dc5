"""A chat for many users. It remembers what each of them said, and nobody sees another's memories.

The guide docs/guides/multi-user-chat.md builds this application step by step.
"""

import logging
import os
import re
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, AsyncIterator, Literal

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from fastapi.templating import Jinja2Templates
from models import Model, ModelError, open_model
from pydantic import BaseModel, Field

from memoryos import AsyncMemoryOS, AsyncScopedMemoryOS, ConflictError, MemoryOSError, prompts

HERE = Path(__file__).parent
DEADLINE_SECONDS = 4  # users wait: an answer without memories is better than a late one
logger = logging.getLogger("chat")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open one client and one model for all requests; close them when the application stops."""
    has_key = bool(os.environ.get("MEMORY_OS_API_KEY"))
    async with AsyncMemoryOS() if has_key else AsyncMemoryOS.local() as memory:
        app.state.memory = memory.with_options(deadline=DEADLINE_SECONDS)
        async with open_model() as app.state.model:
            yield


app = FastAPI(title="Chat for many users", lifespan=lifespan)


def current_user(x_user: Annotated[str, Header()] = "") -> str:
    """Return the id of the user who sent the request.

    FOR DEMONSTRATION ONLY: anybody can send any name in the header X-User. Replace this function
    with the login of your application: return the id from a session or a token that you verified.

    Raises:
        HTTPException: The header is missing, or its value is not a valid name.
    """
    if not re.fullmatch(r"[a-z0-9._@-]{1,64}", x_user):
        raise HTTPException(401, "Send the header X-User with a name in lower case")
    return x_user


def own_memory(
    request: Request, user: Annotated[str, Depends(current_user)]
) -> AsyncScopedMemoryOS:
    """Return a view on the memories of this user. Routes have no access to any others."""
    memory: AsyncMemoryOS = request.app.state.memory
    return memory.scoped(user=user)


def chat_model(request: Request) -> Model:
    """Return the model that answers."""
    model: Model = request.app.state.model
    return model


User = Annotated[str, Depends(current_user)]
OwnMemory = Annotated[AsyncScopedMemoryOS, Depends(own_memory)]
ChatModel = Annotated[Model, Depends(chat_model)]


INSTRUCTIONS = "You are a friendly assistant. Answer in two or three sentences."
NO_MEMORY = "The long-term memory is unavailable. Earlier conversations may be missing."

# What one user sees must not be kept by a cache and shown to another.
PRIVATE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


class Message(BaseModel):
    """A message of the conversation. Browsers can't send system messages."""

    role: Literal["user", "assistant"]
    content: str = Field(max_length=20_000)


class Turn(BaseModel):
    """A user's new message, and the conversation before it."""

    session: str = Field(pattern=r"^[A-Za-z0-9-]{1,64}$")
    history: list[Message] = Field(default=[], max_length=200)
    # Not only white space and format characters, which Memory OS would reject.
    text: str = Field(max_length=10_000, pattern=r"[^\s\p{Cf}]")

    def messages(self) -> list[dict[str, Any]]:
        """Return the conversation as chat APIs take it."""
        return [message.model_dump() for message in self.history] + [self.new_message()]

    def new_message(self) -> dict[str, Any]:
        """Return the new message."""
        return {"role": "user", "content": self.text}


@app.post("/chat", response_class=StreamingResponse)
async def chat(turn: Turn, own: OwnMemory, model: ChatModel) -> StreamingResponse:
    """Stream the answer to a message. The model sees what is remembered about its author."""
    notice = ""
    remembered: Any = []
    try:
        remembered = await own.get_context(turn.text, max_tokens=800)
        await own.memories.add_messages(
            [turn.new_message()], session=turn.session, start=len(turn.history)
        )
    except ConflictError as error:
        raise HTTPException(
            409, "This session has another message here; start a new one"
        ) from error
    except MemoryOSError as error:
        log(error)
        notice = NO_MEMORY
    instructions = f"{INSTRUCTIONS} {notice}".strip()
    messages = prompts.openai_chat(remembered, turn.messages(), instructions=instructions)
    return StreamingResponse(
        answer(model, messages, notice), media_type="text/plain", headers=PRIVATE
    )


async def answer(model: Model, messages: list[dict[str, Any]], notice: str) -> AsyncIterator[str]:
    """Yield the answer as the model writes it, after a notice to the user, if there is one."""
    if notice:
        yield f"({notice})\n\n"
    try:
        async for text in model(messages):
            yield text
    except ModelError as error:
        logger.warning("The model failed: %s", type(error.__cause__).__name__)
        yield "\n\n(The model failed to answer. Please try again.)"


def log(error: MemoryOSError) -> None:
    """Log an error of Memory OS by its code: messages may quote what users wrote."""
    logger.warning("Memory OS failed: %s, request %s", error.code, error.request_id)


templates = Jinja2Templates(HERE)  # escapes the values in .html files


@app.get("/memories", response_class=HTMLResponse)
async def show_memories(request: Request, user: User, own: OwnMemory) -> Response:
    """Show a user what is remembered about them, newest first."""
    page = await own.memories.list(limit=100)
    values = {"user": user, "memories": page["data"], "total": page["meta"]["total"]}
    return templates.TemplateResponse(request, "memories.html", values, headers=PRIVATE)


@app.delete("/memories")
async def forget(own: OwnMemory) -> dict[str, Any]:
    """Delete everything that is remembered about a user."""
    return {**await own.memories.delete_all(confirm=True)}


@app.exception_handler(MemoryOSError)
async def unavailable(_: Request, error: MemoryOSError) -> JSONResponse:
    """Report an outage, so that nobody takes it for an empty memory."""
    log(error)
    return JSONResponse({"detail": "The memory is unavailable. Please try again later."}, 503)


@app.get("/", response_class=FileResponse)
async def chat_page() -> FileResponse:
    """Return the page with the chat. It contains no user's data."""
    return FileResponse(HERE / "chat.html")
