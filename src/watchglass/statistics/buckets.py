"""Where the buckets of a chart begin and end: whole minutes, hours, days … of a time zone's own clock.

A day is from midnight to midnight there, so that it has 23 or 25 hours when the clock is changed, and buckets of three
hours begin at 0, 3, 6 … by that clock. Single hours and minutes are counted from midnight in time that passes: the hour
that comes twice is two buckets.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from watchglass.errors import InvalidInput

Step = Literal["minute", "hour", "day", "week", "month"]
_SECONDS: dict[Step, int] = {"minute": 60, "hour": 3600, "day": 86_400, "week": 604_800, "month": 2_629_746}
_LADDER: tuple[tuple[Step, int], ...] = (
    *(("minute", every) for every in (1, 2, 5, 15, 30)),
    *(("hour", every) for every in (1, 3, 6, 12)),
    ("day", 1),
    ("week", 1),
    *(("month", every) for every in (1, 3, 12)),
)
MOST_CHOSEN = 92
"""As many as are drawn when nobody chose a step: three months of days."""
MOST_ASKED = 2_000
FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
"""Between these, every time zone can be reckoned with."""


@dataclass(frozen=True, slots=True)
class Buckets:
    step: Step
    every: int
    """How many steps a bucket spans."""
    borders: tuple[datetime, ...]
    """In UTC, rising. The first is the start, the last the end; with fewer than two there is no bucket."""


def time_zone(name: str) -> ZoneInfo:
    """Raises InvalidInput where there is no time zone of that name."""
    if name not in _names():
        raise InvalidInput(f"There is no time zone named “{name[:100]}”. Give a name like Europe/Berlin, or UTC.")
    return ZoneInfo(name)


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


def cut(
    start: datetime, end: datetime, zone: ZoneInfo, *, step: Step | None = None, whole_first: bool = False
) -> Buckets:
    """The buckets of `start` ≤ t < `end`; without a step the finest that gives no more than `MOST_CHOSEN`.

    `whole_first`: the first bucket begins before the start, so that it is as long as the others.

    Raises InvalidInput where the range cannot be drawn.
    """
    if start >= end:
        return Buckets(step or "minute", 1, ())
    if start < FIRST or end > LAST:
        raise InvalidInput("A chart over time lies between the years 1970 and 3000. Choose another range.")
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    chosen, every = (step, 1) if step else _fitting(start, end)
    if _estimated(start, end, chosen, every) > MOST_ASKED:
        count = f"{_estimated(start, end, chosen, every):,}"
        raise InvalidInput(
            f"That range has {count} buckets of one {chosen}; at most {MOST_ASKED:,} are counted. Choose a longer step "
            "or a shorter range."
        )
    borders = [border for border in _borders(start, end, zone, chosen, every) if border < end]
    first = max((border for border in borders if border <= start), default=start) if whole_first else start
    return Buckets(chosen, every, (first, *dict.fromkeys(border for border in borders if border > start), end))


def _estimated(start: datetime, end: datetime, step: Step, every: int) -> int:
    return int((end - start).total_seconds() // (_SECONDS[step] * every)) + 1


def _fitting(start: datetime, end: datetime) -> tuple[Step, int]:
    fits = (rung for rung in _LADDER if _estimated(start, end, *rung) <= MOST_CHOSEN)
    return next(fits, _LADDER[-1])


def _borders(start: datetime, end: datetime, zone: ZoneInfo, step: Step, every: int) -> Iterator[datetime]:
    """Rising, from at or before the start to beyond the end."""
    first = start.astimezone(zone).date()
    if step == "hour" and every > 1:
        yield from _by_the_clock(first, end, zone, every)
        return
    if step in ("minute", "hour"):
        yield from _within_days(first, end, zone, timedelta(seconds=_SECONDS[step] * every))
        return
    at = _first_of(first, step, every)
    while (border := _midnight(at, zone)) < end:
        yield border
        at = _after(at, step, every)
    yield border


def _within_days(day: date, end: datetime, zone: ZoneInfo, width: timedelta) -> Iterator[datetime]:
    border = _midnight(day, zone)
    while border < end:
        day += timedelta(days=1)
        next_day = _midnight(day, zone)
        while border < next_day:
            yield border
            border += width
        border = next_day


def _by_the_clock(day: date, end: datetime, zone: ZoneInfo, every: int) -> Iterator[datetime]:
    border = _midnight(day, zone)
    while border < end:
        for hour in range(0, 24, every):
            # Rising, whatever a country does to its clock: what comes twice or not at all is no border.
            at = datetime(day.year, day.month, day.day, hour, tzinfo=zone).astimezone(UTC)
            if at >= border:
                border = at
                yield border
        day += timedelta(days=1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """When the day begins there. Where the clock was put forward at midnight, that very moment."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _first_of(day: date, step: Step, every: int) -> date:
    if step == "week":
        return day - timedelta(days=day.weekday())
    if step == "month":
        months = (day.year * 12 + day.month - 1) // every * every
        return date(months // 12, months % 12 + 1, 1)
    return day


def _after(day: date, step: Step, every: int) -> date:
    if step == "month":
        months = day.year * 12 + day.month - 1 + every
        return date(months // 12, months % 12 + 1, 1)
    return day + timedelta(days=every * (7 if step == "week" else 1))
