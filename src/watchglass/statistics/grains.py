"""The widths of buckets, and which buckets and rows a window is put together from.

A bucket is kept in the next finer grain only when it holds `SPLIT_RUNS` executions or more: where there are fewer,
their rows are read quickly, and roll-ups would be as many as the rows themselves.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

SPLIT_RUNS = 500


class Grain(IntEnum):
    """Of buckets in UTC; the number is the one that the database holds."""

    MINUTE = 0
    HOUR = 1
    DAY = 2
    MONTH = 3

    @property
    def word(self) -> str:
        """PostgreSQL's name, for `date_trunc` and intervals."""
        return self.name.lower()


FINEST_FIRST = tuple(Grain)
COARSEST_FIRST = tuple(reversed(Grain))


def bucket_sql(grain: Grain, moment: str) -> str:
    """The bucket that an SQL timestamptz is in."""
    if grain is Grain.MINUTE:
        return f"date_bin('1 minute', {moment}, timestamptz 'epoch')"
    return f"date_trunc('{grain.word}', {moment}, 'UTC')"


def bucket_of(grain: Grain, moment: datetime) -> datetime:
    """The Python form of `bucket_sql`."""
    at = moment.astimezone(UTC).replace(second=0, microsecond=0)
    if grain >= Grain.HOUR:
        at = at.replace(minute=0)
    if grain >= Grain.DAY:
        at = at.replace(hour=0)
    return at.replace(day=1) if grain is Grain.MONTH else at


def next_bucket(grain: Grain, bucket: datetime) -> datetime:
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


def pieces(start: datetime, end: datetime, is_split: IsSplit) -> Iterator[Piece]:
    """What start ≤ t < end is put together from, the coarsest buckets that fit, each moment once.

    `is_split`: whether a bucket is kept in the next finer grain too; what is in one that is not is read from rows.
    """
    return _pieces(start, end, Grain.MONTH, is_split)


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
    """The buckets of which `pieces` may ask whether they are split."""
    asked: set[tuple[Grain, datetime]] = set()

    def note(grain: Grain, bucket: datetime) -> bool:
        asked.add((grain, bucket))
        return True

    for _ in pieces(start, end, note):
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


def splits_lookup(splits: Collection[tuple[int, datetime]]) -> IsSplit:
    known = set(splits)
    return lambda grain, bucket: (int(grain), bucket) in known
