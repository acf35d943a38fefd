"""Write what was read of some runs: pages, components, rows and totals, in one transaction."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from watchglass.model.component import Component
from watchglass.model.described import (
    PENDING_ACTIVITY_CANCEL_REQUESTED,
    PENDING_ACTIVITY_PAUSE_REQUESTED,
    PENDING_ACTIVITY_STARTED,
    PendingActivity,
)
from watchglass.model.failure import Failure
from watchglass.model.level import is_copied
from watchglass.model.status import ComponentKind, ComponentStatus
from watchglass.parse import PARSE_VERSION
from watchglass.parse.matching import placed
from watchglass.parse.trailing import same_event
from watchglass.statistics.keep import totals_kept
from watchglass.store.attempts import SeenAttempt, UnitKey, add_seen_attempts, settle_attempts, was_retried
from watchglass.store.components import drop_components, upsert_components
from watchglass.store.descriptions import drop_descriptions, save_descriptions
from watchglass.store.followed import want_retrying
from watchglass.store.history_pages import (
    append_pages,
    drop_pages,
    pages_after,
    read_events,
    unpack_events,
)
from watchglass.store.node_journal import append_journal, drop_journal
from watchglass.store.redaction import read_revisions
from watchglass.store.resets import Reset, find_bases, link_resets
from watchglass.store.scope import Store, Writer
from watchglass.store.search_attributes import save_search_attributes
from watchglass.store.sync_states import ExecutionKey, SyncState, lock_states
from watchglass.store.synced_runs import SyncedRun, save_synced
from watchglass.store.undecoded import mark_undecoded
from watchglass.sync.freshness import FOLLOWED_GRACE_SECONDS, SECOND, retrying_units
from watchglass.sync.read import ReadRun

_RUNS = frozenset({PENDING_ACTIVITY_STARTED, PENDING_ACTIVITY_CANCEL_REQUESTED, PENDING_ACTIVITY_PAUSE_REQUESTED})
"""States of a pending activity in which a worker holds an attempt."""


async def save_runs(store: Store, runs: Sequence[ReadRun]) -> list[ReadRun]:
    """Make the rows of these runs what was read; a run that was saved further meanwhile is left alone.

    Returns those that have to be read anew: what was stored when they were read was replaced since, redacted or derived
    again, or goes on as another history does; or other rules of redaction hold now. All or nothing; doing it twice or
    at the same time changes nothing that is right.
    """
    async with store.write() as writer:
        bases = await find_bases(writer, [reset for run in runs if (reset := _reset(run)) is not None])
        locked = await lock_states(writer, [*(run.state.key for run in runs), *bases])
        unfinished = [(locked[run.state.key], run) for run in runs if _is_unfinished(locked.get(run.state.key))]
        # Read under the locks: rules that change from here on find what is written now, and redact it.
        rules = await read_revisions(writer, {state.key.project_id for state, _ in unfinished})
        overtaken = [
            run
            for state, run in unfinished
            if run.redaction_revision != rules.get(state.key.project_id) or not await _goes_on(writer, state, run)
        ]
        left = {run.state.key for run in overtaken}
        current = [
            await _placed(state, run)
            for state, run in unfinished
            if run.state.key not in left and (run.replaces or run.execution.last_event_id >= state.synced_event_id)
        ]
        if not current:
            return overtaken
        touched = sorted({*(state.key for state, _ in current), *bases}, key=lambda key: (key.project_id, key.id))
        async with totals_kept(writer, [(key.project_id, key.id) for key in touched]):
            await _save_pages(writer, current)
            await _save_descriptions(writer, current)
            await _save_components(writer, current)
            await _save_journal(writer, current)
            await save_synced(writer, [_synced(state, run) for state, run in current])
            await save_search_attributes(
                writer, [(run.state.key, run.execution.search_attributes) for _, run in current]
            )
            await link_resets(writer, touched)
            undecoded = [
                (run.state.key, run.connection.id, run.undecoded) for _, run in current if run.undecoded is not None
            ]
            if undecoded:
                await mark_undecoded(writer, undecoded)
        retrying = [run for _, run in current if retrying_units(run.execution)]
        if retrying:
            await want_retrying(writer, [(run.state.key, run.connection.id, _followed_for(run)) for run in retrying])
    return overtaken


def _is_unfinished(state: SyncState | None) -> bool:
    return state is not None and not state.is_final


async def _goes_on(writer: Writer, state: SyncState, run: ReadRun) -> bool:
    """What is stored now and what was read are the beginnings of one history."""
    if state.content_revision != run.state.content_revision:
        return False
    if state.synced_event_id == run.state.synced_event_id:
        return True
    # Another sync stored events since this one began to read, before or after a namespace failed over.
    if run.replaces or state.synced_event_id < run.state.synced_event_id:
        return False
    both = min(state.synced_event_id, run.execution.last_event_id)
    if both <= run.state.synced_event_id:
        return True
    key = state.key
    (stored,) = await read_events(writer, project_id=key.project_id, execution_id=key.id, first=both, last=both)
    page = next(page for page in run.new_pages if page.last_event_id >= both)
    return any(event.event_id == both and same_event(event, stored) for event in unpack_events(page.data))


async def _placed(state: SyncState, run: ReadRun) -> tuple[SyncState, ReadRun]:
    """The run by the rules of the workflow that it belongs to now, which may have come while it was read."""
    if state.rules is None:
        return state, run
    # In a thread, as a history of 50,000 events takes a while.
    return state, replace(run, execution=await asyncio.to_thread(placed, run.execution, state.rules))


def _reset(run: ReadRun) -> Reset | None:
    base = run.execution.reset_from
    return Reset(run.state.key, run.state.connection_id, base) if base else None


def _followed_for(run: ReadRun) -> float:
    """Seconds until the next look, and some more, in which the follower says it anew."""
    return (_until_next_look(run) or 0.0) + FOLLOWED_GRACE_SECONDS


def _until_next_look(run: ReadRun) -> float | None:
    """In how many seconds; None for never."""
    return max(run.next_look - time.time_ns() // 1000, 0) / SECOND if run.next_look is not None else None


async def _save_pages(writer: Writer, runs: Sequence[tuple[SyncState, ReadRun]]) -> None:
    pages = []
    for state, run in runs:
        project_id, execution_id = state.key.project_id, state.key.id
        if run.replaces:
            await drop_pages(writer, project_id=project_id, execution_id=execution_id)
        # Another sync may have stored a part of them since this one began to read.
        known = 0 if run.replaces else state.synced_event_id
        pages += [(project_id, execution_id, page) for page in pages_after(run.new_pages, known)]
    if pages:
        await append_pages(writer, pages)


async def _save_descriptions(writer: Writer, runs: Sequence[tuple[SyncState, ReadRun]]) -> None:
    described = [(state.key, run.described) for state, run in runs if run.described is not None]
    if described:
        await save_descriptions(writer, described)
    undescribed = [state.key for state, run in runs if run.described is None and state.synced_event_id]
    if undescribed:
        await drop_descriptions(writer, undescribed)


async def _save_components(writer: Writer, runs: Sequence[tuple[SyncState, ReadRun]]) -> None:
    rows = []
    seen = []
    ended: list[UnitKey] = []
    kept = {}
    for state, run in runs:
        key = state.key
        is_anew = writes_anew(state, run)
        if is_anew or _has_moved_unit(run):
            kept[key] = [component.event_id for component in run.execution.components]
        rows += [(key.project_id, key.id, c) for c in run.execution.components if is_anew or may_differ(c, run)]
        seen += _seen_attempts(run)
        # An attempt that was seen while it ran stands open until its end is written, the first one's too.
        was_open = state.synced_event_id > 0
        ended += [
            (key.project_id, key.id, c.event_id)
            for c in run.execution.components
            if (is_anew or c.last_event_id > state.synced_event_id)
            and (was_retried(c) or (was_open and c.kind is ComponentKind.ACTIVITY))
        ]
    if kept:
        await drop_components(writer, kept)
    if rows:
        await upsert_components(writer, rows)
    if seen:
        await add_seen_attempts(writer, seen)
    if ended:
        await settle_attempts(writer, ended)


async def _save_journal(writer: Writer, runs: Sequence[tuple[SyncState, ReadRun]]) -> None:
    anew = [state.key for state, run in runs if writes_anew(state, run)]
    if anew:
        await drop_journal(writer, anew)
    entries = [
        (state.key.project_id, state.key.id, entry)
        for state, run in runs
        for entry in run.execution.journal
        if entry.event_id > state.synced_event_id or writes_anew(state, run)
    ]
    if entries:
        await append_journal(writer, entries)


def _by_other_rules(state: SyncState) -> bool:
    """All stored units are of one version of the rules, so that this version is the run's."""
    return state.synced_event_id > 0 and state.derived_version != PARSE_VERSION


def _has_moved_unit(run: ReadRun) -> bool:
    """An update that was only admitted is identified anew by its accepted event; its old row must go."""
    return any(
        c.kind is ComponentKind.UPDATE
        and c.event_id > run.state.synced_event_id
        and any(name == "admittedEventId" for name, _ in c.ref)
        for c in run.execution.components
    )


def writes_anew(state: SyncState, run: ReadRun) -> bool:
    """All units of the run are written, and not only those that may differ."""
    return run.replaces or _by_other_rules(state)


def may_differ(component: Component, run: ReadRun) -> bool:
    """Closed units that no new event speaks of stand in the database as they are."""
    return (
        component.last_event_id > run.state.synced_event_id
        or component.status.is_open
        or component.status is ComponentStatus.ABANDONED
    )


def _seen_attempts(run: ReadRun) -> list[SeenAttempt]:
    """The attempts that Describe shows: the one that runs, and the failed one before it."""
    answers = [answer for answer in (*run.seen, run.described) if answer is not None and answer.pending_activities]
    if not answers:
        return []
    # Of an activity id that a later unit took again, Describe means the last.
    units = {
        dict(c.ref).get("activityId"): c.event_id for c in run.execution.components if c.kind is ComponentKind.ACTIVITY
    }
    return [
        attempt
        for answer in answers
        for pending in answer.pending_activities
        if pending.activity_id in units
        for attempt in _attempts(run.state.key, units[pending.activity_id], pending)
    ]


def _attempts(key: ExecutionKey, event_id: int, pending: PendingActivity) -> Iterator[SeenAttempt]:
    def seen(number: int, started_at: int | None, ended_at: int | None, failure: Failure | None) -> SeenAttempt:
        return SeenAttempt(key.project_id, key.id, event_id, number, started_at, ended_at, failure)

    runs = pending.state in _RUNS and pending.last_started_at is not None
    if pending.attempt > 1 and pending.last_failure is not None:
        yield seen(pending.attempt - 1, None, pending.last_ended_at, pending.last_failure)
    if runs:
        yield seen(pending.attempt, pending.last_started_at, None, None)


def _synced(state: SyncState, run: ReadRun) -> SyncedRun:
    execution, described = run.execution, run.described
    return SyncedRun(
        key=run.state.key,
        workflow_id=state.workflow_id,
        execution=execution,
        history_length=max(described.history_length if described else 0, execution.last_event_id),
        history_bytes=(described.history_bytes if described else None) or state.history_bytes,
        # A run that its level does not copy was asked for by somebody, this once.
        next_look_seconds=_until_next_look(run)
        if is_copied(state.level, execution.status, state.ref.run_id, watched=True)
        else None,
        is_rewritten=writes_anew(state, run),
        derived_version=PARSE_VERSION,
    )
