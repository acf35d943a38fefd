"""Which types of Temporal's messages can hold something that is looked at."""

from functools import cache

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from temporalio.api.common.v1 import Payload

PAYLOAD = Payload.DESCRIPTOR.full_name
FREE_TEXTS = frozenset({"message", "stack_trace", "reason", "cause", "summary", "details", "notes"})
"""Fields of type string in which somebody writes what they like."""
_CHOSEN = {
    "temporal.api.common.v1.Callback.Nexus": frozenset({"url"}),
    "temporal.api.common.v1.Callback.Internal": frozenset({"data"}),
    "temporal.api.common.v1.Priority": frozenset({"fairness_key"}),
    "temporal.api.failure.v1.NexusOperationFailureInfo": frozenset({"operation_id"}),
    "temporal.api.history.v1.NexusOperationStartedEventAttributes": frozenset({"operation_id"}),
}
"""Fields of one message type, of type string or bytes, in which code puts what it likes."""
_CHOSEN_ANYWHERE = "operation_token"
"""What a Nexus handler knows its operation by, before 1.28 `operation_id`."""


@cache
def may_hold(kind: Descriptor) -> bool:
    """Can a message of this type hold, at any depth, something that is looked at?"""
    return _reaches(kind, set())


def _reaches(kind: Descriptor, seen: set[str]) -> bool:
    if kind.full_name == PAYLOAD:
        return True
    if kind.full_name in seen:
        return False
    seen.add(kind.full_name)
    return any(_field_reaches(field, seen) for field in kind.fields)


def _field_reaches(field: FieldDescriptor, seen: set[str]) -> bool:
    kind = field.message_type
    if kind is None:
        return is_free_text(field)
    if not kind.GetOptions().map_entry:
        return _reaches(kind, seen)
    value = kind.fields_by_name["value"]
    return value.type == FieldDescriptor.TYPE_STRING or (
        value.message_type is not None and _reaches(value.message_type, seen)
    )


def is_free_text(field: FieldDescriptor) -> bool:
    if field.is_repeated:
        return False
    return is_chosen(field) or (field.type == FieldDescriptor.TYPE_STRING and field.name in FREE_TEXTS)


def is_chosen(field: FieldDescriptor) -> bool:
    """Does code put a value of its own there, beside payloads, headers and texts?"""
    kind = field.containing_type
    return field.name == _CHOSEN_ANYWHERE or (kind is not None and field.name in _CHOSEN.get(kind.full_name, ()))


def is_looked_at(field: FieldDescriptor) -> bool:
    """Is it looked at itself, or may something in it be?"""
    return _field_reaches(field, set())
