"""Payloads kept as they came: serialised once, never decoded, never hashed while a history is read."""

from typing import cast

from temporalio.api.common.v1 import Payload, Payloads

from watchglass.model.component import Values
from watchglass.parse.twin import twin_of

_OpenValues = twin_of(Values)


def values_of(payloads: Payloads, event_id: int) -> Values | None:
    """What one side of a unit holds; None when it holds nothing."""
    items = payloads.payloads
    count = len(items)
    if not count:
        return None
    values = _OpenValues()
    values.data = payloads.SerializeToString(deterministic=True)
    values.size = len(items[0].data) if count == 1 else sum([len(item.data) for item in items])
    values.event_id = event_id
    values.beginnings = None
    values.__class__ = Values
    return cast(Values, values)


def value_of(payload: Payload, event_id: int) -> Values:
    """The same for the single payload that Nexus operations take and give."""
    return Values(Payloads(payloads=[payload]).SerializeToString(deterministic=True), len(payload.data), event_id)
