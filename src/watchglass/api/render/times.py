"""Microseconds since 1970 to times that can be written as ISO 8601."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def time_of(micros: int | None) -> datetime | None:
    """Exact to the microsecond; None for no time, and for one outside the years 1 to 9999."""
    if micros is None:
        return None
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return None
