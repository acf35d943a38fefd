"""`sync_execution`: make the database equal to Temporal for one run. Everyone who syncs calls this."""

import asyncio
import random
import time
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg
import structlog

from watchglass import metrics
from watchglass.errors import Unavailable, WatchglassError
from watchglass.model.described import Described
from watchglass.model.status import SyncStatus
from watchglass.store.outage import is_outage
from watchglass.store.scope import Store
from watchglass.store.seal import Unsealable
from watchglass.store.sync_states import (
    ExecutionKey,
    SyncState,
    mark_failed,
    read_states,
)
from watchglass.sync.decode_at_sync import decode_runs
from watchglass.sync.freshness import (
    AWAY_RETRY_SECONDS,
    SECOND,
    SET_ASIDE_RETRY_SECONDS,
    TRIES_BEFORE_SET_ASIDE,
    retry_seconds,
    retrying_units,
)
from watchglass.sync.gone import note_missing
from watchglass.sync.parts import Parts
from watchglass.sync.read import ReadRun, read_run
from watchglass.sync.room import LARGE_BYTES
from watchglass.sync.save import save_runs
from watchglass.temporal.errors import NamespaceMissing, QuestionRefused, RunMissing, TemporalRefused

log = structlog.get_logger()

Answer = TypeVar("Answer")

_OUT_OF_STEP_SECONDS = 0.05
READERS = 8
"""Runs of a batch that are read at the same time."""
TRIES_WHEN_OVERTAKEN = 12
"""Histories are seldom replaced, redacted or derived again: each of these meets that only where something is wrong."""


@dataclass(frozen=True, slots=True)
class SyncOutcome:
    synced: bool
    changed: bool
    error: str | None
    """Why it could not be synced, as a sentence; it will be tried again by itself."""
    is_retrying: bool = False
    """The run is retrying an activity, whose attempts can be seen only while they happen."""
    is_away: bool = False
    """Not synced because Temporal did not answer for anybody, which is not the run's fault."""
    is_final: bool = False
    """The run has ended and all of it is copied, or it can be copied no more."""
    look_again_seconds: float | None = None
    """When a retrying run is worth looking at again."""


NOTHING_TO_DO = SyncOutcome(synced=True, changed=False, error=None, is_final=True)


async def sync_execution(parts: Parts, key: ExecutionKey, *, seen: Sequence[Described] = ()) -> SyncOutcome:
    """Sync one run; never raises for what is wrong with the run itself, which is kept beside it instead.

    `seen` is what Describe showed a moment ago: an attempt that it tells of may be overwritten by now.

    Raises what the driver raises when the database is away: nothing is changed then, and all can be tried again.
    """
    return (await sync_executions(parts, [key], seen=seen))[key]


async def sync_executions(
    parts: Parts, keys: Sequence[ExecutionKey], *, seen: Sequence[Described] = ()
) -> dict[ExecutionKey, SyncOutcome]:
    """Sync several runs: read side by side, written together. One that fails does not hold up the others."""
    began = time.monotonic()
    # One question for all: a transaction for each run would cost more than reading a short run does.
    async with parts.store.write() as reader:
        states = await read_states(reader, keys)
    outcomes: dict[ExecutionKey, SyncOutcome] = {}
    for together in _apart(keys, states):
        async with parts.room.of(_size(states.get(together[0]))):
            outcomes |= await _sync(parts, together, states, seen)
    metrics.SYNC_SECONDS.observe(time.monotonic() - began)
    for outcome in outcomes.values():
        metrics.SYNCED_RUNS.labels(_said(outcome)).inc()
    return outcomes


async def _all_of(readings: Iterable[Coroutine[Any, Any, Answer]]) -> list[Answer]:
    """What they give; once one raises the others are ended, so that none says anything after who asked has gone."""
    tasks = [asyncio.create_task(reading) for reading in readings]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _apart(keys: Sequence[ExecutionKey], states: Mapping[ExecutionKey, SyncState]) -> list[list[ExecutionKey]]:
    """Small runs together, and each large one by itself behind them."""
    large = [key for key in keys if _size(states.get(key)) >= LARGE_BYTES]
    small = [key for key in keys if key not in large]
    return [*([small] if small else []), *([key] for key in large)]


def _size(state: SyncState | None) -> int:
    return 0 if state is None or state.is_final else state.history_bytes or 0


async def _sync(
    parts: Parts, keys: Sequence[ExecutionKey], states: Mapping[ExecutionKey, SyncState], seen: Sequence[Described]
) -> dict[ExecutionKey, SyncOutcome]:
    turn = asyncio.Semaphore(READERS)

    async def read(key: ExecutionKey) -> ReadRun | SyncOutcome:
        async with turn:
            return await _read(parts, key, states.get(key), seen)

    results = dict(zip(keys, await _all_of(map(read, keys)), strict=True))
    outcomes = {key: result for key, result in results.items() if isinstance(result, SyncOutcome)}
    runs = await decode_runs(parts, [result for result in results.values() if isinstance(result, ReadRun)])
    saved, overtaken = await _save(parts.store, runs)
    return outcomes | saved | {run.state.key: await _read_anew(parts, run) for run in overtaken}


async def _read_anew(parts: Parts, run: ReadRun) -> SyncOutcome:
    """Sync a run whose stored history became another one while it was read."""
    key = run.state.key
    for tries in range(TRIES_WHEN_OVERTAKEN):
        # Two who overtake each other get out of step.
        await asyncio.sleep(random.uniform(0, _OUT_OF_STEP_SECONDS * tries))  # noqa: S311 - nothing secret
        # It may have been read by rules that this process had not heard of yet.
        parts.forget(run.connection.id)
        async with parts.store.write() as reader:
            states = await read_states(reader, [key])
        # An attempt that Describe showed may be overwritten by now.
        seen = run.seen if run.described is None else (*run.seen, run.described)
        result = await _read(parts, key, states.get(key), seen)
        if isinstance(result, SyncOutcome):
            return result
        saved, overtaken = await _save(parts.store, await decode_runs(parts, [result]))
        if not overtaken:
            return saved[key]
        (run,) = overtaken
    return _never_alone(run.state)


def _said(outcome: SyncOutcome) -> str:
    return "synced" if outcome.synced else "away" if outcome.is_away else "failed"


async def _read(
    parts: Parts, key: ExecutionKey, state: SyncState | None, seen: Sequence[Described]
) -> ReadRun | SyncOutcome:
    if state is None:
        return SyncOutcome(False, False, f"There is no execution {key.id}. It may have been removed.", is_final=True)
    if state.is_final:
        return NOTHING_TO_DO
    try:
        return await read_run(parts, state, seen)
    except RunMissing:
        return await _missing(parts.store, state)
    except Exception as error:
        if is_outage(error):
            raise
        return await _failed(parts.store, state, error)


async def _save(store: Store, runs: Sequence[ReadRun]) -> tuple[dict[ExecutionKey, SyncOutcome], list[ReadRun]]:
    """Write all together; when that fails, one by one, so that only the run at fault is left out.

    Returns what came of them, and those that have to be read anew.
    """
    if not runs:
        return {}, []
    try:
        overtaken = await save_runs(store, runs)
    except (asyncpg.PostgresError, ValueError, OverflowError, UnicodeError) as error:
        if is_outage(error):
            raise
        if len(runs) > 1:
            parts = [await _save(store, [run]) for run in runs]
            return {key: outcome for saved, _ in parts for key, outcome in saved.items()}, [
                run for _, left in parts for run in left
            ]
        return {runs[0].state.key: await _failed(store, runs[0].state, error)}, []
    left = {run.state.key for run in overtaken}
    return {run.state.key: _outcome(run) for run in runs if run.state.key not in left}, overtaken


def _outcome(run: ReadRun) -> SyncOutcome:
    changed = bool(run.new_pages) or run.execution.status is not run.state.status
    return SyncOutcome(
        synced=True,
        changed=changed,
        error=None,
        is_retrying=bool(retrying_units(run.execution)),
        is_final=not run.execution.status.is_open,
        look_again_seconds=(run.next_look - time.time_ns() // 1000) / SECOND if run.next_look is not None else None,
    )


async def _failed(store: Store, state: SyncState, error: Exception) -> SyncOutcome:
    """Keep the reason beside the run. Only the run's own trouble sets it aside; a server that is away does not."""
    sentence = _sentence(error, state)
    log.warning("execution_not_synced", execution_id=str(state.key.id), reason=sentence)
    is_away = _is_away(error)
    failures = state.failures if is_away else state.failures + 1
    set_aside = failures >= TRIES_BEFORE_SET_ASIDE and not is_away
    async with store.write() as writer:
        await mark_failed(
            writer,
            state.key,
            error=sentence,
            status=SyncStatus.SET_ASIDE if set_aside else SyncStatus.FAILED,
            failures=failures,
            next_in_seconds=_retry_seconds(failures, is_away=is_away, set_aside=set_aside),
        )
    return SyncOutcome(False, False, sentence, is_away=is_away)


def _never_alone(state: SyncState) -> SyncOutcome:
    """Nothing is wrong with it, as others have just written it; whoever took it from the queue has it for a while."""
    sentence = (
        f"Workflow {state.ref.workflow_id!r} (run {state.ref.run_id}) was copied anew by others each of "
        f"{TRIES_WHEN_OVERTAKEN} times that it was read. It is tried again by itself."
    )
    return SyncOutcome(False, False, sentence)


def _is_away(error: Exception) -> bool:
    """Does the error speak of the server, the namespace or the credentials, and not of this run?"""
    if isinstance(error, QuestionRefused):
        return False
    return isinstance(error, Unavailable | NamespaceMissing | TemporalRefused | Unsealable)


def _retry_seconds(failures: int, *, is_away: bool, set_aside: bool) -> float:
    if is_away:
        return AWAY_RETRY_SECONDS
    return SET_ASIDE_RETRY_SECONDS if set_aside else retry_seconds(failures)


def _sentence(error: Exception, state: SyncState) -> str:
    if isinstance(error, WatchglassError):
        return error.message
    log.error("sync_defect", execution_id=str(state.key.id), exc_info=error)
    return (
        f"Watchglass could not copy workflow {state.ref.workflow_id!r} (run {state.ref.run_id}): "
        f"{type(error).__name__}: {error}. Please report this; the run is tried again by itself."
    )


async def _missing(store: Store, state: SyncState) -> SyncOutcome:
    is_gone = await note_missing(store, state)
    return SyncOutcome(False, is_gone, f"Temporal no longer has workflow {state.ref.workflow_id!r}.")
