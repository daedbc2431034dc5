"""What a run knows of its own memories, and what answers about them must say. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, NamedTuple, Optional

if TYPE_CHECKING:
    from .http_messages import Response

__all__ = ["RULES", "Contradiction", "MemoryModel"]

RULES: Dict[str, str] = {
    "keeps-what-was-stored": "A memory shows what it was created with, as changed since.",
    "finds-what-exists": "A memory that was created and not deleted is found by its id.",
    "forgets-what-was-deleted": "A deleted memory is not read, changed, listed or found any more.",
}
"""What is looked at in every step of a sequence, with a sentence on what it shows."""

_DEFAULTS: Dict[str, Any] = {"tier": "short", "content_type": "text", "memory_nature": None}


class Contradiction(NamedTuple):
    """A rule, and how an response contradicts it."""

    rule: str
    message: str


class MemoryModel:
    """Follows the run's own memories from response to response; of others it knows nothing."""

    def __init__(self) -> None:
        self._alive: Dict[str, Dict[str, Any]] = {}
        self._deleted: set[str] = set()

    def alive(self) -> List[str]:
        """Return the ids of the memories that exist."""
        return list(self._alive)

    def observe(
        self, operation_id: str, memory_id: Optional[str], body: Any, response: Response
    ) -> List[Contradiction]:
        """Return what an response contradicts, and remember what it changed.

        Args:
            operation_id: the operation.
            memory_id: the id in its path, if it has one.
            body: the JSON body that was sent.
            response: the response.
        """
        if response.status in (401, 403, 429) or response.status >= 500:
            return []
        found: Iterator[Contradiction] = iter(())
        if operation_id == "create_memory":
            found = self._created(body, response)
        elif memory_id is not None:
            found = self._by_id(operation_id, memory_id, body, response)
        elif operation_id == "search_memories" and isinstance(response.data, dict):
            found = self._shown(response.data.get("results"))
        elif operation_id == "get_context" and isinstance(response.data, dict):
            found = self._shown(response.data.get("memories"))
        elif operation_id == "list_memories":
            found = self._shown(response.data)
        return list(found)

    def _created(self, body: Any, response: Response) -> Iterator[Contradiction]:
        data = response.data
        if response.is_success and isinstance(body, dict) and isinstance(data, dict):
            wanted = {**_DEFAULTS, **body}
            self._alive[str(data.get("id"))] = wanted
            yield from _differences(data, wanted)

    def _by_id(
        self, operation_id: str, memory_id: str, body: Any, response: Response
    ) -> Iterator[Contradiction]:
        wanted = self._alive.get(memory_id)
        if memory_id in self._deleted and response.is_success:
            yield Contradiction("forgets-what-was-deleted", f"a deleted memory: {response.status}")
        if wanted is None:
            return
        if response.status == 404:
            yield Contradiction("finds-what-exists", "a memory that exists is not found")
        elif response.is_success and operation_id == "delete_memory":
            del self._alive[memory_id]
            self._deleted.add(memory_id)
        elif response.is_success and isinstance(response.data, dict):
            if operation_id == "update_memory" and isinstance(body, dict):
                wanted.update(body)
            yield from _differences(response.data, wanted)

    def _shown(self, memories: Any) -> Iterator[Contradiction]:
        for memory in memories if isinstance(memories, list) else ():
            memory_id = memory.get("id") if isinstance(memory, dict) else None
            if memory_id in self._deleted:
                yield Contradiction("forgets-what-was-deleted", "a deleted memory is shown")
            elif memory_id in self._alive:
                yield from _differences(memory, self._alive[memory_id], absent_is_fine=True)


def _differences(
    shown: Mapping[str, Any], wanted: Mapping[str, Any], *, absent_is_fine: bool = False
) -> Iterator[Contradiction]:
    for name, value in wanted.items():
        if absent_is_fine and name not in shown:
            continue
        if name not in shown or shown[name] != value:
            got = repr(shown.get(name))[:80]
            message = f"{name} is {got}, not {value!r:.80}"
            yield Contradiction("keeps-what-was-stored", message)
