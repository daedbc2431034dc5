"""Model of the run's memories, to predict responses. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, NamedTuple, Optional

if TYPE_CHECKING:
    from memoryos.contract_testing.http_messages import Response

__all__ = ["MODEL_CHECKS", "Contradiction", "MemoryModel"]

MODEL_CHECKS: Dict[str, str] = {
    "keeps-what-was-stored": "A memory has the fields it was created with and updated to.",
    "finds-what-exists": "A memory that exists is found by its id.",
    "forgets-what-was-deleted": "A deleted memory can't be read, changed, listed or found.",
}
"""The checks of every call in a sequence, with a description."""

_MAX_SHOWN_CHARACTERS = 80
_CUT = "…"  # where a context leaves out a part of a memory
_SEPARATE_NAMES = ("tags", "entities")
_DEFAULTS: Dict[str, Any] = {"tier": "short", "content_type": "text", "memory_nature": None}


class Contradiction(NamedTuple):
    """A difference between a response and the model."""

    check: str
    message: str


class MemoryModel:
    """Tracks the run's memories by the responses. Other memories are ignored."""

    def __init__(self) -> None:
        self._existing: Dict[str, Dict[str, Any]] = {}
        self._deleted: set[str] = set()

    def existing_ids(self) -> List[str]:
        """Return the ids of the run's memories that exist."""
        return list(self._existing)

    def observe(
        self, operation_id: str, memory_id: Optional[str], body: Any, response: Response
    ) -> List[Contradiction]:
        """Compare a response with the model, and update the model.

        Args:
            operation_id: Id of the operation.
            memory_id: Id in the path, or None.
            body: JSON body of the request.
            response: The response.

        Returns:
            The differences between the response and the model.
        """
        if response.status in (401, 403, 429) or response.status >= 500:
            return []
        found: Iterator[Contradiction] = iter(())
        if operation_id == "create_memory":
            found = self._on_create(body, response)
        elif memory_id is not None:
            found = self._on_memory(operation_id, memory_id, body, response)
        elif operation_id == "search_memories" and isinstance(response.data, dict):
            found = self._on_list(response.data.get("results"))
        elif operation_id == "get_context" and isinstance(response.data, dict):
            found = self._on_list(response.data.get("memories"), may_be_cut=True)
        elif operation_id == "list_memories":
            found = self._on_list(response.data)
        return list(found)

    def _on_create(self, body: Any, response: Response) -> Iterator[Contradiction]:
        data = response.data
        if response.is_success and isinstance(body, dict) and isinstance(data, dict):
            expected = {**_DEFAULTS, **body}
            self._existing[str(data.get("id"))] = expected
            yield from _differences(data, expected)

    def _on_memory(
        self, operation_id: str, memory_id: str, body: Any, response: Response
    ) -> Iterator[Contradiction]:
        expected = self._existing.get(memory_id)
        if memory_id in self._deleted and response.is_success:
            yield Contradiction(
                "forgets-what-was-deleted", f"a deleted memory: status {response.status}"
            )
        if expected is None:
            return
        if response.status == 404:
            yield Contradiction("finds-what-exists", "a memory that exists is not found")
        elif response.is_success and operation_id == "delete_memory":
            del self._existing[memory_id]
            self._deleted.add(memory_id)
        elif response.is_success and isinstance(response.data, dict):
            if operation_id == "update_memory" and isinstance(body, dict):
                expected.update(_updated(expected, body, response.data))
            yield from _differences(response.data, expected)

    def _on_list(self, memories: Any, *, may_be_cut: bool = False) -> Iterator[Contradiction]:
        for memory in memories if isinstance(memories, list) else ():
            memory_id = memory.get("id") if isinstance(memory, dict) else None
            if memory_id in self._deleted:
                yield Contradiction("forgets-what-was-deleted", "a deleted memory is returned")
            elif memory_id in self._existing:
                expected = dict(self._existing[memory_id])
                if may_be_cut and _is_cut(expected.get("content"), memory.get("content")):
                    expected.pop("content")
                yield from _differences(memory, expected, allow_missing=True)


def _is_cut(content: Any, shown: Any) -> bool:
    """Return whether a text consists of passages of a content, in order, with marked gaps."""
    if not isinstance(content, str) or not isinstance(shown, str) or _CUT not in shown:
        return False
    text = _spaced_alike(content)
    end = 0
    for passage in map(_spaced_alike, shown.split(_CUT)):
        start = text.find(passage, end)
        if start < 0:
            return False
        end = start + len(passage)
    return True


def _spaced_alike(text: str) -> str:
    return " ".join(text.split())


def _updated(before: Mapping[str, Any], body: Mapping[str, Any], shown: Any) -> Mapping[str, Any]:
    """Return the fields that an update has set.

    A service may keep tags and entities that new metadata doesn't name.
    """
    old, new = before.get("metadata"), body.get("metadata")
    if not isinstance(old, dict) or not isinstance(new, dict):
        return body
    kept = {**{name: old[name] for name in _SEPARATE_NAMES if name in old}, **new}
    return {**body, "metadata": kept} if shown.get("metadata") == kept else body


def _differences(
    shown: Mapping[str, Any], expected: Mapping[str, Any], *, allow_missing: bool = False
) -> Iterator[Contradiction]:
    for name, value in expected.items():
        if allow_missing and name not in shown:
            continue
        if name not in shown or shown[name] != value:
            actual = repr(shown.get(name))[:_MAX_SHOWN_CHARACTERS]
            message = f"{name} is {actual}, not {repr(value)[:_MAX_SHOWN_CHARACTERS]}"
            yield Contradiction("keeps-what-was-stored", message)
