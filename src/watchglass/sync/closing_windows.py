"""How much of a namespace's closed runs is listed at once. Pure.

Visibility cannot be asked for an order, so it is asked for one stretch of closing times after the other, oldest first.
A stretch is as long as holds about as many runs as are good to list together.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW_RUNS = 2000
_SHORTEST = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class ClosingWindow:
    start: datetime | None
    """None: from the oldest on."""
    end: datetime | None
    """None: up to the newest."""

    @property
    def condition(self) -> str:
        """As a visibility query; the bounds of neighbours meet, so no run is in none or in two."""
        start = [f"CloseTime >= '{self.start.isoformat()}'"] if self.start else ["CloseTime IS NOT NULL"]
        end = [f"CloseTime < '{self.end.isoformat()}'"] if self.end else []
        return " AND ".join(start + end)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Windows from `oldest`, the time before which hardly anything is kept, up to `newest`."""

    oldest: datetime
    newest: datetime
    width: timedelta

    @classmethod
    def over(cls, oldest: datetime, newest: datetime) -> "Sweep":
        """Everything in one window, to begin with."""
        return cls(oldest, newest, max(newest - oldest, _SHORTEST))

    def window(self, listed_until: datetime | None) -> ClosingWindow:
        """The next one behind `listed_until`; the first has no beginning and the last has no end."""
        end = max(listed_until or self.oldest, self.oldest) + self.width
        return ClosingWindow(listed_until, end if end < self.newest else None)

    def fitted(self, count: int) -> "Sweep | None":
        """With narrower windows, because this one holds `count` runs; None when it may be listed as it is."""
        if count <= WINDOW_RUNS or self.width <= _SHORTEST:
            return None
        return Sweep(self.oldest, self.newest, max(self.width * (WINDOW_RUNS * 0.7 / count), _SHORTEST))

    def after(self, count: int) -> "Sweep":
        """For the window behind one that held `count` runs."""
        return Sweep(self.oldest, self.newest, self.width * 2) if count < WINDOW_RUNS / 3 else self
