"""When the next node may begin: short workflow tasks, and a quiet point at which a long run carries on as a new one."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from temporalio import workflow

from watchglass.model.journal import PAUSE

TASK_STEPS = 30_000
"""Steps of work in one workflow task, a few tenths of a second. A worker that thinks for two counts as hung."""
TASK_BYTES = 2_200_000
"""Of what is handed to steps in one workflow task. Temporal stops a run of which it is sent more than 4 MB at once."""
NODE_STEPS = 100
"""What one node counts as, beside its expressions."""
PATIENCE = timedelta(minutes=1)
"""While something is under way for longer than this, the others are not held up for a quiet point …"""
HURRY_EVENTS = 20_000
"""… until the history has this many events. Temporal ends a run at 51,200, and suggests a new one at 4,096."""


class Pace:
    def __init__(self) -> None:
        self.is_carrying = False
        """The run ends to be carried on: what is cancelled now is not over."""
        self._under_way: dict[int, float] = {}
        """When each began that cannot be carried on elsewhere, in seconds since 1970."""
        self._serial = 0
        self._gate: asyncio.Future[None] | None = None
        """Closed while a quiet point is waited for."""
        self._gate_from = 0
        """Not closed again before the history has this many events."""
        self._task = -1
        self._steps = 0
        self._bytes = 0
        self._pause: asyncio.Task[None] | None = None

    async def enter(self) -> None:
        """Return when a node may begin."""
        while True:
            if self._gate is None and self._is_time_to_carry_on():
                self._gate = asyncio.get_running_loop().create_future()
            if self._gate is not None:
                await asyncio.shield(self._gate)
            elif self._is_spent():
                await self._breathe()
            else:
                break
        self.spend(NODE_STEPS)

    async def hand_out(self, size: int) -> None:
        """Return when that many bytes may be handed to a step; at most `payloads.LARGEST_BYTES`."""
        self._begin_task()
        while self._bytes and self._bytes + size > TASK_BYTES:
            await self._breathe()
            self._begin_task()
        self._bytes += size

    def spend(self, steps: int) -> None:
        """Count work that was done."""
        self._begin_task()
        self._steps += steps

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Around what only this run can wait for: activities and child workflows."""
        self._serial += 1
        key = self._serial
        self._under_way[key] = workflow.time()
        try:
            yield
        finally:
            del self._under_way[key]

    @property
    def is_quiet(self) -> bool:
        """Nothing begins, and all that is left can be carried on by a new run."""
        return self._gate is not None and not self._under_way

    def go_on(self, *, until_events: int) -> None:
        """Do not carry on as a new run after all, and look again when the history is longer."""
        self._gate_from = until_events
        if self._gate is not None:
            self._gate.set_result(None)
            self._gate = None

    def _is_time_to_carry_on(self) -> bool:
        info = workflow.info()
        events = info.get_current_history_length()
        if not info.is_continue_as_new_suggested() or events < self._gate_from:
            return False
        return events >= HURRY_EVENTS or all(
            workflow.time() - began <= PATIENCE.total_seconds() for began in self._under_way.values()
        )

    def _begin_task(self) -> None:
        # Grows with every workflow task, in a replay as well.
        task = workflow.info().get_current_history_length()
        if task != self._task:
            self._task, self._steps, self._bytes = task, 0, 0

    def _is_spent(self) -> bool:
        self._begin_task()
        return self._steps >= TASK_STEPS

    async def _breathe(self) -> None:
        """End this workflow task; one timer does for all that wait."""
        if self._pause is None or self._pause.done():
            self._pause = asyncio.create_task(workflow.sleep(0.001, summary=PAUSE))
        await asyncio.shield(self._pause)
