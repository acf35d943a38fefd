"""Look after runs that say "running" and get no further: every open run, and the workers of every queue they need.

A sync reads a quiet run again after a tenth of its age, because its history seldom says anything new. Trouble does not
show in the history, so the patrol asks less and more often: one Describe a run, one question a task queue. What it
finds it does not write: it makes the run due, and the sync that follows sees for itself.

    visible in Temporal ──≤ UNSEEN_SECONDS + ROUND_SECONDS──▶ asked about ──≤ ROUND_SECONDS──▶ due ──▶ synced

Not about every run: one that only waits for time and signals can get into trouble only by a task that comes into a
queue, and that is seen of the queue, for all its runs at once.
"""

import asyncio
import math
import time
from collections.abc import Set
from dataclasses import dataclass, replace

from watchglass.model.connection import Connection
from watchglass.parse.describe import parse_described
from watchglass.parse.outlook import NEAR_LIMIT_BYTES, NEAR_LIMIT_EVENTS
from watchglass.store.patrols import (
    CopiedRun,
    Turns,
    count_open,
    make_due,
    make_reported_due,
    make_troubled_due,
    make_users_due,
    note_asked,
    read_copied,
    read_turns,
    save_patrol,
)
from watchglass.store.scope import Reader
from watchglass.store.task_queues import (
    CheckedQueue,
    QueueKind,
    UsedQueue,
    read_silent_queues,
    read_used_queues,
    save_checked_queues,
)
from watchglass.sync.parts import Parts
from watchglass.sync.pollers import TASK_KINDS
from watchglass.sync.silence import is_stirred, is_taken_from
from watchglass.sync.suspicion import shows_more
from watchglass.sync.witness import is_worked_on
from watchglass.temporal.access import Access
from watchglass.temporal.describe import describe_run, read_polls
from watchglass.temporal.errors import HistoryUnreadable, QuestionRefused, RunMissing
from watchglass.temporal.visibility import list_reported

ROUND_SECONDS = 10.0
"""From the beginning of one round to that of the next."""
UNSEEN_SECONDS = 20.0
"""A run that was synced or asked about within this is passed over."""
FULL_ROUND_SECONDS = UNSEEN_SECONDS + ROUND_SECONDS
"""Within this every open run that could be in trouble is asked about, when the share of the budget allows."""
QUIET_SECONDS = 300.0
"""Also a run that nothing can have happened to is asked about this often: queues tell of most tasks, not of all."""
LONG_HISTORY = (NEAR_LIMIT_EVENTS // 2, NEAR_LIMIT_BYTES // 2)
"""A run with so many events or bytes is asked about like one that could be in trouble: signals alone bring it there."""
QUEUE_SECONDS = 5.0
"""Within this the workers of one task queue are not asked after again: so each round asks after all, and when there are
more queues than a round has calls for, after those that were asked longest ago."""
SHARE = 0.3
"""Of the calls a second that the namespace allows for histories and descriptions; the rest is for copying."""
_ASKED_AT_ONCE = 4
_USERS_LIMIT = 1000
"""Runs made due together when a queue's last worker leaves; the round of the others finds the rest."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round saw and did."""

    open_runs: int
    asked: int
    """Runs that were described."""
    due: int
    """Runs that were made due."""
    full_round_seconds: float
    """How long it takes until each open run has been asked about that something can have happened to."""


@dataclass(slots=True)
class Patrol:
    """One connection's patrol; holds what the server turned out not to offer."""

    parts: Parts
    connection: Connection
    _reports_problems: bool = True

    async def walk(self) -> Round:
        """One round.

        Raises:
            TemporalUnavailable, TemporalBusy, TemporalRefused, NamespaceMissing: the round ended there; the next one
            goes on where it did.
        """
        # Anew in each round: its settings may have changed.
        self.connection = await self.parts.connection(self.connection.id)
        access = await self.parts.access(self.connection)
        allowed = max(int(self.connection.budget.history_per_second * SHARE * ROUND_SECONDS), 2)
        queues, due = await self._check_queues(access, limit=max(allowed // 2, 1))
        due += await self._ask_reported(access)
        left = max(allowed - queues, 1)
        async with self.parts.store.write() as writer:
            due += await make_troubled_due(
                writer, self.connection, unseen_seconds=FULL_ROUND_SECONDS, limit=max(left // 4, 1)
            )
        return await self._look_around(access, allowed=left, due=due)

    async def _check_queues(self, access: Access, *, limit: int) -> tuple[int, int]:
        """Ask after the workers of queues whose turn it is; how many queues, and how many runs were made due."""
        async with self.parts.store.write() as reader:
            used = await read_used_queues(reader, self.connection, unseen_seconds=QUEUE_SECONDS, limit=limit)
        if not used:
            return 0, 0
        checked: list[CheckedQueue] = []
        for start in range(0, len(used), _ASKED_AT_ONCE):
            part = used[start : start + _ASKED_AT_ONCE]
            checked += await asyncio.gather(*(self._check_queue(access, queue) for queue in part))
        async with self.parts.store.write() as writer:
            silent = await save_checked_queues(writer, self.connection, checked)
            due = await make_users_due(writer, self.connection, silent, limit=_USERS_LIMIT) if silent else 0
        return len(used), due

    async def _check_queue(self, access: Access, queue: UsedQueue) -> CheckedQueue:
        polls = await read_polls(access, queue.name, TASK_KINDS[queue.kind])
        is_taken = is_taken_from(queue, polls)
        falls_silent = polls.is_polled and not is_taken and not queue.is_silent
        if falls_silent and queue.kind is QueueKind.ACTIVITY:
            is_taken = await is_worked_on(self.parts, access, self.connection, queue)
        return CheckedQueue(queue.name, queue.kind, is_taken, polls.newest_at, is_stirred(polls))

    async def _ask_reported(self, access: Access) -> int:
        if not self._reports_problems:
            return 0
        try:
            reported = await list_reported(access)
        except QuestionRefused:
            # An older server: its runs are found by asking about each.
            self._reports_problems = False
            return 0
        async with self.parts.store.write() as writer:
            return await make_reported_due(writer, self.connection, [info.execution.run_id for info in reported])

    async def _look_around(self, access: Access, *, allowed: int, due: int) -> Round:
        """Describe the open runs whose turn it is, as many as fit."""
        began = time.monotonic()
        async with self.parts.store.write() as reader:
            open_runs = await count_open(reader, self.connection)
            silent = await read_silent_queues(reader, self.connection)
            turns = await self._turns(reader, allowed)
            runs = await read_copied(reader, self.connection, turns.ids)
        asked = 0
        try:
            for start in range(0, len(runs), _ASKED_AT_ONCE):
                part = runs[start : start + _ASKED_AT_ONCE]
                answers = await asyncio.gather(*(_shows_more(access, run, silent) for run in part))
                asked += len(part)
                async with self.parts.store.write() as writer:
                    news = [run.key for run, has_news in zip(part, answers, strict=True) if has_news]
                    # Before runs become due: what a sync holds by then cannot be noted.
                    await note_asked(writer, [run.key for run in part])
                    due += await make_due(writer, self.connection, news)
        finally:
            # What was asked before the server stopped answering counts.
            took = max(time.monotonic() - began, ROUND_SECONDS)
            full_round = UNSEEN_SECONDS + max(math.ceil(turns.waiting / allowed), 1) * took
            async with self.parts.store.write() as writer:
                await save_patrol(writer, self.connection, open_runs=open_runs, full_round_seconds=full_round)
        return Round(open_runs, asked, due, full_round)

    async def _turns(self, reader: Reader, limit: int) -> Turns:
        return await read_turns(
            reader,
            self.connection,
            unseen_seconds=UNSEEN_SECONDS,
            quiet_seconds=QUIET_SECONDS,
            long_history=LONG_HISTORY,
            limit=limit,
        )


async def _shows_more(access: Access, run: CopiedRun, silent: Set[tuple[str, QueueKind]]) -> bool:
    try:
        answer = await describe_run(access, run.ref.workflow_id, run.ref.run_id)
    except RunMissing:
        return True
    except HistoryUnreadable:
        # A failure that nests too deeply for gRPC: the run's own syncs read what can be read.
        return False
    described = replace(parse_described(answer), described_at=time.time_ns() // 1000)
    return shows_more(described, run, silent)
