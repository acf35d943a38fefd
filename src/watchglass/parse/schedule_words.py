"""When a schedule runs, in words: `every day at 02:00 UTC`, `every 5 minutes, 2 minutes later`."""

from collections.abc import Iterable, Sequence

from google.protobuf.duration_pb2 import Duration
from temporalio.api.schedule.v1 import IntervalSpec, Range, ScheduleSpec, StructuredCalendarSpec

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_TIMES_LISTED = 4
_UNITS = ((604_800, "week"), (86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def describe_spec(spec: ScheduleSpec) -> str:
    """One line; what is hidden in it (jitter, exceptions, the first and last day) stands behind commas."""
    zone = spec.timezone_name or "UTC"
    rules = [_interval(one) for one in spec.interval]
    rules += [_calendar(one, zone) for one in spec.structured_calendar]
    rules += [f"cron {text} ({zone})" for text in spec.cron_string]
    rules += [_written_calendar(one, zone) for one in spec.calendar]
    if not rules:
        return "never by itself"
    parts = ["; ".join(dict.fromkeys(rules))]
    excluded = [_calendar(one, zone) for one in spec.exclude_structured_calendar]
    excluded += [_written_calendar(one, zone) for one in spec.exclude_calendar]
    if excluded:
        parts.append("except " + "; ".join(excluded))
    if spec.HasField("start_time"):
        parts.append(f"from {_moment(spec.start_time.ToDatetime().isoformat(' ', 'minutes'))}")
    if spec.HasField("end_time"):
        parts.append(f"until {_moment(spec.end_time.ToDatetime().isoformat(' ', 'minutes'))}")
    if _seconds(spec.jitter):
        parts.append(f"up to {_span(_seconds(spec.jitter))} later at random")
    return ", ".join(parts)


def _moment(text: str) -> str:
    return f"{text} UTC"


def _seconds(duration: Duration) -> float:
    return duration.seconds + duration.nanos / 1e9


def _interval(spec: IntervalSpec) -> str:
    every = _span(_seconds(spec.interval))
    every = every.removeprefix("1 ") if every.count(" ") == 1 else every
    phase = _seconds(spec.phase)
    return f"every {every}" + (f", shifted by {_span(phase)}" if phase else "")


def _span(seconds: float) -> str:
    """`1 hour 30 minutes`."""
    left = int(seconds)
    if left == 0:
        return f"{seconds:g} seconds"
    words = []
    for size, unit in _UNITS:
        count, left = divmod(left, size)
        if count:
            words.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return " ".join(words)


def _calendar(spec: StructuredCalendarSpec, zone: str) -> str:
    days, times = _days(spec), _times(spec)
    # "Every minute" is said of a whole day by itself.
    is_often = times.startswith("every ") or times.endswith(" hour")
    words = f"{times} {zone}" if days == "every day" and is_often else f"{days} {times} {zone}"
    return f"{words} ({spec.comment})" if spec.comment else words


def _days(spec: StructuredCalendarSpec) -> str:
    weekdays = _values(spec.day_of_week, 0, 6)
    month_days = _values(spec.day_of_month, 1, 31)
    months = _values(spec.month, 1, 12)
    words = []
    if len(weekdays) < 7:
        words.append(_weekdays(weekdays))
    if len(month_days) < 31:
        words.append(f"on day {_listed(map(str, month_days))} of the month")
    if len(months) < 12:
        words.append(f"in {_listed(_MONTHS[month - 1] for month in months)}")
    if spec.year:
        words.append(f"of {_listed(_range(one) for one in spec.year)}")
    if not words or (len(weekdays) == 7 and len(month_days) == 31):
        words.insert(0, "every day")
    return " ".join(words)


def _weekdays(days: Sequence[int]) -> str:
    if days == [1, 2, 3, 4, 5]:
        return "Monday to Friday"
    if days == [0, 6]:
        return "Saturday and Sunday"
    return f"every {_listed(_DAYS[day] for day in days)}"


def _times(spec: StructuredCalendarSpec) -> str:
    hours = _values(spec.hour, 0, 23)
    minutes = _values(spec.minute, 0, 59)
    seconds = _values(spec.second, 0, 59)
    if len(hours) * len(minutes) * len(seconds) <= _TIMES_LISTED:
        return "at " + _listed(_clock(h, m, s) for h in hours for m in minutes for s in seconds)
    if seconds != [0]:
        return f"at hour {_short(spec.hour, 24)}, minute {_short(spec.minute, 60)}, second {_short(spec.second, 60)}"
    if len(minutes) == 1:
        return f"at minute {minutes[0]} of {_hours(hours, spec.hour)}"
    step = minutes[1] - minutes[0]
    if 60 % step == 0 and minutes == list(range(minutes[0], 60, step)) and minutes[0] < step:
        every = "every minute" if step == 1 else f"every {step} minutes"
        after = f" from minute {minutes[0]}" if minutes[0] else ""
        return every + after + ("" if len(hours) == 24 else f" of {_hours(hours, spec.hour)}")
    return f"at minutes {_short(spec.minute, 60)} of {_hours(hours, spec.hour)}"


def _hours(hours: Sequence[int], ranges: Iterable[Range]) -> str:
    if len(hours) == 24:
        return "every hour"
    step = hours[1] - hours[0] if len(hours) > 1 else 0
    if step and hours == list(range(0, 24, step)):
        return f"every {step}{'nd' if step == 2 else 'rd' if step == 3 else 'th'} hour"
    return f"hour{'' if len(hours) == 1 else 's'} {_short(ranges, 24)}"


def _clock(hour: int, minute: int, second: int) -> str:
    return f"{hour:02}:{minute:02}" + (f":{second:02}" if second else "")


def _values(ranges: Iterable[Range], first: int, last: int) -> list[int]:
    """What the ranges cover. None at all stands for the first value of a clock, and for every day of a calendar."""
    found = {
        value
        for one in ranges
        for value in range(one.start, max(one.end, one.start) + 1, max(one.step, 1))
        if first <= value <= last
    }
    if found:
        return sorted(found)
    return [0] if last in (23, 59) else list(range(first, last + 1))


def _short(ranges: Iterable[Range], size: int) -> str:
    """As few words as the ranges themselves."""
    return ", ".join(_range(one, size) for one in ranges) or "0"


def _range(one: Range, size: int = 0) -> str:
    if one.end <= one.start:
        return str(one.start)
    if one.start == 0 and one.end == size - 1:
        return f"every {one.step}" if one.step > 1 else "every"
    return f"{one.start}-{one.end}" + (f" by {one.step}" if one.step > 1 else "")


def _listed(words: Iterable[str]) -> str:
    """`a, b and c`."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _written_calendar(spec: object, zone: str) -> str:
    """The spelling of older clients, which newer servers translate."""
    names = ("year", "month", "day_of_month", "day_of_week", "hour", "minute", "second")
    given = [f"{name.replace('_', ' ')} {getattr(spec, name)}" for name in names if getattr(spec, name)]
    return f"{', '.join(given) or 'every day at 00:00'} {zone}"
