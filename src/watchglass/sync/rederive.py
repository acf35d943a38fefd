"""Derive runs again by today's rules, from what is stored of them alone. Temporal is not asked.

A batch is read, derived without holding anything, and written in one transaction. A run that was copied further
meanwhile is looked at again. What is done is marked by `derived_version` in the transaction that does it, so that
whoever dies on the way has nothing to undo.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import asyncpg
import structlog
import zstandard
from google.protobuf.message import DecodeError

from watchglass.errors import WatchglassError
from watchglass.model.described import Described
from watchglass.model.execution import Execution
from watchglass.model.status import SyncStatus
from watchglass.parse import PARSE_VERSION
from watchglass.parse.history import HistoryFold
from watchglass.parse.matching import facts_of, placed
from watchglass.statistics.keep import totals_kept
from watchglass.store.attempts import settle_attempts, was_retried
from watchglass.store.components import drop_components, upsert_components
from watchglass.store.descriptions import read_descriptions
from watchglass.store.history_pages import HistoryPage, read_pages, unpack_events
from watchglass.store.listed_runs import read_ended_by_list, settle_again
from watchglass.store.node_journal import append_journal, drop_journal
from watchglass.store.outage import is_outage
from watchglass.store.owners import Owner, read_owners
from watchglass.store.resets import Reset, find_bases, link_resets
from watchglass.store.scope import Store, Writer
from watchglass.store.search_attributes import save_search_attributes
from watchglass.store.sync_states import ExecutionKey, SyncState, lock_states, mark_gone, read_states
from watchglass.store.synced_runs import DerivedRun, save_derived
from watchglass.store.undecoded import mark_derived_again
from watchglass.store.workflows import ensure_observed

log = structlog.get_logger()


class HistoryDamaged(WatchglassError):
    """What is stored of a history is not all of it, or cannot be read."""


@dataclass(frozen=True, slots=True)
class Rederived:
    done: int
    events: int
    """Events of the runs that are done."""
    left: Mapping[ExecutionKey, str]
    """Runs that keep their old rows, each with the reason, a sentence."""


NOTHING = Rederived(0, 0, {})


async def rederive(store: Store, keys: Sequence[ExecutionKey], *, below: int = PARSE_VERSION) -> Rederived:
    """Derive those of these runs again whose rules are older than `below`; one that cannot be keeps its rows.

    Raises what the driver raises when the database is away: nothing is changed then, and all can be tried again.
    """
    try:
        return await _together(store, keys, below)
    except (asyncpg.PostgresError, ValueError, OverflowError, UnicodeError) as error:
        if is_outage(error):
            raise
        if len(keys) == 1:
            return Rederived(0, 0, {keys[0]: _left(keys[0], error)})
    return plus(*[await rederive(store, [key], below=below) for key in keys])


def plus(*parts: Rederived) -> Rederived:
    return Rederived(
        sum(part.done for part in parts),
        sum(part.events for part in parts),
        {key: reason for part in parts for key, reason in part.left.items()},
    )


async def _together(store: Store, keys: Sequence[ExecutionKey], below: int) -> Rederived:
    # Of one moment: pages that a sync adds between two questions would not be those that the state speaks of.
    async with store.write(isolation="repeatable_read") as reader:
        states = await read_states(reader, keys)
        old = [state for state in states.values() if state.synced_event_id and state.derived_version < below]
        pages = await read_pages(reader, [state.key for state in old])
        described = await read_descriptions(reader, [state.key for state in old])
    # In a thread: a history of 50,000 events takes a second, in which others want to be answered.
    read = await asyncio.to_thread(_read, old, pages, described)
    runs = [(state, found) for state, found in zip(old, read, strict=True) if isinstance(found, Execution)]
    moved = await save_runs_again(store, runs) if runs else []
    done = [state for state, _ in runs if state.key not in moved]
    first = Rederived(
        done=len(done),
        events=sum(state.synced_event_id for state in done),
        left={state.key: found for state, found in zip(old, read, strict=True) if isinstance(found, str)},
    )
    return plus(first, await _together(store, moved, below)) if moved else first


def _read(
    states: Sequence[SyncState],
    pages: Mapping[ExecutionKey, Sequence[HistoryPage]],
    described: Mapping[ExecutionKey, Described],
) -> list[Execution | str]:
    """The runs as the rules see them now, or why one cannot be read."""
    found: list[Execution | str] = []
    for state in states:
        try:
            found.append(derive(state, pages[state.key], described.get(state.key)))
        except Exception as error:  # One history that the rules fail on must not keep the others from being read.
            found.append(_left(state.key, error))
    return found


def derive(state: SyncState, pages: Sequence[HistoryPage], described: Described | None) -> Execution:
    """The run that the stored pages and the stored answer of Describe tell.

    Raises:
        HistoryDamaged
    """
    fold = HistoryFold(state.ref)
    for page in pages:
        if page.first_event_id != fold.last_event_id + 1:
            raise HistoryDamaged(_missing(state, fold.last_event_id + 1, page.first_event_id - 1))
        try:
            fold.add(unpack_events(page.data))
        except (zstandard.ZstdError, DecodeError) as error:
            raise HistoryDamaged(
                f"The stored events {page.first_event_id} to {page.last_event_id} of workflow "
                f"{state.ref.workflow_id!r} (run {state.ref.run_id}) cannot be read ({error}). "
                "Its rows stay as they are."
            ) from error
    if fold.last_event_id != state.synced_event_id:
        raise HistoryDamaged(_missing(state, fold.last_event_id + 1, state.synced_event_id))
    return fold.result(described)


def _missing(state: SyncState, first: int, last: int) -> str:
    return (
        f"The events {first} to {last} of workflow {state.ref.workflow_id!r} (run {state.ref.run_id}) are not stored. "
        "Its rows stay as they are."
    )


async def save_runs_again(
    store: Store,
    runs: Sequence[tuple[SyncState, Execution]],
    first: Callable[[Writer, SyncState], Awaitable[None]] | None = None,
) -> list[ExecutionKey]:
    """Write these runs' rows anew; return those that changed since they were read, of which nothing is written.

    `first` writes, in the same transaction, what else there is of each run, before its rows.
    """
    async with store.write() as writer:
        bases = await find_bases(
            writer, [Reset(state.key, state.connection_id, run.reset_from) for state, run in runs if run.reset_from]
        )
        owners = await _owners(writer, runs)
        locked = await lock_states(writer, [*(state.key for state, _ in runs), *bases])
        current = [(state, run) for state, run in runs if _is_same(locked.get(state.key), state)]
        if current:
            touched = sorted({*(state.key for state, _ in current), *bases}, key=lambda key: (key.project_id, key.id))
            async with totals_kept(writer, [(key.project_id, key.id) for key in touched]):
                if first is not None:
                    for state, _ in current:
                        await first(writer, state)
                await _save_rows(writer, [(state, owners[state.key], run) for state, run in current])
                await link_resets(writer, touched)
    written = {state.key for state, _ in current}
    return [state.key for state, _ in runs if state.key not in written]


def _is_same(now: SyncState | None, then: SyncState) -> bool:
    return (
        now is not None
        and now.holds_what_it_held(then)
        # An answer of Describe may have come, or the run may be gone.
        and (now.synced_at, now.sync_status) == (then.synced_at, then.sync_status)
    )


async def _owners(writer: Writer, runs: Sequence[tuple[SyncState, Execution]]) -> dict[ExecutionKey, Owner]:
    """Whose the runs are by today's rules: graphs that were registered since then take theirs."""
    known = await read_owners(writer, {state.key.project_id for state, _ in runs})
    owners = {state.key: known[state.key.project_id].owner_of(facts_of(run)) for state, run in runs}
    observed = {
        project_id: await ensure_observed(
            writer,
            project_id=project_id,
            types={state.type for state, _ in runs if state.key.project_id == project_id and not owners[state.key]},
        )
        for project_id in sorted({key.project_id for key, owner in owners.items() if owner is None})
    }
    return {state.key: owners[state.key] or observed[state.key.project_id][state.type] for state, _ in runs}


async def _save_rows(writer: Writer, owned: Sequence[tuple[SyncState, Owner, Execution]]) -> None:
    runs = [
        (state, await asyncio.to_thread(placed, run, owner.rules) if owner.rules else run)
        for state, owner, run in owned
    ]
    ended = await read_ended_by_list(writer, [state.key for state, _ in runs])
    await drop_components(
        writer, {state.key: [unit.event_id for unit in execution.components] for state, execution in runs}
    )
    await upsert_components(
        writer,
        [(state.key.project_id, state.key.id, unit) for state, execution in runs for unit in execution.components],
    )
    await drop_journal(writer, [state.key for state, _ in runs])
    entries = [(state.key.project_id, state.key.id, entry) for state, run in runs for entry in run.journal]
    if entries:
        await append_journal(writer, entries)
    retried = [
        (state.key.project_id, state.key.id, unit.event_id)
        for state, execution in runs
        for unit in execution.components
        if was_retried(unit)
    ]
    if retried:
        await settle_attempts(writer, retried)
    workflows = {state.key: owner.id for state, owner, _ in owned}
    await save_derived(writer, [DerivedRun(state.key, workflows[state.key], run, PARSE_VERSION) for state, run in runs])
    await save_search_attributes(writer, [(state.key, execution.search_attributes) for state, execution in runs])
    await mark_derived_again(writer, [state.key for state, _ in runs])
    if ended:
        await settle_again(writer, ended)
    for state, execution in runs:
        if state.sync_status is SyncStatus.GONE and execution.status.is_open:
            await mark_gone(writer, state.key)


def _left(key: ExecutionKey, error: Exception) -> str:
    """Why a run keeps its rows, as a sentence."""
    if isinstance(error, WatchglassError):
        log.warning("execution_not_rederived", execution_id=str(key.id), reason=error.message)
        return error.message
    log.error("rederive_defect", execution_id=str(key.id), exc_info=error)
    return (
        f"Watchglass could not derive execution {key.id} again: {type(error).__name__}: {error}. "
        "Please report this; its rows stay as they are."
    )
