"""Carry out the plan of an import."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Callable, Dict, Optional

from memoryos._bulk import import_dates
from memoryos._bulk.create_results import is_rejection
from memoryos._bulk.open_choices import CREATE, LIST, UPDATE, can_be_listed
from memoryos.exceptions import (
    MemoryOSError,
    NotFoundError,
    PermissionDeniedError,
    ValidationError,
)

if TYPE_CHECKING:
    from memoryos._bulk.import_plan import ImportPlan, ImportStep
    from memoryos.types import Memory

    from .session import AsyncSession

_MAX_QUESTIONS = 20


class AsyncImportRun:
    """One run of an import.

    Args:
        session: The client's session.
        plan: What to do.
        on_progress: Called with the number of memories processed so far and the total.
    """

    def __init__(
        self,
        session: AsyncSession,
        plan: ImportPlan,
        on_progress: Optional[Callable[[int, int], object]],
    ) -> None:
        self._session = session
        self._plan = plan
        self._on_progress = on_progress

    async def check(self) -> None:
        """Find the lines that can't be imported, as far as that can be known before sending them.

        Raises:
            ValidationError: There are some, and the plan is to stop at them.
            NotSupportedError: The service takes no times of creation and access.
            MemoryOSError: A call failed.
        """
        needed = self._plan.needed_features
        missing = needed - await self._session.named_features() if needed else needed
        if missing:
            raise import_dates.unsupported(missing)
        questions = 0
        for name, value in self._plan.unknown_choices():
            if can_be_listed(name) and questions < _MAX_QUESTIONS:
                questions += 1
                await self._ask_for(name, value)
        self._plan.check(datetime.now(timezone.utc))

    async def _ask_for(self, name: str, value: str) -> None:
        """Find out whether the service knows a value: it refuses to list by one that it doesn't."""
        try:
            await self._session.call(LIST, {"limit": 1, name: value})
        except ValidationError as error:
            self._plan.refuse((name, value), error)

    async def carry_out(self, *, dry_run: bool) -> None:
        """Carry out the steps, one after another; with `dry_run`, only count them.

        Raises:
            ValidationError: The service doesn't take a memory, and the plan is to stop there.
            MemoryOSError: A call failed. `details` contains what was done before.
        """
        for step in self._plan.steps():
            if dry_run:
                self._plan.record(step, None)
            else:
                await self._carry_out(step)
            if self._on_progress is not None:
                self._on_progress(self._plan.done, self._plan.total)

    async def _carry_out(self, step: ImportStep) -> None:
        try:
            try:
                self._plan.record(step, await self._send(step))
            except NotFoundError:
                if step.action != "update":
                    raise
                # It was deleted meanwhile.
                step = self._plan.creation(step.entry)
                self._plan.record(step, await self._send(step))
        except MemoryOSError as error:
            if is_rejection(step.arguments, error):
                self._plan.reject(step, error)
                return
            if isinstance(error, PermissionDeniedError):
                import_dates.add_advice(error, step.arguments)
            error.details = {**self._plan.progress(step), **error.details}
            raise

    async def _send(self, step: ImportStep) -> Optional[Memory]:
        if step.action == "skip":
            return None
        if step.action == "create":
            return await self._session.call(CREATE, step.arguments)
        update: Dict[str, Any] = {"memory_id": step.existing_id, **step.arguments}
        return await self._session.call(UPDATE, update)
