"""The widths of buckets, and which buckets and rows a window is put together from.

A bucket is kept in the next finer grain only when it holds `SPLIT_RUNS` executions or more: where there are fewer,
their rows are read quickly, and roll-ups would be as many as the rows themselves. For the same reason components,
which are several to an execution, are kept in months only of a year that holds so many.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

SPLIT_RUNS = 600


class Grain(IntEnum):
    """Of buckets in UTC; the number is the one that the database holds."""

    MINUTE = 0
    HOUR = 1
    DAY = 2
    MONTH = 3
    YEAR = 4
    """Holds no figures itself; it only says whether those of components are kept by month."""

    @property
    def word(self) -> str:
        """PostgreSQL's name, for `date_trunc` and intervals."""
        return self.name.lower()


FINEST_FIRST = (Grain.MINUTE, Grain.HOUR, Grain.DAY, Grain.MONTH)
COARSEST_FIRST = tuple(reversed(FINEST_FIRST))
"""Those that hold figures."""
SPLIT_BY = (Grain.YEAR, Grain.MONTH, Grain.DAY, Grain.HOUR)
"""Of which some are kept in the next finer grain, the coarsest first."""


def bucket_sql(grain: Grain, moment: str) -> str:
    """The bucket that an SQL timestamptz is in."""
    if grain is Grain.MINUTE:
        return f"date_bin('1 minute', {moment}, timestamptz 'epoch')"
    return f"date_trunc('{grain.word}', {moment}, 'UTC')"


def grains_sql(grains: Iterable[Grain], moment: str) -> str:
    """The buckets of a moment as VALUES of (grain, bucket, the bucket of the next coarser grain)."""
    return ", ".join(f"({int(g)}, {bucket_sql(g, moment)}, {bucket_sql(Grain(g + 1), moment)})" for g in grains)


def is_kept_sql(always: Grain, source: str, grain: str = "g") -> str:
    """Whether the figures of a series are kept in a bucket.

    `always`: the grain of which they are kept in every bucket. `source` has `project_id` and `series`, `grain` the
    columns of `grains_sql`.
    """
    # One look at an index. As EXISTS, PostgreSQL would read all that is split of the series, for each row anew.
    return (
        f"({grain}.grain >= {int(always)} OR coalesce((SELECT true FROM rollup_splits x WHERE x.project_id = "  # noqa: S608
        f"{source}.project_id AND x.series = {source}.series AND x.grain = {grain}.grain + 1 "
        f"AND x.bucket = {grain}.parent LIMIT 1), false))"
    )


def bucket_of(grain: Grain, moment: datetime) -> datetime:
    """The Python form of `bucket_sql`."""
    at = moment.astimezone(UTC).replace(second=0, microsecond=0)
    if grain >= Grain.HOUR:
        at = at.replace(minute=0)
    if grain >= Grain.DAY:
        at = at.replace(hour=0)
    if grain >= Grain.MONTH:
        at = at.replace(day=1)
    return at.replace(month=1) if grain is Grain.YEAR else at


def next_bucket(grain: Grain, bucket: datetime) -> datetime:
    if grain is Grain.YEAR:
        return bucket.replace(year=bucket.year + 1)
    if grain is Grain.MONTH:
        return (bucket + timedelta(days=32)).replace(day=1)
    return (
        bucket
        + {Grain.MINUTE: timedelta(minutes=1), Grain.HOUR: timedelta(hours=1), Grain.DAY: timedelta(days=1)}[grain]
    )


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a window, start ≤ t < end: whole buckets of one grain, or rows (`grain` None)."""

    grain: Grain | None
    start: datetime
    end: datetime


IsSplit = Callable[[Grain, datetime], bool]
Splits = Collection[tuple[int, datetime]]
"""Grain and bucket of those that are kept in the next finer grain too."""


def pieces(start: datetime, end: datetime, splits: Splits, always: Grain) -> Iterator[Piece]:
    """What start ≤ t < end is put together from, the coarsest buckets that fit, each moment once.

    What is in a bucket that is not split is read from rows, unless that is itself of a grain that is `always` kept.
    """
    known = set(splits)

    def is_split(grain: Grain, bucket: datetime) -> bool:
        return (int(grain), bucket) in known

    if always < Grain.YEAR:
        yield from _pieces(start, end, Grain.MONTH, is_split)
        return
    at = start
    for year in sorted(bucket for grain, bucket in known if grain == Grain.YEAR):
        first, last = max(at, year), min(end, next_bucket(Grain.YEAR, year))
        if first < last:
            if at < first:
                yield Piece(None, at, first)
            yield from _pieces(first, last, Grain.MONTH, is_split)
            at = last
    if at < end:
        yield Piece(None, at, end)


def _pieces(start: datetime, end: datetime, grain: Grain, is_split: IsSplit) -> Iterator[Piece]:
    if start >= end:
        return
    first = bucket_of(grain, start)
    first = first if first == start else next_bucket(grain, first)
    last = bucket_of(grain, end)
    if first > last:
        # Within one bucket.
        yield from _inside(bucket_of(grain, start), start, end, grain, is_split)
        return
    yield from _inside(bucket_of(grain, start), start, first, grain, is_split)
    if first < last:
        yield Piece(grain, first, last)
    yield from _inside(last, last, end, grain, is_split)


def _inside(bucket: datetime, start: datetime, end: datetime, grain: Grain, is_split: IsSplit) -> Iterator[Piece]:
    """A part of one bucket, which is not the whole of it."""
    if start >= end:
        return
    if grain is Grain.MINUTE or not is_split(grain, bucket):
        yield Piece(None, start, end)
    else:
        yield from _pieces(start, end, Grain(grain - 1), is_split)


def asked_splits(start: datetime, end: datetime) -> set[tuple[Grain, datetime]]:
    """The buckets of which `pieces` may ask whether they are split; of years, it may ask for any."""
    asked: set[tuple[Grain, datetime]] = set()

    def note(grain: Grain, bucket: datetime) -> bool:
        asked.add((grain, bucket))
        return True

    for _ in _pieces(start, end, Grain.MONTH, note):
        pass
    return asked


def joined(parts: Sequence[Piece]) -> list[Piece]:
    """Neighbouring pieces of rows as one."""
    found: list[Piece] = []
    for part in parts:
        if found and part.grain is None and found[-1].grain is None and found[-1].end == part.start:
            found[-1] = Piece(None, found[-1].start, part.end)
        else:
            found.append(part)
    return found
