"""When a schedule runs, in words. The specifications are as servers give them back: cron text is translated there."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.schedule.v1 import ScheduleSpec

from watchglass.parse.schedule_words import describe_spec

ALL_DAYS = {
    "dayOfMonth": [{"start": 1, "end": 31}],
    "month": [{"start": 1, "end": 12}],
    "dayOfWeek": [{"start": 0, "end": 6}],
}


def calendar(hour: Any, minute: Any, **more: Any) -> Mapping[str, Any]:
    return {"structuredCalendar": [{"second": [{}], "minute": minute, "hour": hour, **ALL_DAYS, **more}]}


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({}, "never by itself"),
        ({"interval": [{"interval": "300s"}]}, "every 5 minutes"),
        ({"interval": [{"interval": "60s"}]}, "every minute"),
        ({"interval": [{"interval": "5400s"}]}, "every 1 hour 30 minutes"),
        ({"interval": [{"interval": "3600s", "phase": "300s"}]}, "every hour, shifted by 5 minutes"),
        ({"interval": [{"interval": "3s"}], "jitter": "30s"}, "every 3 seconds, up to 30 seconds later at random"),
        (calendar([{"start": 2}], [{}]), "every day at 02:00 UTC"),
        (
            calendar([{"start": 9}, {"start": 17}], [{"start": 30}]) | {"timezoneName": "Europe/Berlin"},
            "every day at 09:30 and 17:30 Europe/Berlin",
        ),
        (
            calendar([{"start": 9, "end": 17}], [{"end": 59, "step": 15}], dayOfWeek=[{"start": 1, "end": 5}]),
            "Monday to Friday every 15 minutes of hours 9-17 UTC",
        ),
        (calendar([{"end": 23}], [{"end": 59}]), "every minute UTC"),
        (calendar([{"end": 23}], [{"start": 5}]), "at minute 5 of every hour UTC"),
        (calendar([{"end": 23, "step": 2}], [{}]), "at minute 0 of every 2nd hour UTC"),
        (calendar([{"end": 23}], [{"start": 7}, {"start": 19}]), "at minutes 7, 19 of every hour UTC"),
        (calendar([{"start": 2}], [{}], dayOfWeek=[{}]), "every Sunday at 02:00 UTC"),
        (
            calendar([{"start": 4}], [{"start": 30}], dayOfMonth=[{"start": 1}, {"start": 15}], month=[{"start": 1}]),
            "on day 1 and 15 of the month in January at 04:30 UTC",
        ),
        (calendar([{}], [{}], year=[{"start": 2027}]), "every day of 2027 at 00:00 UTC"),
        (calendar([{}], [{}], comment="month's end"), "every day at 00:00 UTC (month's end)"),
        ({"cronString": ["0 2 * * *"]}, "cron 0 2 * * * (UTC)"),
        ({"calendar": [{"hour": "2", "dayOfWeek": "mon"}]}, "day of week mon, hour 2 UTC"),
    ],
)
def test_in_words(spec: dict[str, Any], words: str) -> None:
    assert describe_spec(ParseDict(spec, ScheduleSpec())) == words


def test_exceptions_and_the_last_day_are_told() -> None:
    spec = ParseDict(calendar([{"start": 2}], [{}]), ScheduleSpec())
    spec.exclude_structured_calendar.append(spec.structured_calendar[0])
    spec.exclude_structured_calendar[0].ClearField("month")
    spec.exclude_structured_calendar[0].month.add(start=12)
    last = Timestamp()
    last.FromDatetime(datetime(2030, 1, 1, tzinfo=UTC))
    spec.end_time.CopyFrom(last)
    assert describe_spec(spec) == (
        "every day at 02:00 UTC, except every day in December at 02:00 UTC, until 2030-01-01 00:00 UTC"
    )
