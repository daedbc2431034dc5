"""Bulk operations on memories: iterate, create many, export and import."""

from __future__ import annotations

from functools import partial
from typing import (
    TYPE_CHECKING,
    Any,
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Iterable,
    Mapping,
    Optional,
    Sequence,
    Union,
)

from memoryos._imports import importing
from memoryos._protocol.pagination import MAX_PAGE_SIZE
from memoryos._protocol.validation import check_callback, check_count
from memoryos.exceptions import MemoryOSError, NotFoundError, PermissionDeniedError

from .concurrency import READS_ASYNC_ITERABLES, in_order
from .resources import AsyncMemoryOperations

if TYPE_CHECKING:
    import os
    from datetime import datetime

    from memoryos._bulk.create_results import CreateJob, CreateResult, Progress
    from memoryos._bulk.import_file import ImportFile
    from memoryos._bulk.import_report import ImportReport
    from memoryos._bulk.replays import KeyGenerations, ReplayDetector
    from memoryos._protocol.retries import CallResult
    from memoryos.types import Memory, MemoryNature, Tier

    from .session import AsyncSession

DEFAULT_CONCURRENCY = 8
"""Number of concurrent calls; repeated in the signature of `create_many` for editors."""

MAX_CONCURRENCY = 100


class AsyncBulkOperations(AsyncMemoryOperations):
    """The operations on memories, one or many."""

    async def iterate(
        self,
        tier: Optional[Tier] = None,
        content_type: Optional[str] = None,
        memory_nature: Optional[MemoryNature] = None,
        min_relevance: Optional[float] = None,
        *,
        tags: Optional[Sequence[str]] = None,
        created_after: Optional[Union[str, datetime]] = None,
        created_before: Optional[Union[str, datetime]] = None,
        external_id: Optional[str] = None,
        metadata: Optional[Mapping[str, Any]] = None,
        page_size: int = 100,
    ) -> AsyncIterator[Memory]:
        """Iterate over all memories, newest first, loading pages on demand.

        The service pages by offset. Pages overlap by one memory, so that none is repeated or missed
        when memories are added or removed during the iteration. Memories added after the first page
        may be left out. You can miss items only if a whole page already read is deleted between two
        requests, or if relevance crosses `min_relevance` during the iteration.

        If several pages in a row contain nothing new, the service ignores the offset or has no
        stable order: the iteration ends with an InvalidResponseError.

        Args:
            tier: Only memories of this tier: `short`, `medium` or `long`.
            content_type: Only memories of this content type.
            memory_nature: Only memories of this nature: `episodic` or `semantic`.
            min_relevance: Only memories whose current relevance is at least this, from 0 to 1.
            tags: Only memories with all of these tags, by name.
            created_after: Only memories created at this time or later: a datetime with a time zone
                or a time of RFC 3339.
            created_before: Only memories created before this time: a datetime with a time zone or a
                time of RFC 3339.
            external_id: Only memories with this external id.
            metadata: Only memories whose metadata contain these keys with equal values.
            page_size: The number of memories per request, from 2 to 100.

        Yields:
            Each memory as a dict.

        Raises:
            ValidationError: An argument is invalid; nothing was sent.
            InvalidResponseError: A page doesn't match the contract, or the pages repeat.
            MemoryOSError: A call failed; see `memoryos.exceptions`.
        """
        arguments = locals()
        check_count("page_size", page_size, 2, MAX_PAGE_SIZE)
        async for memory in self._session.walk(arguments, page_size):
            yield memory

    def create_many(
        self,
        items: Iterable[Union[str, Mapping[str, Any]]],
        *,
        concurrency: int = 8,
        batch: Optional[str] = None,
        on_progress: Optional[Progress] = None,
    ) -> AsyncIterator[CreateResult]:
        """Create many memories concurrently, and yield one result per item, in order.

        The items of one conversation are created in order, one after another: those with the same
        `source_id`, the same `parent_memory_id` or the same session in their metadata (`session`,
        `session_id`, `conversation`, `thread`, `chat` and the like). Items with the content type
        `conversation` and none of these count as one conversation. All other items overlap.

        A failed item yields a result with `error`; the others continue. Items are read on demand:
        `items` may be infinite. At most `concurrency` items are read ahead; if some of them wait
        for others of their conversation, up to 1,000. If `items` raises an error, the results of
        the items before are yielded first.

        If you stop early (`break`, `close`, an exception, Ctrl-C), no other item is sent and no
        attempt is repeated. The service may still carry out an attempt under way.

        Each item is sent with its own idempotency key. With `batch`, the same items get the same
        keys: after an interruption, repeat the call to create the missing memories. None is created
        twice while the service remembers the keys (24 hours). Items are the same if they are equal
        as JSON, whatever the order of their names, and whether or not defaults are given. A memory
        that was deleted since is created again: if the service returns a memory that is older than
        this call, it is looked up first, which a service without the feature `uncounted` may count
        as an access.

        Args:
            items: Contents as strings, or dicts with the arguments of `create`.
            concurrency: Maximum number of concurrent calls, from 1 to 100.
            batch: A name for these items, which makes the call safe to repeat; at least one
                character. Default: random keys.
            on_progress: Called with the number of results so far and the total, which is None if
                `items` has no length.

        Returns:
            An iterator over one result per item, with `index`, `item`, `idempotency_key`, and
            `memory` or `error`.

        Raises:
            ValidationError: `concurrency`, `batch` or `on_progress` is invalid, or `items` contains
                something else than strings and dicts. Nothing was sent, unless `items` can be read
                only once, such as a generator: then the results of the items before are yielded
                first.

        Examples:
            >>> async for result in memory.memories.create_many(lines, batch="notes-2026-11"):
            ...     if not result.ok:
            ...         print(result.index, result.error)
        """
        with importing():  # not above: a first call that is none of these would wait for them, too
            from memoryos._bulk import create_order, create_results, replays
        check_count("concurrency", concurrency, 1, MAX_CONCURRENCY)
        create_results.check_batch(batch)
        check_callback("on_progress", on_progress)
        create_results.check_items(items, may_be_async=READS_ASYNC_ITERABLES)
        detector = replays.ReplayDetector(self._session.clock.monotonic())
        results = in_order(
            self._session,
            partial(_create, detector),
            create_order.JobOrder(concurrency),
            items,
            create_results.CreateJobs(batch).turn,
        )
        total = create_results.length_of(items)
        return _with_progress(results, total, on_progress)

    async def export(
        self,
        path: Union[str, os.PathLike[str]],
        tier: Optional[Tier] = None,
        content_type: Optional[str] = None,
        memory_nature: Optional[MemoryNature] = None,
        *,
        tags: Optional[Sequence[str]] = None,
        created_after: Optional[Union[str, datetime]] = None,
        created_before: Optional[Union[str, datetime]] = None,
        external_id: Optional[str] = None,
        metadata: Optional[Mapping[str, Any]] = None,
        on_progress: Optional[Callable[[int], object]] = None,
    ) -> int:
        """Write all memories to a file: JSON Lines, lossless, each line with a checksum.

        The file is created, or an existing one replaced, only when the export is complete. A
        symbolic link stays, and the file that it leads to is replaced. What is not a regular file,
        such as a named pipe or `/dev/stdout`, is written to directly.

        Args:
            path: The file to write.
            tier: Only memories of this tier: `short`, `medium` or `long`.
            content_type: Only memories of this content type.
            memory_nature: Only memories of this nature: `episodic` or `semantic`.
            tags: Only memories with all of these tags, by name.
            created_after: Only memories created at this time or later: a datetime with a time zone
                or a time of RFC 3339.
            created_before: Only memories created before this time: a datetime with a time zone or a
                time of RFC 3339.
            external_id: Only memories with this external id.
            metadata: Only memories whose metadata contain these keys with equal values.
            on_progress: Called with the number of memories written so far.

        Returns:
            The number of memories written.

        Raises:
            ValidationError: `path` is not the path of a file, or a filter is invalid.
            OSError: The file can't be written.
            MemoryOSError: A call failed; see `memoryos.exceptions`.
        """
        arguments = locals()
        with importing():
            from memoryos._bulk import export_file
            from memoryos._bulk.atomic_file import replace_file
            from memoryos._bulk.file_arguments import check_path
        writer = export_file.ExportWriter()
        filters = export_file.filters_of(arguments)
        target = check_path("path", path)
        check_callback("on_progress", on_progress)
        with replace_file(target, export_file.SIGNATURE, export_file.LAST_LINE) as file:
            file.write(writer.header(filters))
            async for memory in self._session.walk(filters):
                file.write(writer.memory(memory))
                if on_progress is not None:
                    on_progress(writer.count)
            file.write(writer.footer())
        return writer.count

    async def import_(
        self,
        path: Union[str, os.PathLike[str]],
        *,
        on_conflict: str = "skip",
        on_error: str = "stop",
        rejects: Union[str, os.PathLike[str], None] = None,
        dry_run: bool = False,
        without_dates: bool = False,
        on_progress: Optional[Callable[[int, int], object]] = None,
    ) -> ImportReport:
        """Create the memories of a file written by `export`.

        The whole file is checked before anything is stored: its checksums, and each memory against
        the contract. A memory conflicts with an existing one that has the same id, the same
        `external_id`, or the same content and metadata; each existing memory conflicts with one of
        the file only. Created memories get new ids from the service, and parents are linked to the
        new ids. Memories are created one after another, oldest first. After an interruption, repeat
        the call to continue.

        Created memories keep their times of creation and access and their numbers of accesses. That
        needs a service with the feature `import-fields` and a key with the permission `admin`;
        otherwise the import stops before anything is stored. They also keep their time of expiry,
        which needs the feature `expires-at`, unless it is the default of the tier `short`. A memory
        whose own time of expiry is over can't be imported. With `without_dates`, the service gives
        them new times and counts, and the keys `imported_created_at` and `imported_expires_at` of
        their metadata keep these times.

        Some limits, such as the length of a content, are known only to the service. If it doesn't
        take a memory, `stop` ends the import at that line: what was stored before stays. A value
        that only a newer version of the contract names, such as a new tier, is sent to a service
        that can list memories by it.

        Args:
            path: The file to read: a regular file or a pipe, in UTF-8, UTF-16 or UTF-32.
            on_conflict: `skip` keeps the existing memory, `update` changes it to match the file,
                `duplicate` creates another one, `error` rejects the whole file before anything is
                stored.
            on_error: `stop` raises an error at a memory that can't be imported, before anything is
                stored where possible. `reject` leaves it out and imports the others. A damaged or
                truncated export is always an error.
            rejects: With `on_error="reject"`, a file for the rejected lines, as they are in `path`.
                Correct them and import it. It is written only if lines were rejected, at the end.
            dry_run: Report what would change, without storing anything or writing `rejects`.
            without_dates: Create memories with new times and counts.
            on_progress: Called with the number of memories processed so far and the total.

        Returns:
            The numbers of memories `created`, `updated`, `skipped` and `rejected`. `rejected_lines`
            contains the number and the problem of each rejected line.

        Raises:
            ValidationError: The file is damaged, truncated or not an export; or, with
                `on_conflict="error"`, a memory already exists; or, with `on_error="stop"`, a memory
                can't be imported. `details` contains the `line`, and the numbers of memories
                `created`, `updated` and `skipped` before it, which are 0 if nothing was stored.
            NotSupportedError: The service takes no times; nothing was stored.
            PermissionDeniedError: The key lacks a permission, such as `admin`.
            OSError: The file can't be read, or `rejects` can't be written.
            MemoryOSError: A call failed; see `memoryos.exceptions`. If the import had begun,
                `details` contains `line`, `created`, `updated` and `skipped`.
        """
        with importing():
            from memoryos._bulk import import_arguments
            from memoryos._bulk.import_file import read_import_file
            from memoryos._bulk.import_matching import Comparable
            from memoryos._bulk.import_plan import ImportPlan
            from memoryos._bulk.import_source import open_source
            from memoryos._bulk.rejects_file import rejects_file

            from .import_run import AsyncImportRun
        check_callback("on_progress", on_progress)
        given = import_arguments.check(
            path, on_conflict, on_error, rejects, dry_run=dry_run, without_dates=without_dates
        )
        with open_source(given.path) as source:
            file = self._adapted(read_import_file(source.lines(), source.name))
            account = [Comparable(memory) async for memory in self.iterate()]
            plan = ImportPlan(file, account, on_conflict, on_error, without_dates=without_dates)
            run = AsyncImportRun(self._session, plan, on_progress)
            await run.check()
            with rejects_file(given.rejects, source) as write_rejects:
                await run.carry_out(dry_run=dry_run)
                write_rejects(plan)
        return plan.report(dry_run=dry_run)

    def _adapted(self, file: ImportFile) -> ImportFile:
        """Return a file as it is to be imported."""
        return file


async def _with_progress(
    results: AsyncGenerator[CreateResult, None],
    total: Optional[int],
    on_progress: Optional[Progress],
) -> AsyncGenerator[CreateResult, None]:
    try:
        async for created in results:
            if on_progress is not None:
                on_progress(created.index + 1, total)
            yield created
    finally:
        await results.aclose()


async def _create(detector: ReplayDetector, session: AsyncSession, job: CreateJob) -> CreateResult:
    if job.error is not None:
        return job.result(error=job.error)
    try:
        if not job.may_be_replayed:
            return job.result(memory=(await _send(session, job, job.idempotency_key)).data)
        keys = job.key_generations()
        memory = await _existing(session, job, keys, detector)
    except MemoryOSError as error:
        return job.result(error=error)
    return job.result(memory=memory, key=keys.key)


async def _send(session: AsyncSession, job: CreateJob, key: str) -> CallResult:
    call = await session.create_call({**job.arguments, "idempotency_key": key})
    return await session.send(call, session.policy)


async def _existing(
    session: AsyncSession, job: CreateJob, keys: KeyGenerations, detector: ReplayDetector
) -> Any:
    """Create the memory of a job, also if a service remembers its key but not the memory."""
    while True:
        result = await _send(session, job, keys.key)
        memory = result.data
        now = session.clock.monotonic()
        if not detector.is_replay(memory, result.response.headers, now):
            return memory
        try:
            return await AsyncMemoryOperations(session).get(memory.get("id"), uncounted=True)
        except NotFoundError:
            keys.memory_is_gone(memory["id"])
        except PermissionDeniedError:  # a key that can't read can't know
            return memory
