"""Compare how many runs Temporal counts with how many are known, and have those times listed again that differ.

Visibility is a hint, not a log, and a listing can be cut off in ways that nobody notices. Counting costs one call for
any stretch of time, so the whole of it is counted first, and only what differs is cut in two and counted again.
"""

from datetime import UTC, datetime, timedelta

import structlog

from watchglass.model.connection import Connection
from watchglass.store.discovery import count_known, covered_since, read_discovery, save_compared
from watchglass.store.erased_runs import count_erased
from watchglass.store.listing_windows import ListingWindow, add_windows
from watchglass.store.retention import read_rows_from
from watchglass.sync.parts import Parts
from watchglass.sync.question import question, within
from watchglass.sync.windows import cut
from watchglass.temporal.access import Access
from watchglass.temporal.errors import TemporalRefused
from watchglass.temporal.visibility import BULK_SECONDS, PAGE_RUNS, RunCount, count_by_state, describe_namespace

log = structlog.get_logger()

COMPARE_EVERY = timedelta(minutes=5)
RECENT = timedelta(hours=1)
"""Counted every time; all that Temporal keeps is counted rarely."""
COMPARE_ALL_EVERY = timedelta(hours=1)
UNSETTLED = timedelta(seconds=30)
"""Not compared yet: what started a moment ago changes while it is counted."""
_SHORTEST = timedelta(seconds=1)
_COUNTS = 200
"""Most counts of one comparison; what is left then is listed as it is."""


async def compare_when_due(parts: Parts, connection: Connection) -> int:
    """Keep the windows whose counts differ to be listed again; return how many there are.

    Not compared is what Temporal has deleted by now, what the project does not keep and what no back-fill was to list;
    nothing is while one is listing.

    Raises:
        TemporalUnavailable, TemporalBusy, NamespaceMissing
    """
    now = datetime.now(UTC)
    async with parts.store.write() as reader:
        state = await read_discovery(reader, connection.id)
        covered = await covered_since(reader, connection)
        rows_from = await read_rows_from(reader, connection.project_id)
    if covered is None or state.seen_until is None or not _is_due(state.compared_at, COMPARE_EVERY, now):
        return 0
    all_of_it = _is_due(state.compared_all_at, COMPARE_ALL_EVERY, now)
    differing = await _compare(
        parts,
        connection,
        covered=covered,
        kept_from=rows_from or covered,
        until=state.seen_until - UNSETTLED,
        all_of_it=all_of_it,
    )
    async with parts.store.write() as writer:
        if differing:
            log.info("counts_differ", namespace=connection.namespace, windows=len(differing))
            await add_windows(writer, connection, differing)
        await save_compared(writer, connection, at=now, all_of_it=all_of_it)
    return len(differing)


def _is_due(last: datetime | None, every: timedelta, now: datetime) -> bool:
    return last is None or now - last >= every


async def _compare(
    parts: Parts, connection: Connection, *, covered: datetime, kept_from: datetime, until: datetime, all_of_it: bool
) -> list[ListingWindow]:
    access = await parts.access(connection)
    kept = timedelta(seconds=(await describe_namespace(access)).retention_seconds)
    since = max(until - (kept if all_of_it else min(RECENT, kept)), covered, kept_from)
    try:
        differing = await _differing(parts, connection, access, since, until) if since < until else []
        before = ListingWindow("started", covered, since)
        if all_of_it and covered < since and await _open_differ(parts, connection, access, before):
            differing.append(before)
    except TemporalRefused as error:
        log.info("runs_not_compared", namespace=access.namespace, reason=error.message)
        return []
    return differing


async def _differing(
    parts: Parts, connection: Connection, access: Access, since: datetime, until: datetime
) -> list[ListingWindow]:
    windows = [ListingWindow("started", since, until)]
    found: list[ListingWindow] = []
    counts = 0
    while windows:
        window = windows.pop()
        if counts >= _COUNTS:
            found.append(window)
            continue
        counts += 1
        theirs = await count_by_state(access, question(connection, within(window)), seconds=BULK_SECONDS)
        ours = await _known(parts, connection, window)
        erased = await _erased(parts, connection, window) if theirs.total > ours.total else 0
        if ours.open == theirs.open and ours.total <= theirs.total <= ours.total + erased:
            continue
        assert window.from_at is not None
        assert window.to_at is not None
        is_long = window.to_at - window.from_at > _SHORTEST
        halves = cut(window, now=until) if max(ours.total, theirs.total) > PAGE_RUNS and is_long else ()
        windows += halves
        found += [] if halves else [window]
    return found


async def _open_differ(parts: Parts, connection: Connection, access: Access, window: ListingWindow) -> bool:
    """Of what is older than Temporal keeps it after its end, only the open runs are there still."""
    theirs = await count_by_state(access, question(connection, within(window)), seconds=BULK_SECONDS)
    return theirs.open != (await _known(parts, connection, window)).open


async def _erased(parts: Parts, connection: Connection, window: ListingWindow) -> int:
    """Runs that Temporal has, or had, and that must not be known here."""
    async with parts.store.write() as reader:
        return await count_erased(reader, connection, window)


async def _known(parts: Parts, connection: Connection, window: ListingWindow) -> RunCount:
    async with parts.store.write() as reader:
        return RunCount(*await count_known(reader, connection, window))
