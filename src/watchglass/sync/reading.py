"""The events of one run as they come in: folded, packed and let go, so that a long history is never held whole."""

import asyncio
from collections.abc import Callable, Sequence

from temporalio.api.history.v1 import HistoryEvent

from watchglass.model.described import Described
from watchglass.model.execution import Execution, RunRef
from watchglass.parse.history import HistoryFold
from watchglass.parse.redaction.messages import redact_events
from watchglass.parse.redaction.redactor import Redactor
from watchglass.parse.trailing import durable_prefix
from watchglass.store.history_pages import HistoryPage, Packer, unpack_events
from watchglass.store.payloads import lightened

MANY_EVENTS = 50
"""From here on the work is done in a thread: it would hold up everything else that this process does."""
HEAVY_BYTES = 1024 * 1024
"""Serialised events after which it is worth looking for large values to let go of."""


class Reading:
    """What is known of a run so far, and the packed pages of what is new of its history."""

    def __init__(self, ref: RunRef, *, keeps_values: bool, is_large: bool, redactor: Redactor | None = None) -> None:
        """`keeps_values`: large values are wanted as they are, not only how they begin. `is_large`: known to be.

        `redactor` hides what the project wants hidden before anything else is done with new events.
        """
        self._fold = HistoryFold(ref)
        self._redactor = redactor
        self._redacted: set[int] = set()
        """Ids of events that are not packed yet and in which something was hidden."""
        self._packer = Packer(redactor.revision if redactor is not None else 0)
        self._held: Sequence[HistoryEvent] = ()
        self._keeps_values = keeps_values
        self._is_large = is_large
        self._unlightened = 0
        self.newest: HistoryEvent | None = None
        """The last event that is kept."""

    @property
    def pages(self) -> Sequence[HistoryPage]:
        """The new events, packed; complete after `end`."""
        return self._packer.pages

    async def take_stored(self, pages: Sequence[HistoryPage]) -> None:
        """Fold what is stored already; `pages` in id order."""
        await self._do(len(pages) > 1, lambda: self._fold_stored(pages))

    async def take(self, events: Sequence[HistoryEvent]) -> None:
        """Fold and pack the next new events, in id order."""
        await self._do(len(events) > MANY_EVENTS, lambda: self._fold_new(events))

    async def end(self) -> None:
        """Nothing more comes: workflow-task events at the very end may still be replaced, and are not kept."""
        self._held = ()
        await self._do(False, self._packer.end)

    async def result(self, described: Described | None = None) -> Execution:
        results: list[Execution] = []
        await self._do(self._fold.last_event_id > MANY_EVENTS, lambda: results.append(self._fold.result(described)))
        return results[0]

    async def _do(self, is_much: bool, work: Callable[[], None]) -> None:
        if is_much or self._is_large:
            await asyncio.to_thread(work)
        else:
            work()

    def _fold_stored(self, pages: Sequence[HistoryPage]) -> None:
        for page in pages:
            events = unpack_events(page.data)
            self._fold.add(events)
            self.newest = events[-1]
            self._lighten(sum([event.ByteSize() for event in events]))

    def _fold_new(self, events: Sequence[HistoryEvent]) -> None:
        if self._redactor is not None:
            self._redacted |= redact_events(events, self._redactor)
        if self._held:
            events = [*self._held, *events]
        durable = durable_prefix(events)
        self._held = events[len(durable) :]
        if not durable:
            return
        self._fold.add(durable)
        self._lighten(self._packer.add(durable, self._redacted))
        self.newest = HistoryEvent.FromString(durable[-1].SerializeToString())  # Else it would keep its whole page.

    def _lighten(self, size: int) -> None:
        self._unlightened += size
        if self._unlightened > HEAVY_BYTES and not self._keeps_values:
            self._fold.lighten(lightened)
            self._unlightened = 0
