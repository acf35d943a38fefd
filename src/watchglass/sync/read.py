"""Read one run from Temporal: what is new of its history, and what only Describe knows."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from temporalio.api.history.v1 import HistoryEvent

from watchglass.model.connection import Connection
from watchglass.model.described import Described
from watchglass.model.execution import Execution, RunRef
from watchglass.model.status import ENDED_STATUSES, ExecutionStatus
from watchglass.parse.clock import time_of
from watchglass.parse.describe import parse_kept
from watchglass.parse.file import read_history
from watchglass.parse.redaction.messages import redact
from watchglass.parse.redaction.redactor import Redactor
from watchglass.parse.redaction.stored import redacted_described
from watchglass.parse.trailing import same_event
from watchglass.store.history_pages import HistoryPage, read_pages, unpack_events
from watchglass.store.sync_states import SyncState
from watchglass.sync.freshness import next_look
from watchglass.sync.parts import Parts
from watchglass.sync.pollers import add_pollers
from watchglass.sync.reading import HEAVY_BYTES, Reading
from watchglass.temporal.access import Access, HttpApi
from watchglass.temporal.describe import describe_run
from watchglass.temporal.errors import HistoryUnreadable
from watchglass.temporal.history import read_back_to, read_forward
from watchglass.temporal.http_history import read_over_http

_EVENT = b'"eventId"'
"""A page without it is the empty one that may end a history."""


@dataclass(frozen=True, slots=True)
class ReadRun:
    state: SyncState
    """What was stored when the reading began."""
    connection: Connection
    execution: Execution
    new_pages: Sequence[HistoryPage]
    """Durable events that were not stored yet, packed, in id order."""
    replaces: bool
    """The stored history is not the run's (any more): all of it is stored anew."""
    described: Described | None
    next_look: int | None
    """When to read it again, microseconds since 1970; None when it has ended."""
    undecoded: str | None = None
    """Why values that the connection wants decoded are stored as Temporal holds them; they are decoded later."""
    seen: Sequence[Described] = ()
    """What Describe showed a moment before, to whoever had looked."""
    redaction_revision: int = 0
    """Of the rules that hid what is hidden of all this; 0: nothing is."""


async def read_run(parts: Parts, state: SyncState, seen: Sequence[Described] = ()) -> ReadRun:
    """Read what the database does not have of one run.

    Raises:
        RunMissing, TemporalUnavailable, TemporalBusy, TemporalRefused, HistoryUnreadable
    """
    connection = await parts.connection(state.connection_id)
    access = await parts.access(connection)
    # One for all that is read: the rules may change meanwhile.
    redactor = await parts.redactor(connection)
    is_large = (state.history_bytes or 0) > HEAVY_BYTES
    begin = partial(Reading, state.ref, keeps_values=connection.decodes_at_sync, is_large=is_large, redactor=redactor)
    reading, replaces = await _read_events(parts, access, state, begin)
    execution = await reading.result()
    described = await _describe(access, redactor, state, execution)
    if described is not None:
        if execution.status.is_open:
            described = await add_pollers(parts, access, connection, execution, described)
        execution = await reading.result(described)
    return ReadRun(
        state=state,
        connection=connection,
        execution=execution,
        new_pages=reading.pages,
        replaces=replaces,
        described=described,
        next_look=next_look(
            execution,
            now=time.time_ns() // 1000,
            last_event_at=time_of(reading.newest) if reading.newest is not None else None,
            is_embedded=connection.is_embedded,
        ),
        seen=seen if redactor is None else [redacted_described(one, redactor) for one in seen],
        redaction_revision=redactor.revision if redactor is not None else 0,
    )


async def _read_events(
    parts: Parts, access: Access, state: SyncState, begin: Callable[[], Reading]
) -> tuple[Reading, bool]:
    """What is stored and what is new, and whether the new replaces what is stored."""
    if state.synced_event_id == 0:
        return await _read_all(access, state, begin), False
    async with parts.store.write() as reader:
        stored = (await read_pages(reader, [state.key]))[state.key]
    fetched = await _read_newest(access, state)
    if stored and fetched and same_event(unpack_events(stored[-1].data)[-1], fetched[0]):
        reading = begin()
        await reading.take_stored(stored)
        await reading.take(fetched[1:])
        await reading.end()
        return reading, False
    return await _read_all(access, state, begin), True


async def _read_newest(access: Access, state: SyncState) -> list[HistoryEvent]:
    try:
        return await read_back_to(access, state.ref, state.synced_event_id)
    except HistoryUnreadable:
        return []


async def _read_all(access: Access, state: SyncState, begin: Callable[[], Reading]) -> Reading:
    reading = begin()
    try:
        async for page in read_forward(access, state.ref, has_closed=state.status in ENDED_STATUSES):
            await reading.take(page)
            del page  # Large answers must not wait for the next one.
    except HistoryUnreadable:
        # A failure with a hundred nested causes is beyond what protobuf decodes. JSON has no such limit.
        if access.http is None:
            raise
        reading = begin()
        await reading.take(await _read_http(access, access.http, state.ref))
    await reading.end()
    return reading


async def _read_http(access: Access, api: HttpApi, ref: RunRef) -> list[HistoryEvent]:
    pages = read_over_http(access, api, ref)
    return [event async for page in pages if _EVENT in page for event in read_history(page)]


async def _describe(
    access: Access, redactor: Redactor | None, state: SyncState, execution: Execution
) -> Described | None:
    """Ask only where the history cannot say it all: open runs, resets, and runs stopped by force (perhaps by one)."""
    is_plain_end = not execution.status.is_open and execution.status is not ExecutionStatus.TERMINATED
    if is_plain_end and not _is_reset(execution):
        return None
    try:
        answer = await describe_run(access, state.ref.workflow_id, state.ref.run_id)
    except HistoryUnreadable:
        # The last failure of a pending activity may nest too deeply too. The history alone says the rest.
        return None
    if redactor is not None:
        redact(answer, redactor)
    return parse_kept(answer.SerializeToString(deterministic=True), at=time.time_ns() // 1000)


def _is_reset(execution: Execution) -> bool:
    return any(event.type == "reset" for event in execution.lifecycle)
