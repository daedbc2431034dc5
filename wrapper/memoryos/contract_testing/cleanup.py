"""Removing what a run has made, and saying what could not be removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional, Sequence, Tuple

from .results import Leftovers
from .safety import is_own_memory, timestamp
from .sender import NoResponseError, NotSentError, RateLimitedError, UnreachableError

if TYPE_CHECKING:
    from .http_messages import Response
    from .sender import Sender

__all__ = ["clean_up"]

_ROUNDS = 3
_PAGE = 100
_MOST_PAGES = 100
_TROUBLE = (NoResponseError, NotSentError, RateLimitedError, UnreachableError)


def clean_up(sender: Sender) -> Leftovers:
    """Delete the run's memories, and return what is left.

    Looks through the newest memories for the run's marker first: what was created without an
    response that could be read is found there.

    Args:
        sender: the run's; a request to stop is not obeyed any more.
    """
    own = sender.own
    for _ in range(_ROUNDS):
        _find_own(sender)
        if not own.remaining():
            break
        for memory_id in sorted(own.remaining()):
            _try(sender, "DELETE", "/memories/" + memory_id)
    else:
        _find_own(sender)
    return Leftovers(
        memories=sorted(own.remaining()),
        unrecognized=sorted(own.unrecognized),
        entities=dict(own.entities),
        tags=sorted(_own_tags(sender)),
    )


def _find_own(sender: Sender) -> None:
    """Take what the list shows for true: what is there is not deleted, whatever was said of it."""
    found = {memory["id"] for memory in _own_memories(sender)}
    sender.own.created |= found
    sender.own.deleted -= found
    sender.own.unrecognized -= found


def _own_memories(sender: Sender) -> Iterator[Dict[str, Any]]:
    """Yield the run's memories that are listed, up to the first page that is older than the run."""
    for number in range(_MOST_PAGES):
        query = (("limit", str(_PAGE)), ("offset", str(number * _PAGE)))
        page = _items(_try(sender, "GET", "/memories", query))
        yield from (each for each in page if is_own_memory(each, sender.own))
        if len(page) < _PAGE or _is_older(page[-1], sender):
            return


def _own_tags(sender: Sender) -> Iterator[str]:
    query = (("limit", str(_PAGE)), ("search", sender.own.marker))
    for tag in _items(_try(sender, "GET", "/tags", query)):
        name = str(tag.get("name")) if isinstance(tag, dict) else ""
        if sender.own.marker in name:
            yield name


def _is_older(memory: Any, sender: Sender) -> bool:
    created_at = timestamp(memory.get("created_at")) if isinstance(memory, dict) else None
    started = sender.own.started
    return started is not None and created_at is not None and created_at < started


def _items(response: Optional[Response]) -> List[Any]:
    return response.data if response is not None and isinstance(response.data, list) else []


def _try(
    sender: Sender, method: str, path: str, query: Sequence[Tuple[str, str]] = ()
) -> Optional[Response]:
    """Return the response, or None where there is none: then the next request is tried."""
    try:
        return sender.send(method, path, query=query, interruptible=False)
    except _TROUBLE:
        return None
