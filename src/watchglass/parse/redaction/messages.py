"""Whole messages of Temporal's with everything hidden in place: events, and answers of Describe and of lists.

The walk follows the message types themselves, so that a field that Temporal adds is looked at too: every payload,
every text that a person or a program wrote freely, every header. Ids, types, names and task queues are never changed:
they say which run is which.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor, OneofDescriptor
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent

from watchglass.model.journal import MEMO_JOURNAL, MEMO_RUN
from watchglass.parse.payload import REDACTED
from watchglass.parse.redaction.parts import APART, looked_at
from watchglass.parse.redaction.reach import PAYLOAD, is_free_text, may_hold
from watchglass.parse.redaction.redactor import Redactor

_OF_THE_SERVER = frozenset({"BuildIds", "BatcherUser"})
"""Search attributes that Temporal sets, beside those whose names begin with its own."""
_OF_THE_SDK = {
    "LocalActivity": frozenset({"data"}),
    "core_local_activity": frozenset({"data"}),
    "Version": frozenset({"change-id", "version"}),
    "core_patch": frozenset({"patch-data"}),
    "SideEffect": frozenset({"side-effect-id"}),
    "MutableSideEffect": frozenset({"side-effect-id"}),
}
"""Details of markers that hold an SDK's bookkeeping, by the marker's name."""

_TOGETHER = 50
"""Events that are looked over at once: in most histories the rules hold for few."""

Step = Callable[[Any, Redactor], bool]
"""Changes one field of a message in place, and says whether it did."""


def redact(message: Message, redactor: Redactor) -> bool:
    """Hide what the rules hide, in place; say whether anything was."""
    return redactor.may_hide(message.SerializeToString()) and _hide(message, redactor)


def redact_events(events: Sequence[HistoryEvent], redactor: Redactor) -> set[int]:
    """The same for events; return the ids of those in which something was hidden."""
    changed: set[int] = set()
    for start in range(0, len(events), _TOGETHER):
        held = [(event, data) for event in events[start : start + _TOGETHER] if (data := looked_at(event))]
        if redactor.may_hide(APART.join([data for _, data in held])):
            near = (event for event, data in held if redactor.may_hide(data))
            changed.update(event.event_id for event in near if _hide(event, redactor))
    return changed


def _hide(message: Message, redactor: Redactor) -> bool:
    if isinstance(message, Payload):
        return _replace(message, redactor.payload(message))
    if isinstance(message, Failure):
        return _failures(message, redactor)
    changed = False
    for step in _steps(message.DESCRIPTOR):
        changed |= step(message, redactor)
    return changed


def is_redacted(message: Message) -> bool:
    """Does a payload of the message say that something in it was hidden? (Texts of errors do not.)"""
    return REDACTED.encode() in message.SerializeToString()


def _failures(failure: Failure, redactor: Redactor) -> bool:
    """The whole chain; with a loop, because chains of thousands exist."""
    changed = False
    link: Failure | None = failure
    while link is not None:
        for step in _steps(Failure.DESCRIPTOR):
            changed |= step(link, redactor)
        link = link.cause if link.HasField("cause") else None
    return changed


def _replace(payload: Payload, after: Payload) -> bool:
    if after is payload:
        return False
    payload.CopyFrom(after)
    return True


@cache
def _steps(kind: Descriptor) -> tuple[Step, ...]:
    """What is to be done with the fields of a message type that may hold something to hide."""
    if kind.full_name == "temporal.api.history.v1.MarkerRecordedEventAttributes":
        special: dict[str, Step] = {"details": _marker_details}
    elif kind.full_name == "temporal.api.common.v1.SearchAttributes":
        special = {"indexed_fields": _search_attributes}
    elif kind.full_name == "temporal.api.common.v1.Memo":
        special = {"fields": _memo}
    elif kind.full_name == Failure.DESCRIPTOR.full_name:
        special = {"cause": _nothing}  # `_failures` goes along the chain.
    else:
        special = {}
    alone = [field for field in kind.fields if field.containing_oneof is None or field.message_type is None]
    found = (special.get(field.name) or _step(field) for field in alone)
    return (*(step for step in found if step is not None), *map(_oneof_step, kind.oneofs))


def _all_done(changes: Iterable[bool]) -> bool:
    """Did one of them change something? All of them are made, also those behind the first that did."""
    return sum(changes) > 0


def _nothing(message: Any, redactor: Redactor) -> bool:
    return False


def _step(field: FieldDescriptor) -> Step | None:
    kind = field.message_type
    if kind is None:
        if not is_free_text(field):
            return None
        return _bytes_step(field.name) if field.type == FieldDescriptor.TYPE_BYTES else _text_step(field.name)
    if kind.GetOptions().map_entry:
        return _map_step(field.name, kind.fields_by_name["value"])
    if not may_hold(kind):
        return None
    return _each_step(field.name) if field.is_repeated else _one_step(field.name)


def _text_step(name: str) -> Step:
    def step(message: Any, redactor: Redactor) -> bool:
        value = getattr(message, name)
        after = redactor.text(value) if value else value
        if after is value:
            return False
        setattr(message, name, after)
        return True

    return step


def _bytes_step(name: str) -> Step:
    def step(message: Any, redactor: Redactor) -> bool:
        value = getattr(message, name)
        after = redactor.opaque(value)
        if after == value:
            return False
        setattr(message, name, after)
        return True

    return step


def _one_step(name: str) -> Step:
    def step(message: Any, redactor: Redactor) -> bool:
        return bool(message.HasField(name)) and _hide(getattr(message, name), redactor)

    return step


def _oneof_step(group: OneofDescriptor) -> Step:
    """An event has one of sixty kinds of attributes: they are not asked for one by one."""
    name = group.name
    looked_at = frozenset(
        field.name for field in group.fields if field.message_type is not None and may_hold(field.message_type)
    )

    def step(message: Any, redactor: Redactor) -> bool:
        which = message.WhichOneof(name)
        return which in looked_at and _hide(getattr(message, which), redactor)

    return step


def _each_step(name: str) -> Step:
    def step(message: Any, redactor: Redactor) -> bool:
        return _all_done(_hide(part, redactor) for part in getattr(message, name))

    return step


def _map_step(name: str, value: FieldDescriptor) -> Step | None:
    if value.message_type is not None and value.message_type.full_name == PAYLOAD:
        return lambda message, redactor: _payloads(getattr(message, name), redactor)
    if value.message_type is not None and may_hold(value.message_type):
        return lambda message, redactor: _all_done(_hide(part, redactor) for part in getattr(message, name).values())
    if value.type == FieldDescriptor.TYPE_STRING:
        return lambda message, redactor: _headers(getattr(message, name), redactor)
    return None


def _payloads(fields: Any, redactor: Redactor) -> bool:
    return _all_done(_replace(fields[name], redactor.payload(fields[name], name=name)) for name in list(fields))


def _headers(fields: Any, redactor: Redactor) -> bool:
    changed = False
    for name in list(fields):
        after = redactor.named_text(name, fields[name])
        if after != fields[name]:
            fields[name] = after
            changed = True
    return changed


def _search_attributes(message: Any, redactor: Redactor) -> bool:
    """Those that Temporal sets say which schedule, build or version a run is of: they are no values of people's."""
    fields = message.indexed_fields
    names = [name for name in fields if not name.startswith("Temporal") and name not in _OF_THE_SERVER]
    return _all_done(_replace(fields[name], redactor.payload(fields[name], name=name)) for name in names)


def _memo(message: Any, redactor: Redactor) -> bool:
    """Which drawing a run is of stays; of its journal, what the nodes gave is looked at and how they stand is not."""
    fields = message.fields
    changed = False
    for name in list(fields):
        if name == MEMO_JOURNAL:
            changed |= _journal(fields[name], redactor)
        elif name != MEMO_RUN:
            changed |= _replace(fields[name], redactor.payload(fields[name], name=name))
    return changed


def _journal(payload: Payload, redactor: Redactor) -> bool:
    try:
        entries = json.loads(payload.data)
    except (ValueError, RecursionError):
        return _replace(payload, redactor.payload(payload))
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return _replace(payload, redactor.payload(payload))
    changed = False
    for entry in entries:
        for part in ("output", "error"):
            if entry.get(part) is not None:
                held = json.dumps(entry[part], ensure_ascii=False).encode("utf-8", "surrogatepass")
                after = redactor.json(held)
                if after != held:
                    entry[part] = json.loads(after.decode("utf-8", "surrogatepass"))
                    changed = True
    if changed:
        payload.data = json.dumps(entries, ensure_ascii=False).encode("utf-8", "surrogatepass")
        payload.metadata[REDACTED] = b"1"
    return changed


def _marker_details(message: Any, redactor: Redactor) -> bool:
    kept = _OF_THE_SDK.get(message.marker_name, frozenset())
    return _all_done(_hide(message.details[name], redactor) for name in list(message.details) if name not in kept)


def redact_payloads(data: bytes, redactor: Redactor) -> bytes:
    """A serialised `Payloads`; the very bytes where nothing is hidden."""
    message = Payloads.FromString(data)
    return message.SerializeToString(deterministic=True) if redact(message, redactor) else data
