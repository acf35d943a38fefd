"""Events written by hand, as the server would send them."""

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from watchglass.parse.events.table import HANDLERS

START = 1_795_371_912


def event(event_id: int, kind: str, *, at: float | None = None, **attributes: object) -> HistoryEvent:
    """An event by the name of its type, `at` seconds after the run's start (its id when nothing is said)."""
    made = HistoryEvent(event_id=event_id, event_type=EventType.Value(f"EVENT_TYPE_{kind}"))
    moment = START * 1_000_000 + round((event_id if at is None else at) * 1_000_000)
    made.event_time.seconds, made.event_time.nanos = moment // 1_000_000, moment % 1_000_000 * 1000
    field = f"{kind.lower()}_event_attributes"
    getattr(made, field).SetInParent()
    for name, value in attributes.items():
        target = getattr(made, field)
        if hasattr(value, "DESCRIPTOR"):
            getattr(target, name).CopyFrom(value)
        else:
            setattr(target, name, value)
    return made


KNOWN_TYPES = sorted(HANDLERS)
