"""Claude's memory tool on Memory OS: the files that Claude keeps are memories of one user.

It needs the extra `anthropic`. The answers are those of Anthropic's own tool on a folder, word for
word. A file is a memory, so that `search` and `get_context` of the same scope find its text.

Examples:
    >>> tool = MemoryOSMemoryTool(memory, {"user": "alice"})
    >>> runner = Anthropic().beta.messages.tool_runner(
    ...     model="claude-sonnet-5-5", max_tokens=1000, messages=messages, tools=[tool]
    ... )
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Callable, Iterator, Mapping, Optional

from memoryos._extras import missing_extra
from memoryos.exceptions import ConflictError, MemoryOSError, NotFoundError, ValidationError

from . import _memory_files as files
from ._clients import ASYNC, SYNC, WRITE_DEADLINE, check_client
from ._scopes import fixed
from ._steps import run, run_async
from ._unavailable import OUTAGES, TOO_LARGE, unavailable

try:
    from anthropic.lib.tools import BetaAbstractMemoryTool, BetaAsyncAbstractMemoryTool, ToolError
except ImportError as error:
    raise missing_extra("anthropic", "memoryos.integrations.claude", error) from error

if TYPE_CHECKING:
    from anthropic.types.beta import (
        BetaCacheControlEphemeralParam,
        BetaMemoryTool20250818CreateCommand,
        BetaMemoryTool20250818DeleteCommand,
        BetaMemoryTool20250818InsertCommand,
        BetaMemoryTool20250818RenameCommand,
        BetaMemoryTool20250818StrReplaceCommand,
        BetaMemoryTool20250818ViewCommand,
    )

    from ._clients import AsyncClient, SyncClient

__all__ = ["AsyncMemoryOSMemoryTool", "MemoryOSMemoryTool"]

_ATTEMPTS = 10
_CONFLICT = "The file is being changed by others at the same time. View it, and try again."


class _Commands:
    """The commands of both tools; `_answer` is asynchronous in one of them."""

    _answer: Callable[[Callable[[], files.Command]], Any]

    def view(self, command: BetaMemoryTool20250818ViewCommand) -> Any:
        """Show a file with line numbers, or the names in a folder."""
        return self._answer(lambda: files.view(command.path, command.view_range))

    def create(self, command: BetaMemoryTool20250818CreateCommand) -> Any:
        """Make a new file."""
        return self._answer(lambda: files.create(command.path, command.file_text))

    def str_replace(self, command: BetaMemoryTool20250818StrReplaceCommand) -> Any:
        """Replace a text that occurs once in a file."""
        return self._answer(lambda: files.replace(command.path, command.old_str, command.new_str))

    def insert(self, command: BetaMemoryTool20250818InsertCommand) -> Any:
        """Insert a text after a line of a file."""
        return self._answer(
            lambda: files.insert(command.path, command.insert_line, command.insert_text)
        )

    def delete(self, command: BetaMemoryTool20250818DeleteCommand) -> Any:
        """Delete a file or a folder."""
        return self._answer(lambda: files.delete(command.path))

    def rename(self, command: BetaMemoryTool20250818RenameCommand) -> Any:
        """Move a file or a folder."""
        return self._answer(lambda: files.rename(command.old_path, command.new_path))

    def clear_all_memory(self) -> Any:
        """Delete all files and folders; other memories of the scope stay."""
        return self._answer(files.clear)


class MemoryOSMemoryTool(_Commands, BetaAbstractMemoryTool):
    """The tool `memory`, for `beta.messages.tool_runner` of `Anthropic`.

    A change that another process makes to a file at the same time is not lost: the command is run
    again on the file as it is then. Outages reach Claude as errors of the tool.

    Args:
        client: A client of Memory OS.
        scope: Whose files they are, such as `{"user": "alice"}`. Make a tool for each user; it
            costs nothing.
        cache_control: The cache control of the tool's definition.

    Raises:
        TypeError: `client` is no client of this kind.
        ValidationError: The scope is empty, or no mapping of texts to texts.
    """

    def __init__(
        self,
        client: SyncClient,
        scope: Mapping[str, str],
        *,
        cache_control: Optional[BetaCacheControlEphemeralParam] = None,
    ) -> None:
        super().__init__(cache_control=cache_control)
        check_client(client, SYNC)
        self._memories = _memories(client, scope)

    def _answer(self, command: Callable[[], files.Command]) -> str:
        """Run a command, again where a change of somebody else came first."""
        for _ in range(_ATTEMPTS):
            with suppress(ConflictError, NotFoundError), _tool_errors():
                return run(command(), self._call)
        raise ToolError(_CONFLICT)

    def _call(self, step: files.Step) -> Any:
        try:
            result = getattr(self._memories, step.method)(**step.arguments)
            return list(result) if step.method == "iterate" else result
        except NotFoundError:
            if not step.may_be_gone:
                raise
            return None


class AsyncMemoryOSMemoryTool(_Commands, BetaAsyncAbstractMemoryTool):
    """The tool `memory`, for `beta.messages.tool_runner` of `AsyncAnthropic`.

    See `MemoryOSMemoryTool`.

    Args:
        client: An asynchronous client of Memory OS.
        scope: Whose files they are, such as `{"user": "alice"}`.
        cache_control: The cache control of the tool's definition.

    Raises:
        TypeError: `client` is no client of this kind.
        ValidationError: The scope is empty, or no mapping of texts to texts.
    """

    def __init__(
        self,
        client: AsyncClient,
        scope: Mapping[str, str],
        *,
        cache_control: Optional[BetaCacheControlEphemeralParam] = None,
    ) -> None:
        super().__init__(cache_control=cache_control)
        check_client(client, ASYNC)
        self._memories = _memories(client, scope)

    async def _answer(self, command: Callable[[], files.Command]) -> str:
        """Run a command, again where a change of somebody else came first."""
        for _ in range(_ATTEMPTS):
            with suppress(ConflictError, NotFoundError), _tool_errors():
                return await run_async(command(), self._call)
        raise ToolError(_CONFLICT)

    async def _call(self, step: files.Step) -> Any:
        try:
            if step.method == "iterate":
                return [memory async for memory in self._memories.iterate(**step.arguments)]
            return await getattr(self._memories, step.method)(**step.arguments)
        except NotFoundError:
            if not step.may_be_gone:
                raise
            return None


def _memories(client: Any, scope: Mapping[str, str]) -> Any:
    return client.with_options(deadline=WRITE_DEADLINE).scoped(**fixed(scope)).memories


@contextmanager
def _tool_errors() -> Iterator[None]:
    """Raise what Claude should know as an error of the tool."""
    try:
        yield
    except files.CommandError as error:
        raise ToolError(str(error)) from error
    except ValidationError as error:
        raise ToolError(error.message) from error
    except OUTAGES as error:
        raise ToolError(unavailable("use the memory tool", error)) from error
    except MemoryOSError as error:
        if error.status != TOO_LARGE:
            raise
        raise ToolError(f"The file is too large. {error.message}") from error
