"""Memories by the thousand: walking through them, creating many, taking them to a file and back."""

from __future__ import annotations

from typing import (
    TYPE_CHECKING,
    Any,
    AsyncIterator,
    Callable,
    Dict,
    Iterable,
    Mapping,
    Optional,
    Sized,
    Union,
)

from memoryos._bulk import create_results, export_file, import_plan
from memoryos._bulk.atomic_file import replace_file
from memoryos._protocol.pagination import MAX_PAGE_SIZE, Paginator
from memoryos._protocol.validation import check_choice, check_count
from memoryos.exceptions import MemoryOSError

from .concurrency import in_order
from .resources import AsyncMemoryOperations

if TYPE_CHECKING:
    import os

    from memoryos._bulk.create_results import CreateJob, CreateResult, Progress
    from memoryos._bulk.import_plan import ImportReport
    from memoryos.types import Memory, MemoryNature, Tier

DEFAULT_CONCURRENCY = 8
"""Calls under way at once; the signature of `create_many` repeats it for editors."""

MAX_CONCURRENCY = 100


class AsyncMemories(AsyncMemoryOperations):
    """Create, list, get, update and delete memories, one or many."""

    async def iterate(
        self,
        tier: Optional[Tier] = None,
        content_type: Optional[str] = None,
        memory_nature: Optional[MemoryNature] = None,
        min_relevance: Optional[float] = None,
        *,
        page_size: int = 100,
    ) -> AsyncIterator[Memory]:
        """Walk through all memories, newest first, getting page after page as they are needed.

        The service pages by offset. Pages overlap by one memory, so that nothing comes twice or is
        missed when memories are added or removed meanwhile; what is added after the first page may
        or may not come. Only where a whole page of what has come is removed between two requests,
        or relevance moves across `min_relevance`, can one be missed.

        Args:
            tier: Only memories of this tier: `short`, `medium` or `long`.
            content_type: Only memories of this content type.
            memory_nature: Only memories of this nature: `episodic` or `semantic`.
            min_relevance: Only memories whose present relevance is at least this, from 0 to 1.
            page_size: How many to get at once, from 2 to 100.

        Yields:
            Each memory, as a dict.

        Raises:
            ValidationError: An argument breaks a rule; nothing was sent.
            MemoryOSError: A call failed; see `memoryos.exceptions`.
        """
        check_count("page_size", page_size, 2, MAX_PAGE_SIZE)
        walk = Paginator(page_size)
        while not walk.is_over:
            page = await self.list(
                walk.limit, walk.offset, tier, content_type, memory_nature, min_relevance
            )
            for memory in walk.take(page):
                yield memory

    async def create_many(
        self,
        items: Iterable[Union[str, Mapping[str, Any]]],
        *,
        concurrency: int = 8,
        batch: Optional[str] = None,
        on_progress: Optional[Progress] = None,
    ) -> AsyncIterator[CreateResult]:
        """Store many memories, several at once, and yield what became of each, in order.

        A failure is a result like any other, with its item; the rest goes on. Items are taken as
        they are needed, so that an endless or a very large iterable will do.

        Every item is sent with an idempotency key of its own. With `batch`, the keys are the same
        each time: after an interruption, the same call again stores what is missing, and nothing
        twice, as long as the service remembers the keys (24 hours).

        Args:
            items: Contents, or dicts with the arguments of `create`.
            concurrency: How many calls may be under way at once, from 1 to 100.
            batch: A name for the whole, to make it safe to repeat. Default: a random one.
            on_progress: Called with the number of results so far, and of all items if it is known.

        Yields:
            For each item: `index`, `item`, `idempotency_key`, and `memory` or `error`.

        Raises:
            ValidationError: `concurrency` is out of range.

        Examples:
            >>> async for result in memory.memories.create_many(lines, batch="notes-2026-11"):
            ...     if not result.ok:
            ...         print(result.index, result.error)
        """
        check_count("concurrency", concurrency, 1, MAX_CONCURRENCY)
        total = len(items) if isinstance(items, Sized) else None
        jobs = create_results.create_jobs(items, batch)
        async for created in in_order(self._create, jobs, concurrency):
            if on_progress is not None:
                on_progress(created.index + 1, total)
            yield created

    async def _create(self, job: CreateJob) -> CreateResult:
        if job.error is not None:
            return job.result(error=job.error)
        arguments: Dict[str, Any] = dict(job.arguments)
        arguments.setdefault("content", None)
        try:
            memory = await self.create(**arguments, idempotency_key=job.idempotency_key)
        except MemoryOSError as error:
            return job.result(error=error)
        return job.result(memory=memory)

    async def export(
        self,
        path: Union[str, os.PathLike[str]],
        tier: Optional[Tier] = None,
        content_type: Optional[str] = None,
        memory_nature: Optional[MemoryNature] = None,
        *,
        on_progress: Optional[Callable[[int], object]] = None,
    ) -> int:
        """Write all memories to a file: JSON Lines, lossless, each line with a checksum.

        The file appears when it is whole; a file that is there stays as it is until then.

        Args:
            path: The file to write.
            tier: Only memories of this tier: `short`, `medium` or `long`.
            content_type: Only memories of this content type.
            memory_nature: Only memories of this nature: `episodic` or `semantic`.
            on_progress: Called with the number of memories written so far.

        Returns:
            How many memories were written.

        Raises:
            OSError: The file can't be written.
            MemoryOSError: A call failed; see `memoryos.exceptions`.
        """
        writer = export_file.ExportWriter()
        filters = {"tier": tier, "content_type": content_type, "memory_nature": memory_nature}
        with replace_file(path) as file:
            file.write(writer.header(filters))
            async for memory in self.iterate(tier, content_type, memory_nature):
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
        dry_run: bool = False,
        on_progress: Optional[Callable[[int, int], object]] = None,
    ) -> ImportReport:
        """Store the memories of a file that `export` wrote.

        The whole file is checked before anything is sent. A memory is in conflict where the account
        has it: by its id, by its `external_id`, or by its content and metadata together. What is
        stored anew gets a new id, times and counts, which only the service gives; parents are
        linked to the new ids. After an interruption the same call goes on where it was.

        Args:
            path: The file to read.
            on_conflict: `skip` leaves the memory that is there, `update` changes it to what the
                file says, `duplicate` stores another one, `error` refuses the whole file before
                anything is stored.
            dry_run: Only tell what would be done.
            on_progress: Called with the number of memories dealt with, and of all.

        Returns:
            How many were `created`, `updated` and `skipped`.

        Raises:
            ValidationError: The file is damaged, cut off or no export; or, with `error`, a memory
                is there already. Nothing was stored.
            OSError: The file can't be read.
            MemoryOSError: A call failed; see `memoryos.exceptions`.
        """
        check_choice("on_conflict", on_conflict, import_plan.CONFLICT_CHOICES)
        memories = export_file.load_export(path)
        existing = import_plan.ExistingMemories()
        async for memory in self.iterate():
            existing.add(memory)
        plan = import_plan.ImportPlan(memories, existing, on_conflict)
        for done, step in enumerate(plan.steps(), start=1):
            if not dry_run:
                plan.record(step, await self._import_one(step))
            if on_progress is not None:
                on_progress(done, len(memories))
        return plan.report(dry_run=dry_run)

    async def _import_one(self, step: import_plan.ImportStep) -> Optional[Memory]:
        if step.action == "create":
            return await self.create(**step.arguments, idempotency_key=step.idempotency_key)
        if step.action == "update" and step.arguments:
            return await self.update(step.existing_id, **step.arguments)
        return None
