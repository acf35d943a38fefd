"""Keep the schedules of a namespace: its list once a minute, and a description of each whose line there has changed."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from temporalio.api.schedule.v1 import ScheduleListEntry

from watchglass.model.connection import Connection
from watchglass.parse.redaction.messages import redact
from watchglass.parse.redaction.redactor import Redactor
from watchglass.parse.schedule import parse_described_schedule, parse_listed_schedule
from watchglass.store.schedules import (
    KnownSchedule,
    ListedSchedule,
    mark_schedule_gone,
    put_off_schedule,
    read_undescribed_schedules,
    save_described_schedule,
    save_listed_schedules,
    save_schedules_listed,
    save_schedules_refused,
)
from watchglass.sync.parts import Parts
from watchglass.temporal.access import Access
from watchglass.temporal.errors import HistoryUnreadable, RunMissing, TemporalRefused
from watchglass.temporal.schedules import describe_schedule, list_schedules

LIST_SECONDS = 60.0
"""From one look at the whole list to the next."""
REFUSED_SECONDS = 600.0
"""The same after the server refused it: somebody may give the key another right, or upgrade the server."""
SHARE = 0.1
"""Of the calls a second that the namespace allows for histories and descriptions."""
_ASKED_AT_ONCE = 4


@dataclass(slots=True)
class Schedules:
    """One connection's schedules; holds when they are to be listed next."""

    parts: Parts
    connection: Connection
    _next_list: float = 0.0
    """On the monotonic clock."""

    async def follow(self, *, seconds: float) -> None:
        """List the schedules when it is time to, and describe as many as may be asked about within `seconds`.

        Raises:
            TemporalUnavailable, TemporalBusy, TemporalRefused, NamespaceMissing: the rest waits for the next time.
        """
        connection = self.connection = await self.parts.connection(self.connection.id)
        if time.monotonic() >= self._next_list:
            await self.list()
        access = await self.parts.access(connection)
        limit = max(int(connection.budget.history_per_second * SHARE * seconds), 1)
        async with self.parts.store.write() as reader:
            waiting = await read_undescribed_schedules(reader, connection, limit=limit)
        for start in range(0, len(waiting), _ASKED_AT_ONCE):
            part = waiting[start : start + _ASKED_AT_ONCE]
            await asyncio.gather(*(self._describe(access, known) for known in part))

    async def list(self) -> None:
        """Take over the whole list. A refusal is kept for the page to tell, and is no trouble of the connection."""
        access = await self.parts.access(self.connection)
        at = datetime.now(UTC)
        self._next_list = time.monotonic() + LIST_SECONDS
        try:
            async for page in list_schedules(access):
                redactor = await self.parts.redactor(self.connection)
                listed = [_listed(entry, redactor) for entry in page]
                async with self.parts.store.write() as writer:
                    await save_listed_schedules(writer, self.connection, listed, at=at)
        except TemporalRefused as refusal:
            self._next_list = time.monotonic() + REFUSED_SECONDS
            async with self.parts.store.write() as writer:
                await save_schedules_refused(writer, self.connection, refusal.message)
            return
        async with self.parts.store.write() as writer:
            await save_schedules_listed(writer, self.connection, at=at)

    async def _describe(self, access: Access, known: KnownSchedule) -> None:
        try:
            answer = await describe_schedule(access, known.schedule_id)
        except RunMissing:
            async with self.parts.store.write() as writer:
                await mark_schedule_gone(writer, self.connection, known)
        except (TemporalRefused, HistoryUnreadable):
            # Its line in the list is what there is to show.
            async with self.parts.store.write() as writer:
                await put_off_schedule(writer, self.connection, known)
        else:
            redactor = await self.parts.redactor(self.connection)
            if redactor is not None:
                redact(answer, redactor)
            described = parse_described_schedule(known.schedule_id, answer)
            async with self.parts.store.write() as writer:
                await save_described_schedule(writer, self.connection, known, described)


def _listed(entry: ScheduleListEntry, redactor: Redactor | None) -> ListedSchedule:
    line = _hash(entry)
    if redactor is not None:
        redact(entry, redactor)
    return ListedSchedule(parse_listed_schedule(entry), line)


def _hash(entry: ScheduleListEntry) -> bytes:
    return sha256(entry.info.SerializeToString(deterministic=True)).digest()
