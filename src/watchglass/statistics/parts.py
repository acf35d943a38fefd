"""Parts of a window, for what is told of its course."""

from datetime import datetime, timedelta

from watchglass.statistics.grains import Grain, bucket_of

_ROUND = ((Grain.DAY, timedelta(days=1)), (Grain.HOUR, timedelta(hours=1)), (Grain.MINUTE, timedelta(minutes=1)))
_ROUNDED = 6
"""How much longer than what it is rounded to a part is at least."""


def beginnings(start: datetime, end: datetime, count: int) -> list[datetime]:
    """Of `count` parts, the first at `start`.

    Equal ones, but that each begins with a whole day, hour or minute in UTC: figures of those are kept, where any other
    moment has rows read around it.
    """
    width = (end - start) / count
    exact = [start + width * number for number in range(count)]
    for grain, step in _ROUND:
        if step * _ROUNDED <= width:
            return [start, *(bucket_of(grain, at + step / 2) for at in exact[1:])]
    return exact
