"""Buckets follow the clock of their time zone, also where it is changed."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchglass.errors import InvalidInput
from watchglass.statistics.buckets import MOST_CHOSEN, Buckets, Step, cut, time_zone

BERLIN, UTC_ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
ZONES = ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia", "Africa/Cairo", "America/Havana"]


def at(text: str, zone: ZoneInfo = UTC_ZONE) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def hours(buckets: Buckets) -> list[float]:
    return [(end - start) / timedelta(hours=1) for start, end in pairwise(buckets.borders)]


class TestCut:
    @pytest.mark.parametrize(
        ("first", "last", "lengths"),
        [
            ("2026-03-27", "2026-03-31", [24, 24, 23, 24]),  # The clock is put forward on the 29th.
            ("2026-10-23", "2026-10-27", [24, 24, 25, 24]),  # It is put back on the 25th.
        ],
    )
    def test_a_day_has_the_hours_that_it_has(self, first: str, last: str, lengths: list[float]) -> None:
        assert hours(cut(at(first, BERLIN), at(last, BERLIN), BERLIN, step="day")) == lengths

    def test_an_hour_that_comes_twice_is_two_buckets(self) -> None:
        found = cut(at("2026-10-25", BERLIN), at("2026-10-26", BERLIN), BERLIN, step="hour")
        assert hours(found) == [1] * 25

    def test_three_hours_are_by_the_clock(self) -> None:
        """From 0 to 3 o'clock two hours pass on the 29th."""
        found = cut(at("2026-03-28T12:00", BERLIN), at("2026-04-01", BERLIN), BERLIN)
        assert (found.step, found.every) == ("hour", 1)
        coarser = cut(at("2026-03-24", BERLIN), at("2026-04-01", BERLIN), BERLIN)
        assert (coarser.step, coarser.every) == ("hour", 3)
        assert hours(coarser) == [3] * 40 + [2] + [3] * 23

    def test_half_days_are_by_the_clock_where_it_is_put_back(self) -> None:
        found = cut(at("2026-10-01", BERLIN), at("2026-10-31", BERLIN), BERLIN)
        assert (found.step, found.every) == ("hour", 12)
        assert hours(found) == [12] * 48 + [13] + [12] * 11

    def test_a_midnight_that_does_not_come_is_when_the_clock_jumps(self) -> None:
        """Cairo went from 23:59 to 01:00 on 26 April 2024."""
        cairo = ZoneInfo("Africa/Cairo")
        found = cut(at("2024-04-25", cairo), at("2024-04-28", cairo), cairo, step="day")
        assert hours(found) == [24, 23, 24]
        assert found.borders[1].astimezone(cairo).hour == 1

    def test_a_day_that_a_country_left_out_is_no_bucket(self) -> None:
        """Samoa had no 30 December 2011."""
        apia = ZoneInfo("Pacific/Apia")
        found = cut(at("2011-12-29", apia), at("2012-01-01", apia), apia, step="day")
        assert hours(found) == [24, 24]

    def test_the_ends_cut_the_first_and_the_last_bucket(self) -> None:
        found = cut(at("2026-01-01T10:20"), at("2026-01-01T12:10"), UTC_ZONE, step="hour")
        assert hours(found) == pytest.approx([40 / 60, 1, 10 / 60])

    def test_an_open_start_has_a_whole_first_bucket(self) -> None:
        found = cut(at("2026-01-01T10:20"), at("2026-01-01T12:00"), UTC_ZONE, step="hour", whole_first=True)
        assert hours(found) == [1, 1]

    @pytest.mark.parametrize(
        ("length", "step", "every", "count"),
        [
            (timedelta(hours=1), "minute", 1, 60),
            (timedelta(hours=24), "minute", 30, 48),
            (timedelta(days=7), "hour", 3, 56),
            (timedelta(days=30), "hour", 12, 60),
            (timedelta(days=90), "day", 1, 90),
            (timedelta(days=365), "week", 1, 53),
            (timedelta(days=20 * 365), "month", 3, 80),
        ],
    )
    def test_the_step_suits_the_window(self, length: timedelta, step: Step, every: int, count: int) -> None:
        start = at("2006-01-02")
        found = cut(start, start + length, UTC_ZONE)
        assert (found.step, found.every, len(hours(found))) == (step, every, count)

    @pytest.mark.parametrize("step", ["minute", "hour", "day", "week", "month", None])
    def test_an_empty_range_has_no_bucket(self, step: Step | None) -> None:
        assert hours(cut(at("2026-01-01"), at("2026-01-01"), BERLIN, step=step)) == []
        assert hours(cut(at("2026-01-02"), at("2026-01-01"), BERLIN, step=step)) == []

    @pytest.mark.parametrize(
        ("first", "last", "step", "said"),
        [
            ("0001-01-01", "2026-01-01", None, "between the years 1970 and 3000"),
            ("2026-01-01", "9999-12-31", None, "between the years 1970 and 3000"),
            ("2006-01-01", "2026-01-01", "minute", "10,519,201 buckets of one minute; at most 2,000"),
        ],
    )
    def test_what_cannot_be_drawn_is_refused_with_a_sentence(
        self, first: str, last: str, step: Step | None, said: str
    ) -> None:
        with pytest.raises(InvalidInput, match=said):
            cut(at(first), at(last), BERLIN, step=step)

    @settings(max_examples=300, deadline=None)
    @given(
        st.datetimes(datetime(1971, 1, 1), datetime(2040, 1, 1)),
        st.timedeltas(timedelta(microseconds=1), timedelta(days=20 * 366)),
        st.sampled_from(ZONES),
        st.booleans(),
    )
    def test_buckets_cover_the_range_and_rise(
        self, start: datetime, length: timedelta, zone: str, whole_first: bool
    ) -> None:
        begin, end = start.replace(tzinfo=UTC), start.replace(tzinfo=UTC) + length
        found = cut(begin, end, ZoneInfo(zone), whole_first=whole_first)
        assert found.borders[0] <= begin and found.borders[-1] == end
        assert whole_first or found.borders[0] == begin
        assert all(one < next for one, next in pairwise(found.borders))
        # Clocks that are changed and ends that cut may add a few.
        assert len(found.borders) <= MOST_CHOSEN + 8


class TestTimeZone:
    @pytest.mark.parametrize("name", ["", "Mars/Base", "../etc/passwd", "Europe", "/etc/localtime", "europe/berlin\0"])
    def test_a_name_that_nobody_knows_is_refused_with_a_sentence(self, name: str) -> None:
        with pytest.raises(InvalidInput, match="There is no time zone named"):
            time_zone(name)

    def test_old_names_are_known(self) -> None:
        assert time_zone("Asia/Calcutta").key == "Asia/Calcutta"
