"""A small web service: notes on customers, found again by what they mean.

    pip install '.[local]' fastapi uvicorn
    uvicorn --app-dir examples fastapi_app:app

In another terminal:

    curl localhost:8000/customers/ada/notes --json '{"text": "Is allergic to peanuts"}'
    curl 'localhost:8000/customers/ada/notes?about=allergies'

It uses the service that MEMORY_OS_BASE_URL and MEMORY_OS_API_KEY name; without a key, a Memory OS
in its own process, on a file in your user data folder.

One asynchronous client serves all requests; it is opened and closed with the application. Each
route uses a scope of the client: a view on the memories of one customer.
"""

import math
import os
from contextlib import asynccontextmanager
from typing import Annotated, Any, AsyncIterator

from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from memoryos import AsyncMemoryOS, MemoryOSError, RateLimitError
from memoryos.types import Memory, SearchResult

# The caller waits for us: a few seconds in all, with every retry, then an honest error.
DEADLINE = 8

# Lower than the default of 0.7: one customer has few notes, and a caller would rather read a note
# too many than miss an allergy.
MIN_SIMILARITY = 0.6


class Note(BaseModel):
    """What somebody wants to be remembered of a customer."""

    text: str = Field(min_length=1, max_length=10_000)
    lasting: bool = False


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the client when the application starts, and close it when it stops."""
    has_key = bool(os.environ.get("MEMORY_OS_API_KEY"))
    async with AsyncMemoryOS() if has_key else AsyncMemoryOS.local() as memory:
        app.state.memory = memory.with_options(deadline=DEADLINE)
        yield


app = FastAPI(title="Customer notes", lifespan=lifespan)


def memory_of(request: Request) -> AsyncMemoryOS:
    """Return the application's client; a test may put another one in its place."""
    memory: AsyncMemoryOS = request.app.state.memory
    return memory


Client = Annotated[AsyncMemoryOS, Depends(memory_of)]


@app.exception_handler(MemoryOSError)
async def tell(_: Request, error: MemoryOSError) -> JSONResponse:
    """Answer with the error's own status: 429 with when to come back, 504 for a timeout, …"""
    headers = {}
    if isinstance(error, RateLimitError):
        headers["Retry-After"] = str(math.ceil(error.retry_after))
    body = {"error": error.code, "message": error.message, "request_id": error.request_id}
    return JSONResponse(body, error.status, headers)


@app.post("/customers/{customer}/notes", status_code=201)
async def add_note(customer: str, note: Note, memory: Client) -> dict[str, Any]:
    """Keep a note: for a few days, or for good."""
    stored: Memory = await memory.scoped(customer=customer).memories.create(
        content=note.text,
        tier="long" if note.lasting else "medium",
        content_type="fact",
    )
    return {"id": stored["id"], "personal_data": stored["pii_fields"]}


@app.get("/customers/{customer}/notes")
async def find_notes(
    customer: str, about: Annotated[str, Query(min_length=1)], memory: Client
) -> list[dict[str, Any]]:
    """Find the notes on one customer that are related to a topic, best first."""
    own = memory.scoped(customer=customer)
    found = await own.search(query=about, threshold=MIN_SIMILARITY, limit=10)
    return [shown(result) for result in found["results"]]


def shown(result: SearchResult) -> dict[str, Any]:
    """Return the part of a result that callers of this service see."""
    return {"id": result["id"], "text": result["content"], "similarity": result["similarity"]}
