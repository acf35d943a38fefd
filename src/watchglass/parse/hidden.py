"""Events without the values that a run handled."""

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent

from watchglass.parse.redaction.reach import is_chosen

HIDDEN = "watchglass-hidden"
"""Metadata of a payload whose data was taken out."""
_KEPT = ("encoding", "messageType")
_HEADERS = frozenset({"nexus_header", "header"})
"""Fields that are maps of texts: whatever the code put there, often to sign in."""


def without_values(event: HistoryEvent) -> HistoryEvent:
    """A copy in which no payload has its data, no map of headers its values, and nothing is left that code chose."""
    copy = HistoryEvent()
    copy.CopyFrom(event)
    stack: list[Message] = [copy]
    while stack:
        message = stack.pop()
        if isinstance(message, Payload):
            _hide(message)
            continue
        for field, value in message.ListFields():
            if field.message_type is None:
                if is_chosen(field):
                    message.ClearField(field.name)
                continue
            if _is_map(field):
                stack.extend(_hide_map(field, value))
            elif field.is_repeated:
                stack.extend(value)
            else:
                stack.append(value)
    return copy


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


def _hide_map(field: FieldDescriptor, values: Any) -> Iterator[Message]:
    """Messages that are still to be looked through."""
    assert field.message_type is not None
    if field.message_type.fields_by_name["value"].message_type is not None:
        yield from values.values()
    elif field.name in _HEADERS:
        for name in list(values):
            values[name] = ""


def _hide(payload: Payload) -> None:
    kept = {name: payload.metadata[name] for name in _KEPT if name in payload.metadata}
    payload.Clear()
    payload.metadata.update({**kept, HIDDEN: b"true"})
