"""The full history of a run: append-only pages of compressed protobuf."""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import zstandard
from temporalio.api.history.v1 import History, HistoryEvent

from watchglass.store.scope import Reader, Writer
from watchglass.store.sync_states import ExecutionKey

PAGE_EVENTS = 500
"""Small enough to read one component's events without unpacking a long run, large enough to compress well."""
PAGE_LIMIT_BYTES = 512 * 1024 * 1024
PAGE_BYTES = 1024 * 1024
"""Serialised: a page with large values is cut earlier, so that packing one never needs much memory."""
_EVENT_TAG = b"\x0a"
_LEVEL = 1
"""zstd's fastest ordinary level: a history is compressed once while somebody waits for it."""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    first_event_id: int
    last_event_id: int
    data: bytes
    """zstd-compressed `temporal.api.history.v1.History`."""
    redaction_revision: int = 0
    """Which state of the project's rules was applied; 0: none."""
    is_redacted: bool = False
    """Something in it was hidden."""


class Packer:
    """Cuts events, in id order, into pages as they come; an event that was added is not kept."""

    def __init__(self, redaction_revision: int = 0) -> None:
        self.pages: list[HistoryPage] = []
        self._redaction_revision = redaction_revision
        self._is_redacted = False
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL)
        self._parts: list[bytes] = []
        self._events = 0
        self._size = 0
        self._first = self._last = 0

    def add(self, events: Iterable[HistoryEvent], redacted: Collection[int] = ()) -> int:
        """Return the bytes that the events are, serialised. `redacted`: ids of those in which something is hidden."""
        added = 0
        for event in events:
            data = event.SerializeToString()
            if redacted and event.event_id in redacted:
                self._is_redacted = True
            if not self._events:
                self._first = event.event_id
            self._last = event.event_id
            # A history is its events one after the other, each with the tag of the field and its length.
            self._parts += (_EVENT_TAG, _varint(len(data)), data)
            self._events += 1
            self._size += len(data)
            added += len(data)
            if self._events >= PAGE_EVENTS or self._size >= PAGE_BYTES:
                self.end()
        return added

    def end(self) -> None:
        """Make what has been added so far whole pages."""
        if not self._events:
            return
        data = self._compressor.compress(b"".join(self._parts))
        self.pages.append(HistoryPage(self._first, self._last, data, self._redaction_revision, self._is_redacted))
        self._parts, self._events, self._size, self._is_redacted = [], 0, 0, False


def _varint(number: int) -> bytes:
    digits = bytearray()
    while number > 127:
        digits.append(number & 127 | 128)
        number >>= 7
    digits.append(number)
    return bytes(digits)


def pack_events(events: Sequence[HistoryEvent]) -> list[HistoryPage]:
    """Cut events, in id order, into pages."""
    packer = Packer()
    packer.add(events)
    packer.end()
    return packer.pages


def pack_page(events: Sequence[HistoryEvent], *, redaction_revision: int) -> HistoryPage:
    """A page that is stored already, anew: marks may be longer than what they hide, and it stays one page."""
    data = zstandard.ZstdCompressor(level=_LEVEL).compress(History(events=events).SerializeToString())
    return HistoryPage(events[0].event_id, events[-1].event_id, data, redaction_revision, True)


def pages_after(pages: Sequence[HistoryPage], event_id: int) -> list[HistoryPage]:
    """The pages without the events up to `event_id`; one that holds both is packed anew."""
    later = []
    for page in pages:
        if page.first_event_id > event_id:
            later.append(page)
        elif page.last_event_id > event_id:
            kept = pack_events([event for event in unpack_events(page.data) if event.event_id > event_id])
            later += [
                replace(part, redaction_revision=page.redaction_revision, is_redacted=page.is_redacted) for part in kept
            ]
    return later


def unpack_events(data: bytes) -> list[HistoryEvent]:
    raw = zstandard.ZstdDecompressor().decompress(data, max_output_size=PAGE_LIMIT_BYTES)
    return list(History.FromString(raw).events)


async def append_pages(writer: Writer, pages: Sequence[tuple[UUID, UUID, HistoryPage]]) -> None:
    """Store pages of (project, execution). A page that is there already is left as it is: events do not change."""
    await writer.execute(
        """
        INSERT INTO history_pages
            (project_id, execution_id, first_event_id, last_event_id, data, redaction_revision, is_redacted)
        SELECT * FROM unnest(
            $1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bigint[], $7::boolean[])
        ON CONFLICT DO NOTHING
        """,
        [project for project, _, _ in pages],
        [execution for _, execution, _ in pages],
        [page.first_event_id for _, _, page in pages],
        [page.last_event_id for _, _, page in pages],
        [page.data for _, _, page in pages],
        [page.redaction_revision for _, _, page in pages],
        [page.is_redacted for _, _, page in pages],
    )


async def drop_pages(writer: Writer, *, project_id: UUID, execution_id: UUID) -> None:
    """Forget a stored history that turned out not to be the run's, so that the whole of it is stored anew."""
    await writer.execute(
        "DELETE FROM history_pages WHERE project_id = $1 AND execution_id = $2", project_id, execution_id
    )


async def read_pages(reader: Reader, keys: Sequence[ExecutionKey]) -> dict[ExecutionKey, list[HistoryPage]]:
    """All pages of these executions as they are stored, in id order; unpacking them is the caller's to do."""
    rows = await reader.fetch(
        """
        SELECT project_id, execution_id, first_event_id, last_event_id, data, redaction_revision, is_redacted
        FROM history_pages
        WHERE (project_id, execution_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
        ORDER BY project_id, execution_id, first_event_id
        """,
        [key.project_id for key in keys],
        [key.id for key in keys],
    )
    pages: dict[ExecutionKey, list[HistoryPage]] = {key: [] for key in keys}
    for project_id, execution_id, *page in rows:
        pages[ExecutionKey(project_id, execution_id)].append(HistoryPage(*page))
    return pages


async def read_events(
    reader: Reader, *, project_id: UUID, execution_id: UUID, first: int = 1, last: int | None = None
) -> list[HistoryEvent]:
    """Events with ids from `first` to `last` (both included; None: to the end), in id order."""
    rows = await reader.fetch(
        """
        SELECT data FROM history_pages
        WHERE project_id = $1 AND execution_id = $2 AND last_event_id >= $3 AND first_event_id <= $4
        ORDER BY first_event_id
        """,
        project_id,
        execution_id,
        first,
        last if last is not None else 2**62,
    )
    return [
        event
        for row in rows
        for event in unpack_events(row["data"])
        if event.event_id >= first and (last is None or event.event_id <= last)
    ]


async def read_some_events(
    reader: Reader, *, project_id: UUID, execution_id: UUID, first: int, last: int, most_bytes: int
) -> list[HistoryEvent]:
    """The same, but no more than `most_bytes` serialised, and one event at least where there is one."""
    found: list[HistoryEvent] = []
    size = 0
    async for events in each_page(reader, project_id=project_id, execution_id=execution_id, first=first, last=last):
        for event in events:
            if first <= event.event_id <= last:
                size += event.ByteSize()
                if found and size > most_bytes:
                    return found
                found.append(event)
    return found


async def each_page(
    reader: Reader, *, project_id: UUID, execution_id: UUID, first: int, last: int
) -> AsyncIterator[list[HistoryEvent]]:
    """The events of each page that has some from `first` to `last`, one page after the other.

    All pages of a run with large values are too much to be held at once.
    """
    while first <= last:
        row = await reader.fetchrow(
            """
            SELECT data, last_event_id FROM history_pages
            WHERE project_id = $1 AND execution_id = $2 AND last_event_id >= $3 AND first_event_id <= $4
            ORDER BY first_event_id LIMIT 1
            """,
            project_id,
            execution_id,
            first,
            last,
        )
        if row is None:
            return
        yield unpack_events(row["data"])
        first = row["last_event_id"] + 1
