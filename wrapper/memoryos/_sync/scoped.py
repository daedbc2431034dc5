# Written by tools/sync_from_async.py from _async/scoped.py: edit that file.
"""ScopedMemoryOS: a view of a client on the memories of one scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, Mapping, Optional, Tuple, cast

from memoryos._protocol.argument_errors import invalid_argument, shown
from memoryos._protocol.scopes import Scope
from memoryos._protocol.secret import Secret
from memoryos._protocol.settings import change_settings
from memoryos._protocol.validation import check_callback

from .memories import Memories
from .resources import SearchOperations
from .scoped_deletion import DeletionRun
from .scoped_session import ScopedSession

if TYPE_CHECKING:
    from memoryos._bulk.import_file import ImportFile
    from memoryos._protocol.scopes import ScopeDeletion

    from .session import Session


class ScopedMemories(Memories):
    """The memories of one scope."""

    def __init__(self, session: ScopedSession) -> None:
        super().__init__(cast("Session", session))
        self._scoped = session

    def delete_all(
        self,
        *,
        confirm: bool = False,
        on_progress: Optional[Callable[[int, int], object]] = None,
    ) -> ScopeDeletion:
        """Delete all memories of this scope permanently, to forget a user.

        Memories that are created meanwhile are deleted, too. After an interruption, repeat the call
        to continue. The local Memory OS also removes tags that no memory has any more, and the
        remains of the texts in its file.

        Args:
            confirm: Must be True, so that nothing is deleted by mistake.
            on_progress: Called with the number of memories deleted so far and the number found.

        Returns:
            A dict with `deleted`, the number of memories, and `tags_may_remain`: whether the
            service may still list tags of this scope, whose names contain the user's.

        Raises:
            ValidationError: `confirm` is not True, or `on_progress` is not a function.
            MemoryOSError: A call failed; see `memoryos.exceptions`. `details` contains the number
                of memories `deleted` before.

        Examples:
            >>> memory.scoped(user="alice").memories.delete_all(confirm=True)
            {'deleted': 12, 'tags_may_remain': False}
        """
        if confirm is not True:
            rule = "must be True to delete all memories of this scope"
            raise invalid_argument("confirm", shown(confirm), rule)
        check_callback("on_progress", on_progress)
        return DeletionRun(self._scoped, on_progress).run()

    def _adapted(self, file: ImportFile) -> ImportFile:
        imported = self._scoped.scope.imported
        entries = [entry._replace(memory=imported(entry.memory)) for entry in file.memories]
        return file._replace(memories=entries)


class ScopedMemoryOS(SearchOperations):
    """A view of a client on the memories of one scope, as `memory.scoped(user="alice")` returns it.

    All that it stores carries the tags of the scope. All that it returns is checked for them,
    whatever the service does: memories of other scopes are never returned or changed. It has no
    connections of its own, costs nothing to create, and ends with its client.

    Examples:
        >>> alice = memory.scoped(user="alice")
        >>> alice.memories.create("Prefers mornings")
        >>> found = alice.search("When does she work?")
    """

    __module__ = "memoryos"  # the public name, for tracebacks and documentation

    memories: ScopedMemories
    """The scope's memories: create, list, get, update and delete them, one or many."""

    def __init__(self, session: ScopedSession) -> None:
        super().__init__(cast("Session", session))
        self._scoped = session
        self.memories = ScopedMemories(session)

    @property
    def scope(self) -> Dict[str, str]:
        """The values of this scope, by key."""
        return dict(self._scoped.scope.values)

    @property
    def base_url(self) -> str:
        """The address of the API, without a trailing slash; `local://memoryos/v1` if local."""
        return self._scoped.settings.base_url

    def scoped(self, /, **keys: str) -> ScopedMemoryOS:
        """Return a view on a part of this scope.

        Args:
            **keys: Further keys with their values, such as `session="s1"`.

        Raises:
            ValidationError: There are none, a value is empty or not a string, or a key has another
                value in this scope.

        Examples:
            >>> alice = memory.scoped(user="alice")
            >>> session = alice.scoped(session="s1")
        """
        scope = self._scoped.scope.narrowed(keys)
        return ScopedMemoryOS(ScopedSession(self._scoped.session, scope))

    def with_options(
        self,
        *,
        timeout: Optional[float] = None,
        max_retries: Optional[int] = None,
        headers: Optional[Mapping[str, str]] = None,
        deadline: Optional[float] = None,
    ) -> ScopedMemoryOS:
        """Return a view on the same scope with other settings, on the same connections.

        Omitted arguments stay as in this view.

        Args:
            timeout: The maximum duration of one attempt, in seconds; more than 0.
            max_retries: The maximum number of retries; 0 or more.
            headers: Further headers, besides this view's.
            deadline: The maximum duration of one call, in seconds.

        Raises:
            ValidationError: An argument is invalid.
        """
        own_headers = Secret(headers)
        del headers  # some tracebacks show local variables
        settings = change_settings(
            self._scoped.settings,
            timeout=timeout,
            max_retries=max_retries,
            headers=own_headers,
            deadline=deadline,
        )
        return ScopedMemoryOS(self._scoped.with_settings(settings))

    def __reduce__(self) -> Tuple[Any, ...]:
        raise TypeError("A scope can't be pickled: pickle the client, and call scoped() again")

    def __repr__(self) -> str:
        if "_scoped" not in vars(self):
            return f"{type(self).__name__}(…)"
        keys = ", ".join(f"{key}=…" for key in self._scoped.scope.values)  # values name users
        return f"{type(self).__name__}({keys})"


def scoped(session: Session, keys: Mapping[str, str]) -> ScopedMemoryOS:
    """Return a view of a client on a scope.

    Args:
        session: The client's session.
        keys: The scope's values by key.

    Raises:
        ValidationError: There are none, or one of them is empty or not a string.
    """
    return ScopedMemoryOS(ScopedSession(session, Scope(keys)))
