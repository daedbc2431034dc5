"""Delete what a run created, and report what can't be deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional, Sequence, Tuple

from .report.results import Leftovers
from .safety import is_own_memory, timestamp
from .sender import NoResponseError, NotSentError, RateLimitedError, UnreachableError

if TYPE_CHECKING:
    from .http_messages import Response
    from .sender import Sender

__all__ = ["clean_up"]

_MAX_ROUNDS = 3
_PAGE_SIZE = 100
_MAX_PAGES = 100
_FAILURES = (NoResponseError, NotSentError, RateLimitedError, UnreachableError)


def clean_up(sender: Sender) -> Leftovers:
    """Delete the memories of the run.

    First searches the newest memories for the run's marker, to find memories whose response was
    lost or unreadable.

    Args:
        sender: Sender of the run. Requests to stop are ignored from now on.

    Returns:
        What could not be deleted.
    """
    own = sender.own
    for _ in range(_MAX_ROUNDS):
        _find_own_memories(sender)
        if not own.remaining():
            break
        for memory_id in sorted(own.remaining()):
            _send(sender, "DELETE", "/memories/" + memory_id)
    else:
        _find_own_memories(sender)
    return Leftovers(
        memories=sorted(own.remaining()),
        unrecognized=sorted(own.unrecognized),
        entities=dict(own.entities),
        tags=sorted(_own_tags(sender)),
    )


def _find_own_memories(sender: Sender) -> None:
    """Update the run's records from the list.

    A listed memory exists, even if the server has confirmed its deletion.
    """
    found = {memory["id"] for memory in _own_memories(sender)}
    sender.own.created |= found
    sender.own.deleted -= found
    sender.own.unrecognized -= found


def _own_memories(sender: Sender) -> Iterator[Dict[str, Any]]:
    """Yield the run's listed memories, until a page is older than the run."""
    for number in range(_MAX_PAGES):
        query = (("limit", str(_PAGE_SIZE)), ("offset", str(number * _PAGE_SIZE)))
        page = _items(_send(sender, "GET", "/memories", query))
        yield from (each for each in page if is_own_memory(each, sender.own))
        if len(page) < _PAGE_SIZE or _is_older(page[-1], sender):
            return


def _own_tags(sender: Sender) -> Iterator[str]:
    query = (("limit", str(_PAGE_SIZE)), ("search", sender.own.marker))
    for tag in _items(_send(sender, "GET", "/tags", query)):
        name = str(tag.get("name")) if isinstance(tag, dict) else ""
        if sender.own.marker in name:
            yield name


def _is_older(memory: Any, sender: Sender) -> bool:
    created_at = timestamp(memory.get("created_at")) if isinstance(memory, dict) else None
    started = sender.own.started
    return started is not None and created_at is not None and created_at < started


def _items(response: Optional[Response]) -> List[Any]:
    return response.data if response is not None and isinstance(response.data, list) else []


def _send(
    sender: Sender, method: str, path: str, query: Sequence[Tuple[str, str]] = ()
) -> Optional[Response]:
    """Return the response, or None if the request failed, so that the cleanup continues."""
    try:
        return sender.send(method, path, query=query, interruptible=False)
    except _FAILURES:
        return None
