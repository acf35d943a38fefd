"""Who has seen the values of which run: a line in the audit log for each person, run and hour."""

import time
from dataclasses import dataclass, field
from uuid import UUID

from watchglass.model.project import Principal
from watchglass.store.audit import add_values_seen
from watchglass.store.scope import Store
from watchglass.store.summaries import Row

_HOUR_SECONDS = 3600
_MOST_KEPT = 100_000


@dataclass(slots=True)
class SeenValues:
    """What this process has written already, so that a page that is loaded again writes nothing."""

    _hour: int = field(default=-1, init=False)
    _written: set[tuple[UUID, UUID]] = field(default_factory=set, init=False)

    async def note(self, store: Store, person: Principal, run: Row) -> None:
        """Write it down, unless that was done within this hour."""
        hour = int(time.time() // _HOUR_SECONDS)
        if hour != self._hour or len(self._written) >= _MOST_KEPT:
            self._hour, self._written = hour, set()
        key = person.user_id, run["id"]
        if key in self._written:
            return
        async with store.write() as writer:
            await add_values_seen(writer, run, by=person)
        self._written.add(key)
