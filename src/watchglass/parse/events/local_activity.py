"""Local activities: markers, written in three ways by the SDKs.

| marker              | SDKs         | what `details` holds                                           |
|---------------------|--------------|----------------------------------------------------------------|
| LocalActivity       | Go           | `data`: {"ActivityID", "ActivityType", "Attempt", …}           |
| LocalActivity       | Java         | `activityId`, `type`, `time`, `meta`: {"firstSkd", "atpt"}     |
| core_local_activity | all others   | `data`: {"activity_id", "activity_type", "attempt", two times} |
"""

from collections.abc import Mapping
from dataclasses import dataclass

from temporalio.api.common.v1 import Payloads
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from watchglass.model.component import Clocks
from watchglass.model.status import ComponentKind, ComponentStatus
from watchglass.parse.clock import NOTHING
from watchglass.parse.events.handler import Handler
from watchglass.parse.failure import parse_failure
from watchglass.parse.run_state import RunState
from watchglass.parse.search_attributes import read_json
from watchglass.parse.values import values_of

_MARKERS = frozenset({"LocalActivity", "core_local_activity"})
_UNREADABLE = "local activity"
"""The name of one whose marker only a codec can read."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What a marker tells; times in microseconds."""

    activity_id: str
    type: str
    attempt: int | None
    scheduled_at: int | None = None
    completed_at: int | None = None


def _recorded(state: RunState, event: HistoryEvent, event_id: int) -> None:
    attributes = event.marker_recorded_event_attributes
    if attributes.marker_name not in _MARKERS:
        return
    details = attributes.details
    told = _told(details)
    unit = state.begin(event, event_id, ComponentKind.LOCAL_ACTIVITY, told.type, told.activity_id)
    unit.ref = (("activityId", told.activity_id),)
    unit.attempt = told.attempt
    unit.clocks = _clocks(told)
    unit.input = values_of(details["input"], event_id) if "input" in details else None
    unit.output = values_of(details["result"], event_id) if "result" in details else None
    failed = attributes.HasField("failure")
    unit.end(event_id, unit.scheduled_at, ComponentStatus.FAILED if failed else ComponentStatus.COMPLETED)
    if failed:
        unit.failure = parse_failure(attributes.failure)


def _told(details: Mapping[str, Payloads]) -> _Told:
    data = _first(details, "data")
    if isinstance(data, dict):
        return _core(data) if "activity_type" in data else _go(data)
    return _java(details)


def _go(data: dict[str, object]) -> _Told:
    return _Told(
        _word(data.get("ActivityID")),
        _word(data.get("ActivityType")) or _UNREADABLE,
        _count(data.get("Attempt")),
    )


def _core(data: dict[str, object]) -> _Told:
    return _Told(
        _word(data.get("activity_id")),
        _word(data.get("activity_type")) or _UNREADABLE,
        _count(data.get("attempt")),
        _moment(data.get("original_schedule_time")),
        _moment(data.get("complete_time")),
    )


def _java(details: Mapping[str, Payloads]) -> _Told:
    meta = _first(details, "meta")
    meta = meta if isinstance(meta, dict) else {}
    return _Told(
        _word(_first(details, "activityId")),
        _word(_first(details, "type")) or _UNREADABLE,
        _count(meta.get("atpt")),
        _epoch_millis(meta.get("firstSkd")),
        _epoch_millis(_first(details, "time")),
    )


def _first(details: Mapping[str, Payloads], key: str) -> object | None:
    payloads = details[key].payloads if key in details else ()
    return read_json(payloads[0].SerializeToString()) if payloads else None


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and 0 < value < 2**31 else None


def _epoch_millis(value: object) -> int | None:
    return value * 1000 if isinstance(value, int) and 0 < value < 2**52 else None


def _moment(value: object) -> int | None:
    if not isinstance(value, dict):
        return None
    seconds, nanos = value.get("seconds"), value.get("nanos", 0)
    if not isinstance(seconds, int) or not isinstance(nanos, int) or not 0 < seconds < 2**40:
        return None
    return seconds * 1_000_000 + nanos // 1000


def _clocks(told: _Told) -> Clocks:
    """Only when the marker holds both times, in order: a worker's clock may stand before its server's."""
    start, end = told.scheduled_at, told.completed_at
    if start is None or end is None or end < start:
        return NOTHING
    duration = (end - start) / 1000
    return Clocks(duration_ms=duration, execution_ms=duration if told.attempt == 1 else None)


HANDLERS: dict[int, Handler] = {EventType.EVENT_TYPE_MARKER_RECORDED: _recorded}
