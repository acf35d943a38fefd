"""List what waits in windows, a stretch of time after the other; each is small enough to be listed again when it fails.

A window with more runs than that is cut in two. What is done is forgotten at once, so that a process that dies leaves
behind exactly what is still to be listed.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog

from watchglass.model.connection import Connection
from watchglass.store.gaps import add_gap
from watchglass.store.listing_windows import ListingWindow, add_windows, next_window, remove_window
from watchglass.sync.listing import Discovered, take_page
from watchglass.sync.parts import Parts
from watchglass.sync.question import question, within
from watchglass.temporal.access import Access
from watchglass.temporal.errors import TemporalRefused
from watchglass.temporal.visibility import BULK_SECONDS, count_runs, list_runs

log = structlog.get_logger()

WINDOW_RUNS = 10_000
"""Ten pages, which at the usual budget is two seconds of listing."""
SHORTEST = timedelta(milliseconds=1)
"""Not cut any further, however many runs it holds."""


async def list_windows(
    parts: Parts, connection: Connection, together: Sequence[Connection], *, seconds: float
) -> Discovered:
    """List the connection's windows until none is left or the time is over; shared ones for all that are `together`.

    Raises:
        TemporalUnavailable, TemporalBusy, TemporalRefused, NamespaceMissing: the window in hand stays as it is.
    """
    end = time.monotonic() + seconds
    found = Discovered()
    while True:
        async with parts.store.write() as reader:
            window = await next_window(reader, connection)
        if window is None:
            return found
        if time.monotonic() > end:
            return found.plus(Discovered(is_complete=False))
        found = found.plus(await _list(parts, connection, together if window.is_shared else [connection], window))


async def _list(
    parts: Parts, first: Connection, connections: Sequence[Connection], window: ListingWindow
) -> Discovered:
    access = await parts.access(first)
    asked = question(first, within(window))
    expected = await _count(access, asked)
    halves = cut(window, now=datetime.now(UTC)) if expected is not None and expected > WINDOW_RUNS else ()
    if halves:
        async with parts.store.write() as writer:
            await add_windows(writer, first, halves)
            await remove_window(writer, first, window)
        return Discovered()
    found = Discovered()
    if expected != 0:
        async for page in list_runs(access, asked, seconds=BULK_SECONDS):
            found = found.plus(await take_page(parts, connections, page))
    if expected is not None and found.listed < expected:
        await _note_missing(parts, connections, window, access, listed=found.listed)
    async with parts.store.write() as writer:
        await remove_window(writer, first, window)
    return found


async def _note_missing(
    parts: Parts, connections: Sequence[Connection], window: ListingWindow, access: Access, *, listed: int
) -> None:
    """Fewer runs were listed than counted. Unless they are gone from the count as well, they cannot be had: say so."""
    missing = (await _count(access, question(connections[0], within(window))) or 0) - listed
    if missing <= 0:
        return
    log.warning("runs_not_listed", namespace=access.namespace, missing=missing)
    now = datetime.now(UTC)
    async with parts.store.write() as writer:
        for connection in connections:
            await add_gap(
                writer,
                connection,
                from_at=window.from_at or datetime(1970, 1, 1, tzinfo=UTC),
                to_at=window.to_at or now,
                missing_runs=missing,
            )


async def _count(access: Access, asked: str) -> int | None:
    """None where counting is not allowed: the window is then listed as it is."""
    try:
        return await count_runs(access, asked, seconds=BULK_SECONDS)
    except TemporalRefused as error:
        log.info("runs_not_counted", namespace=access.namespace, reason=error.message)
        return None


def cut(window: ListingWindow, *, now: datetime) -> tuple[ListingWindow, ...]:
    """The two halves of a window; nothing when it is too short to be cut.

    Of one that began with the beginning, the newer half is as long as what lies between it and now, at least a day.
    """
    end = window.to_at or now
    if window.from_at is None:
        middle = end - max(abs(now - end), timedelta(days=1))
    else:
        middle = window.from_at + (end - window.from_at) / 2
        if end - window.from_at < SHORTEST * 2:
            return ()
    return (
        ListingWindow(window.of, window.from_at, middle, window.is_shared),
        ListingWindow(window.of, middle, window.to_at, window.is_shared),
    )
