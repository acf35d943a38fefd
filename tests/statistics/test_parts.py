from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from watchglass.statistics.parts import beginnings

START = datetime(2026, 3, 28, 13, 7, 11, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "rounded_to"),
    [
        (timedelta(days=365), timedelta(days=1)),
        (timedelta(days=30), timedelta(hours=1)),
        (timedelta(hours=12), timedelta(minutes=1)),
        (timedelta(minutes=90), timedelta(microseconds=1)),
        (timedelta(microseconds=24), timedelta(microseconds=1)),
    ],
)
def test_parts_begin_with_what_is_kept(length: timedelta, rounded_to: timedelta) -> None:
    found = beginnings(START, START + length, 24)
    assert found[0] == START and len(found) == 24
    for at in found[1:]:
        assert (at - datetime(1970, 1, 1, tzinfo=UTC)) % rounded_to == timedelta(0)
    for first, second in pairwise([*found, START + length]):
        assert timedelta(0) < second - first
        assert abs(second - first - length / 24) <= rounded_to
