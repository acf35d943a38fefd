"""What rules would hide in the events of a run."""

from collections.abc import Sequence
from dataclasses import dataclass

from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from watchglass.parse.encoded import encoding_of, is_encoded
from watchglass.parse.redaction.mark import MARK
from watchglass.parse.redaction.messages import redact
from watchglass.parse.redaction.redactor import Redactor


@dataclass(frozen=True, slots=True)
class HiddenIn:
    event_id: int
    type: str
    count: int


@dataclass(frozen=True, slots=True)
class Previewed:
    hidden: Sequence[HiddenIn]
    unreadable: int
    """Payloads that only a codec can read."""


def preview(events: Sequence[HistoryEvent], redactor: Redactor) -> Previewed:
    """The events are changed."""
    counting = _Counting(redactor)
    hidden: list[HiddenIn] = []
    for event in events:
        before = len(MARK.findall(event.SerializeToString()))
        if redact(event, counting):
            count = len(MARK.findall(event.SerializeToString())) - before
            hidden.append(HiddenIn(event.event_id, EventType.Name(event.event_type), max(count, 1)))
    return Previewed(hidden, counting.unreadable)


class _Counting(Redactor):
    """Also counts what it cannot look into."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self.revision = redactor.revision
        self.unreadable = 0

    def may_hide(self, data: bytes) -> bool:
        """Everything is looked at, to be counted."""
        return True

    def text(self, value: str) -> str:
        return self._redactor.text(value)

    def named_text(self, name: str, value: str) -> str:
        return self._redactor.named_text(name, value)

    def json(self, data: bytes) -> bytes:
        return self._redactor.json(data)

    def payload(self, payload: Payload, *, name: str | None = None) -> Payload:
        self.unreadable += is_encoded(encoding_of(payload))
        return self._redactor.payload(payload, name=name)
