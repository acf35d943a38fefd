"""Runs that could not be decoded while they were copied: tried again until the codec server can."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from watchglass.errors import WatchglassError
from watchglass.model.component import Component
from watchglass.model.failure import Failure
from watchglass.parse.encoded import Change, change_component, change_failure, change_memo, change_values
from watchglass.parse.history import parse_history
from watchglass.store.component_reads import read_components
from watchglass.store.history_pages import read_events
from watchglass.store.outage import is_outage
from watchglass.store.scope import Reader
from watchglass.store.sync_states import ExecutionKey, SyncState, lock_states, read_state
from watchglass.store.undecoded import (
    OwnValues,
    Undecoded,
    claim_undecoded,
    forget_undecoded,
    postpone_undecoded,
    read_attempt_failures,
    read_own_values,
    write_attempt_failures,
    write_component_values,
    write_own_values,
)
from watchglass.sync.decode import decoded
from watchglass.sync.decode_at_sync import codec_of
from watchglass.sync.parts import Parts

log = structlog.get_logger()

LOOK_SECONDS = 5.0
RUN_SECONDS = 60.0
"""For all values of one run."""
LEASE_SECONDS = 120.0
"""A run that was taken by a process that died is tried again after this."""
FIRST_RETRY_SECONDS = 15.0
LAST_RETRY_SECONDS = 3600.0
_AT_ONCE = 4
_ALL = 2**31 - 1


class DecodeLater:
    """A task of each worker; the database sees to it that a run is taken by one of them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def run(self) -> None:
        """Work until cancelled; a database that is away is waited for."""
        while True:
            try:
                while await decode_due(self._parts):
                    continue
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("undecoded_runs_wait", reason=f"The database does not answer: {error}")
            await asyncio.sleep(LOOK_SECONDS)


async def decode_due(parts: Parts) -> int:
    """Decode some of the runs that are due; return how many were tried."""
    async with parts.store.write() as writer:
        due = await claim_undecoded(writer, limit=_AT_ONCE, lease_seconds=LEASE_SECONDS)
    await asyncio.gather(*(_decode(parts, run) for run in due))
    return len(due)


async def _decode(parts: Parts, run: Undecoded) -> None:
    try:
        stored = await _read(parts, run.key)
        if stored is None:
            return
        connection = await parts.connection(run.connection_id)
        codec = await codec_of(parts, connection)
        whole = await decoded(codec, stored.changed, redactor=await parts.redactor(connection), seconds=RUN_SECONDS)
        parts.away_codecs.pop(run.connection_id, None)
        await _write(parts, stored, whole)
    except WatchglassError as error:
        log.warning("run_not_decoded", execution_id=str(run.key.id), reason=error.message)
        await _postpone(parts, run, error.message)
    except Exception as error:
        if is_outage(error):
            raise
        # One run that nobody expected must not keep the others encoded.
        log.error("decode_defect", execution_id=str(run.key.id), exc_info=error)
        await _postpone(parts, run, f"Watchglass could not decode it ({type(error).__name__}). Please report this.")


async def _postpone(parts: Parts, run: Undecoded, error: str) -> None:
    seconds = min(FIRST_RETRY_SECONDS * 2 ** min(run.failures, 20), LAST_RETRY_SECONDS)
    async with parts.store.write() as writer:
        await postpone_undecoded(writer, run.key, error=error, seconds=seconds)


@dataclass(frozen=True, slots=True)
class _Stored:
    """All of a run that can be encoded."""

    state: SyncState
    own: OwnValues
    units: Sequence[Component]
    attempts: Sequence[tuple[int, int, Failure]]

    def changed(self, change: Change) -> "_Stored":
        own = OwnValues(
            change_values(self.own.input, change),
            change_values(self.own.result, change),
            change_failure(self.own.failure, change),
            change_memo(self.own.memo, change),
        )
        attempts = [
            (event_id, seen_no, change_failure(failure, change) or failure)
            for event_id, seen_no, failure in self.attempts
        ]
        return replace(self, own=own, units=[change_component(unit, change) for unit in self.units], attempts=attempts)


async def _read(parts: Parts, key: ExecutionKey) -> _Stored | None:
    """None when the run is no longer there."""
    async with parts.store.write(isolation="repeatable_read") as reader:
        state = await read_state(reader, key.id, project_id=key.project_id)
        own = await read_own_values(reader, key)
        if state is None or own is None:
            return None
        units = await read_components(reader, project_id=key.project_id, execution_id=key.id, after=0, limit=_ALL)
        units = await _with_large_values(reader, key, units)
        attempts = await read_attempt_failures(reader, key)
    return _Stored(state, own, units, attempts)


async def _with_large_values(reader: Reader, key: ExecutionKey, units: Sequence[Component]) -> list[Component]:
    """Of values that only the history holds, rows show the beginnings: those are decoded from the whole."""
    if not any(side is not None and not side.data for unit in units for side in (unit.input, unit.output)):
        return list(units)
    events = await read_events(reader, project_id=key.project_id, execution_id=key.id)
    told = {unit.event_id: unit for unit in (await asyncio.to_thread(parse_history, events)).components}
    return [_filled(unit, told.get(unit.event_id)) for unit in units]


def _filled(unit: Component, told: Component | None) -> Component:
    if told is None:
        return unit
    given = told.input if unit.input is not None and not unit.input.data else unit.input
    returned = told.output if unit.output is not None and not unit.output.data else unit.output
    return replace(unit, input=given, output=returned)


async def _write(parts: Parts, stored: _Stored, whole: _Stored) -> None:
    """Unless the run was copied further, derived again or redacted meanwhile: then all of it is done again.

    What else an open run's next look changes, such as a heartbeat, is decoded or marked again by that look.
    """
    async with parts.store.write() as writer:
        key = stored.state.key
        state = (await lock_states(writer, [key])).get(key)
        if state is None:
            return
        if not state.holds_what_it_held(stored.state):
            await postpone_undecoded(writer, key, error=None, seconds=0)
            return
        await write_own_values(writer, key, whole.own)
        units = [after for before, after in zip(stored.units, whole.units, strict=True) if after != before]
        if units:
            await write_component_values(writer, key, units)
        attempts = [after for before, after in zip(stored.attempts, whole.attempts, strict=True) if after != before]
        if attempts:
            await write_attempt_failures(writer, key, attempts)
        await forget_undecoded(writer, key)
