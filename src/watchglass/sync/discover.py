"""Find the runs of a namespace: what started and what closed since the last look, with an overlap.

Visibility is a hint, not a log: a run is listed some time after it started. So each look begins a little before the
end of the one before; every few minutes a longer stretch is looked at again, and runs are counted and compared.

Where the last look ended is told by Temporal's own clock, from what it listed, and not by ours: a clock that is an hour
fast would ask for what starts in an hour. What is too much for one look waits in windows (see windows.py). Runs that
are older than the connection are a back-fill's to list (see backfill.py).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from watchglass.model.connection import Connection
from watchglass.store.discovery import DiscoveryState, read_discovery, save_look
from watchglass.store.gaps import add_gap
from watchglass.store.listing_windows import ListingWindow, add_windows
from watchglass.sync.compare import compare_when_due
from watchglass.sync.identity import meet_namespace
from watchglass.sync.listing import Discovered, listed_together, newest_moment, take_page
from watchglass.sync.parts import Parts
from watchglass.sync.question import question, within
from watchglass.sync.windows import list_windows
from watchglass.temporal.errors import TemporalRefused
from watchglass.temporal.scope import check_scope, explain_refusal
from watchglass.temporal.visibility import list_runs

OVERLAP = timedelta(seconds=15)
LONG_OVERLAP = timedelta(minutes=5)
RESCAN_EVERY = timedelta(minutes=5)
POLL_PAGES = 5
"""Pages of one look; when there are more, all of it waits in a window."""
WINDOWS_SECONDS = 5.0
"""Windows are listed for this long before what is newest is looked at again."""
_LONGEST_STEP = timedelta(minutes=1)
"""A clock that was set shows as a long time between two looks; only this much of it is believed."""


async def discover(parts: Parts, connection: Connection) -> Discovered:
    """List once what is new in the connection's namespace, for all connections that are listed together with it.

    The first of them looks for all; each compares its own counts.

    Raises:
        TemporalUnavailable, TemporalBusy, TemporalRefused, NamespaceMissing
    """
    check_scope(connection.scope)
    together = await listed_together(parts, connection)
    try:
        found = await _look(parts, together) if together[0].id == connection.id else Discovered()
        found = found.plus(await list_windows(parts, connection, together, seconds=WINDOWS_SECONDS))
        if found.is_complete and await compare_when_due(parts, connection):
            found = found.plus(await list_windows(parts, connection, together, seconds=WINDOWS_SECONDS))
    except TemporalRefused as refusal:
        explained = await explain_refusal(await parts.access(connection), connection.scope, refusal)
        raise explained from refusal
    return found


async def _look(parts: Parts, connections: Sequence[Connection]) -> Discovered:
    async with parts.store.write() as reader:
        states = [await read_discovery(reader, connection.id) for connection in connections]
    state = states[0]
    now = datetime.now(UTC)
    rescan = state.rescanned_at is None or now - state.rescanned_at >= RESCAN_EVERY
    if rescan:
        await _note_gaps(parts, connections, states, now)
    if state.seen_until is None:
        state = replace(state, seen_until=await _first_moment(parts, connections[0], state))
    found = Discovered()
    if state.seen_until is not None:
        since = state.seen_until - (LONG_OVERLAP if rescan else OVERLAP)
        for of in ("started", "closed"):
            found = found.plus(await _list(parts, connections, ListingWindow(of, since, None, is_shared=True)))
    async with parts.store.write() as writer:
        await save_look(
            writer,
            connections,
            discovered_until=datetime.now(UTC),
            seen_until=_seen_until(state, found, now),
            rescanned_at=now if rescan else None,
        )
    return found


async def _list(parts: Parts, connections: Sequence[Connection], window: ListingWindow) -> Discovered:
    access = await parts.access(connections[0])
    found = Discovered()
    pages = 0
    async for page in list_runs(access, question(connections[0], within(window))):
        found = found.plus(await take_page(parts, connections, page))
        pages += 1
        if pages > POLL_PAGES:
            async with parts.store.write() as writer:
                await add_windows(writer, connections[0], [window])
            break
    return found


async def _first_moment(parts: Parts, connection: Connection, state: DiscoveryState) -> datetime | None:
    """Where a first look begins: with the connection, or with the newest run where Temporal's clock is behind ours.

    None in an empty namespace. Lists begin with what is newest: the open runs, then those that closed last.
    """
    access = await parts.access(connection)
    newest = None
    for condition in ("", "CloseTime IS NOT NULL"):
        async for page in list_runs(access, question(connection, condition), page_size=1):
            newest = max((m for m in (newest, newest_moment(page)) if m is not None), default=None)
            if page:
                break
        if newest is None:
            return None
    return min(newest or state.discovered_until, state.discovered_until)


def _seen_until(state: DiscoveryState, found: Discovered, now: datetime) -> datetime | None:
    """A moment that has passed by Temporal's clock: the newest it told of, or later by the time between two looks."""
    if state.seen_until is None:
        return found.newest
    step = min(max(now - state.discovered_until, timedelta(0)), _LONGEST_STEP) if state.rescanned_at else timedelta(0)
    return max(state.seen_until + step, found.newest or state.seen_until)


async def _note_gaps(
    parts: Parts, connections: Sequence[Connection], states: Sequence[DiscoveryState], now: datetime
) -> None:
    """When nobody looked for longer than Temporal keeps runs, some may have come and gone unseen: say so."""
    for connection, state in zip(connections, states, strict=True):
        met = await meet_namespace(parts, connection)
        is_long = state.rescanned_at is not None and state.discovered_until < now - met.kept
        if is_long and not met.is_another:
            async with parts.store.write() as writer:
                await add_gap(writer, connection, from_at=state.discovered_until, to_at=now - met.kept)
