# Written by tools/sync_from_async.py from _async/tag_probe.py: edit that file.
"""Find out how a service filters by tags, with the requests that a scope sends for that."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Dict, List, Mapping

from memoryos._protocol import operations
from memoryos._protocol.idempotency_keys import new_key
from memoryos._protocol.memory_filters import MemoryFilter
from memoryos._protocol.pagination import MAX_PAGE_SIZE
from memoryos._protocol.response_fields import list_in
from memoryos._protocol.scope_warnings import warn
from memoryos._protocol.scopes import scope_tags_of
from memoryos.exceptions import MemoryOSError

from .emulation import MAX_RESULTS

if TYPE_CHECKING:
    from memoryos._protocol.scopes import Scope
    from memoryos._protocol.tag_filtering import TagFiltering
    from memoryos.types import MemoryPage

    from .session import Session

_LIST, _SEARCH = operations.list_memories, operations.search_memories

_QUERY_CHARACTERS = 200


@dataclass(frozen=True, repr=False)
class TagProbe:
    """Finds out how a service filters by tags, once for all scopes of a client.

    Attributes:
        session: The client's session, which keeps what was found out.
        scope: The scope for which that is asked.
    """

    session: Session
    scope: Scope

    @property
    def _known(self) -> TagFiltering:
        return self.session.features.tag_filtering

    def is_filtered(self, page: MemoryPage) -> bool:
        """Return whether a page was filtered by tags, so that its `total` is that of the scope.

        A service that ignores the tags may return a page that happens to have none of others. To
        find out, it is asked once for a tag that no memory has.
        """
        known = self._known
        if known.lists_are_filtered or page["meta"].get("total") == len(page["data"]):
            return True
        if "filters" in self.session.named_features():
            tags = [*self.scope.tags, f"none:{new_key()}"]  # not one of them, but all
            others = self.session.call(_LIST, {"tags": tags, "limit": 1})
            known.learn(_LIST.name, tags, others["data"])
        known.lists_are_filtered = known.applies_to(_LIST.name)
        return known.lists_are_filtered

    def learn_from_write(self, memory: Mapping[str, Any]) -> None:
        """Find out whether the service finds a stored memory by its tags, if nobody did before."""
        known = self._known
        if not (known.is_tried or known.is_being_tried):
            self._try(self.scope.tags, memory["content"])

    def finds_by_tags(self) -> bool:
        """Return whether the service finds memories by their tags, so that finding none means so.

        Until that was found out, also while a write does so, it is asked for a memory that is known
        to have tags.
        """
        known = self._known
        if not known.is_tried:
            with contextlib.suppress(MemoryOSError):  # such as a key that can't list
                page = self.session.call(_LIST, {"limit": MAX_PAGE_SIZE})
                tagged = next(filter(scope_tags_of, page["data"]), None)
                if tagged is not None:
                    self._try(scope_tags_of(tagged)[:1], tagged["content"])
        return known.works

    def _try(self, tags: List[str], content: str) -> None:
        """Find out whether the service finds memories by their tags.

        Args:
            tags: Tags in the metadata of a memory.
            content: Its content.
        """
        known = self._known
        known.is_being_tried = True
        try:
            is_found = self._is_found(tags, content)
        except MemoryOSError:  # the next write tries again
            return
        finally:
            known.is_being_tried = False
        known.is_tried = True
        if not is_found and known.works:
            known.works = False
            warn(
                self.scope,
                "The service doesn't find a memory by the tags in its metadata. From now on the "
                "client reads all memories and filters them itself, which is slower",
            )

    def _is_found(self, tags: List[str], content: str) -> bool:
        """Return whether memories with these tags are found. One is enough: there may be many."""
        sent: Dict[str, Any] = {"tags": tags, "limit": MAX_RESULTS}
        found: List[Mapping[str, Any]]
        if "filters" in self.session.named_features():
            found = [*(self.session.call(_LIST, sent))["data"]]
        else:
            sent["query"] = content.lstrip()[:_QUERY_CHARACTERS]
            sent["threshold"] = 0
            response = self.session.call(_SEARCH, sent)
            found = [*list_in(response, "results")]
        return any(map(MemoryFilter({"tags": tags}), found))
