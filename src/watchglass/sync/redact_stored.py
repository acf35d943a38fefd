"""Apply a project's rules to what is stored already: pages, answers of Describe, rows, and attempts that were seen.

Each run is written whole in one transaction, so that a run is either as it was or as the rules want it. Which runs are
left is read from their pages; whoever is interrupted starts again and finds the rest.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
import zstandard
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload

from watchglass.errors import WatchglassError
from watchglass.model.described import Described
from watchglass.model.execution import Execution
from watchglass.parse.redaction.failures import redacted_failure
from watchglass.parse.redaction.messages import redact_events
from watchglass.parse.redaction.redactor import Redactor
from watchglass.parse.redaction.stored import redacted_described
from watchglass.store.descriptions import read_descriptions, save_descriptions
from watchglass.store.history_pages import HistoryPage, pack_page, read_pages, unpack_events
from watchglass.store.project_keys import ensure_project_key
from watchglass.store.redaction import (
    read_attributes,
    read_rules,
    replace_attributes,
    replace_pages,
    unredacted_runs,
)
from watchglass.store.scope import Store, Writer
from watchglass.store.sync_states import ExecutionKey, SyncState, lock_states, read_states
from watchglass.store.undecoded import read_attempt_failures, write_attempt_failures
from watchglass.sync.rederive import NOTHING, Rederived, derive, plus, save_runs_again

log = structlog.get_logger()

_BATCH_RUNS = 20
_BATCH_ATTRIBUTES = 2_000


async def redactor_of(store: Store, project_id: UUID) -> Redactor | None:
    """The project's rules of now; None: it has none.

    Raises:
        Unsealable: this process cannot open the project's key.
    """
    async with store.write() as writer:
        kept = await read_rules(writer, project_id)
        if kept.rules.is_empty:
            return None
        key = await ensure_project_key(writer, store.seal, project_id)
    return Redactor(kept.rules, key, revision=kept.revision)


async def redact_project(
    store: Store, project_id: UUID, redactor: Redactor, *, show: Callable[[Rederived], None] = lambda _: None
) -> Rederived:
    """Apply the rules to every run that they have not been applied to; `left` are those that cannot be read.

    Raises what the driver raises when the database is away: what is done stays done.
    """
    await _redact_attributes(store, project_id, redactor)
    total, after = NOTHING, UUID(int=0)
    while True:
        async with store.write() as reader:
            keys = await unredacted_runs(reader, project_id, revision=redactor.revision, after=after, limit=_BATCH_RUNS)
        if not keys:
            return total
        after = keys[-1].id
        total = plus(total, await redact_runs(store, keys, redactor))
        show(total)


@dataclass(frozen=True, slots=True)
class _Redacted:
    pages: Sequence[HistoryPage]
    described: Described | None
    execution: Execution


async def redact_runs(store: Store, keys: Sequence[ExecutionKey], redactor: Redactor) -> Rederived:
    """Apply the rules to these runs; one that is synced meanwhile is read again."""
    # Of one moment: pages that a sync adds between two questions would not be those that the state speaks of.
    async with store.write(isolation="repeatable_read") as reader:
        states = await read_states(reader, keys)
        pages = await read_pages(reader, keys)
        described = await read_descriptions(reader, keys)
    found: dict[ExecutionKey, _Redacted] = {}
    left: dict[ExecutionKey, str] = {}
    for key, state in states.items():
        # In a thread: a history of 50,000 events takes a while, in which others want to be answered.
        result = await asyncio.to_thread(_redacted, state, pages[key], described.get(key), redactor)
        if isinstance(result, str):
            left[key] = result
        else:
            found[key] = result

    async def write(writer: Writer, state: SyncState) -> None:
        await _write(writer, state.key, found[state.key], redactor)

    runs = [(states[key], run.execution) for key, run in found.items()]
    moved = await save_runs_again(store, runs, write) if runs else []
    done = [state for state, _ in runs if state.key not in moved]
    first = Rederived(len(done), sum(state.synced_event_id for state in done), left)
    return plus(first, await redact_runs(store, moved, redactor)) if moved else first


def _redacted(
    state: SyncState, pages: Sequence[HistoryPage], described: Described | None, redactor: Redactor
) -> _Redacted | str:
    """The run as the rules want it stored, or why it cannot be read."""
    try:
        made = [_page(page, redactor) for page in pages]
        answer = None if described is None else redacted_described(described, redactor)
        return _Redacted(made, answer, derive(state, made, answer))
    except (WatchglassError, zstandard.ZstdError, DecodeError, ValueError) as error:
        reason = error.message if isinstance(error, WatchglassError) else f"its history cannot be read ({error})"
        log.warning("execution_not_redacted", execution_id=str(state.key.id), reason=reason)
        return f"Execution {state.key.id} is stored as it was: {reason}"


def _page(page: HistoryPage, redactor: Redactor) -> HistoryPage:
    events = unpack_events(page.data)
    changed = bool(redact_events(events, redactor))
    if changed:
        return pack_page(events, redaction_revision=redactor.revision)
    return HistoryPage(page.first_event_id, page.last_event_id, page.data, redactor.revision, page.is_redacted)


async def _write(writer: Writer, key: ExecutionKey, run: _Redacted, redactor: Redactor) -> None:
    await replace_pages(writer, key, run.pages)
    if run.described is not None:
        await save_descriptions(writer, [(key, run.described)])
    attempts = [
        (event_id, seen_no, redacted_failure(failure, redactor))
        for event_id, seen_no, failure in await read_attempt_failures(writer, key)
    ]
    if attempts:
        await write_attempt_failures(writer, key, attempts)


async def _redact_attributes(store: Store, project_id: UUID, redactor: Redactor) -> None:
    """Search attributes, which runs have that were only listed."""
    after: tuple[UUID, str, int] = (UUID(int=0), "", -1)
    while True:
        async with store.write() as writer:
            rows = await read_attributes(writer, project_id, after=after, limit=_BATCH_ATTRIBUTES)
            if not rows:
                return
            after = rows[-1].place
            hidden = {row.place: made for row in rows if (made := _attribute(row.name, row.type, row.json, redactor))}
            if hidden:
                await lock_states(writer, sorted({ExecutionKey(project_id, place[0]) for place in hidden}, key=_by_id))
                await replace_attributes(writer, project_id, hidden)


def _by_id(key: ExecutionKey) -> UUID:
    return key.id


def _attribute(name: str, kind: str, json: bytes, redactor: Redactor) -> bytes | None:
    """What is left of a value, as JSON; None where nothing is hidden."""
    if name.startswith("Temporal") or name == "BuildIds":
        return None
    held = Payload(metadata={"encoding": b"json/plain", "type": kind.encode()}, data=json)
    made = redactor.payload(held, name=name)
    return None if made is held else made.data
