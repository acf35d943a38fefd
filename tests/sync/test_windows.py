"""Cutting stretches of time: nothing is lost between the halves."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from watchglass.store.listing_windows import ListingWindow
from watchglass.sync.windows import SHORTEST, cut

NOW = datetime(2026, 5, 1, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@given(st.none() | MOMENTS, st.none() | MOMENTS)
def test_halves_are_what_was_cut(a: datetime | None, b: datetime | None) -> None:
    from_at, to_at = (min(a, b), max(a, b)) if a and b else (a, b)
    window = ListingWindow("closed", from_at, to_at)
    halves = cut(window, now=NOW)
    if not halves:
        assert from_at is not None
        assert (to_at or NOW) - from_at < SHORTEST * 2
        return
    older, newer = halves
    assert (older.of, newer.of) == ("closed", "closed")
    assert (older.from_at, newer.to_at) == (from_at, to_at)
    assert older.to_at == newer.from_at
    assert older.to_at is not None
    assert from_at is None or from_at < older.to_at
    assert to_at is None or older.to_at < to_at


def test_all_time_is_cut_into_stretches_that_double() -> None:
    window, lengths = ListingWindow("started", None, None), []
    for _ in range(5):
        window, newer = cut(window, now=NOW)
        assert newer.from_at is not None
        lengths.append((newer.to_at or NOW) - newer.from_at)
    assert lengths == [timedelta(days=days) for days in (1, 1, 2, 4, 8)]


def test_a_window_without_an_end_that_begins_after_our_clock_is_listed_whole() -> None:
    assert cut(ListingWindow("started", NOW + timedelta(hours=1), None), now=NOW) == ()
