"""Pages of histories, and runs that were read from them, as a sync has them when it stores them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from temporalio.api.history.v1 import History

from benchmarks.generate.shape import COMPONENTS_EACH
from benchmarks.long_history import described_of, make_events
from watchglass.model.connection import Connection
from watchglass.model.described import Described
from watchglass.model.execution import RunRef
from watchglass.parse.describe import parse_described
from watchglass.parse.history import parse_history
from watchglass.store.history_pages import pack_events
from watchglass.store.sync_states import SyncState, read_states
from watchglass.sync.listing import add_runs
from watchglass.sync.parts import Parts
from watchglass.sync.read import ReadRun

_EVENTS = 2 + COMPONENTS_EACH // 5 * 18
"""A start, rounds of five activities, an end."""


@dataclass(frozen=True)
class Recorded:
    """The page of a run of ten activities, as it comes from the server, and what lists say of it."""

    page: bytes
    described: Described
    ref: RunRef

    @classmethod
    def make(cls) -> "Recorded":
        ref = RunRef("recorded", str(uuid4()))
        events = list(make_events(ref, _EVENTS, names=COMPONENTS_EACH))
        page = History(events=events).SerializeToString()
        return cls(page, parse_described(described_of(ref, events)), ref)

    def listed(self, type: str, started_at: datetime) -> Described:
        """Another run of the same history, as a list tells of it."""
        started = int(started_at.timestamp() * 1_000_000)
        took = (self.described.closed_at or 0) - (self.described.started_at or 0)
        run_id = str(uuid4())
        return replace(
            self.described,
            ref=RunRef(f"run-{run_id}", run_id),
            type=type,
            started_at=started,
            execution_at=started,
            closed_at=started + took,
            first_run_id=run_id,
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """A run that discovery has found, and nobody has read yet."""

    connection: Connection
    state: SyncState
    described: Described


async def list_runs(parts: Parts, connection: Connection, described: Sequence[Described]) -> list[Listed]:
    """Make their rows as discovery does."""
    keys = await add_runs(parts, connection, described)
    async with parts.store.write() as reader:
        states = await read_states(reader, keys)
    by_run = {one.ref.run_id: one for one in described}
    return [Listed(connection, state, by_run[state.ref.run_id]) for state in states.values()]


def read_page(recorded: Recorded, listed: Listed) -> ReadRun:
    """Parse the page as that of the run that was listed."""
    described = listed.described
    events = list(History.FromString(recorded.page).events)
    moved = (described.started_at or 0) * 1000 - events[0].event_time.ToNanoseconds()
    for event in events:
        event.event_time.FromNanoseconds(event.event_time.ToNanoseconds() + moved)
    execution = parse_history(events, ref=described.ref)
    return ReadRun(listed.state, listed.connection, execution, pack_events(events), False, None, None)
