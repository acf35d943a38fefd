"""What only a codec can read, in units and runs: found, and replaced by what the codec read.

Each function here walks one thing and puts every payload through a `Change`. A walk with a change that only takes
notes finds what has to be decoded; a second one puts the answers in their places.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from temporalio.api.common.v1 import Payload, Payloads

from watchglass.model.attempt import Attempt
from watchglass.model.component import Component, Values
from watchglass.model.described import Described
from watchglass.model.execution import Execution
from watchglass.model.failure import Failure
from watchglass.parse.failure import read_attributes
from watchglass.parse.payload import DECODED_FROM

Change = Callable[[Payload], Payload]
"""Returns the very payload that it was given where nothing changes."""

_READ_HERE = frozenset({"", "binary/null", "binary/plain", "binary/protobuf"})
"""Beside `json/…`: what no codec made. A binary Protobuf message stays unread, but no codec would help."""


def is_encoded(encoding: str) -> bool:
    """Is this an encoding that neither Temporal's own converters write nor Watchglass can read?"""
    encoding = encoding.strip()
    return encoding not in _READ_HERE and not encoding.startswith("json/")


def encoding_of(payload: Payload) -> str:
    return payload.metadata.get("encoding", b"").decode("utf-8", "replace")


def marked_decoded(payload: Payload, original: Payload) -> Payload:
    """A codec's answer, which from now on says what it was made from; the original where it is no answer."""
    made = Payload()
    made.CopyFrom(payload)
    made.metadata.pop(DECODED_FROM, None)
    if made == original:
        return original
    made.metadata[DECODED_FROM] = encoding_of(original).encode()
    return made


def change_component(unit: Component, change: Change) -> Component:
    return replace(
        unit,
        input=change_values(unit.input, change),
        output=change_values(unit.output, change),
        heartbeat=_change_payloads(unit.heartbeat, change),
        failure=change_failure(unit.failure, change),
        previous_failure=change_failure(unit.previous_failure, change),
    )


def change_execution(execution: Execution, change: Change, *, concerns: Callable[[Component], bool]) -> Execution:
    """The run's own values, and those of the units that it concerns."""
    return replace(
        execution,
        input=change_values(execution.input, change),
        result=change_values(execution.result, change),
        failure=change_failure(execution.failure, change),
        memo=change_memo(execution.memo, change),
        components=tuple(change_component(unit, change) if concerns(unit) else unit for unit in execution.components),
    )


def change_described(described: Described, change: Change) -> Described:
    """The failures of pending activities, of which attempts are made."""
    pending = (
        replace(activity, last_failure=change_failure(activity.last_failure, change))
        for activity in described.pending_activities
    )
    return replace(described, pending_activities=tuple(pending))


def change_attempt(attempt: Attempt, change: Change) -> Attempt:
    return replace(attempt, failure=change_failure(attempt.failure, change))


def change_values(values: Values | None, change: Change) -> Values | None:
    if values is None or not values.data:
        return values
    data = _change_payloads(values.data, change)
    if data is None or data is values.data:
        return values
    size = sum(len(payload.data) for payload in Payloads.FromString(data).payloads)
    return Values(data, size, values.event_id)


def change_memo(memo: Mapping[str, bytes], change: Change) -> dict[str, bytes]:
    return {name: _change_payload(data, change) for name, data in memo.items()}


def change_failure(failure: Failure | None, change: Change) -> Failure | None:
    """The whole chain; with a loop, because chains of thousands exist."""
    links: list[Failure] = []
    while failure is not None:
        links.append(failure)
        failure = failure.cause
    made: Failure | None = None
    for link in reversed(links):
        made = _change_link(replace(link, cause=made), change)
    return made


def _change_link(link: Failure, change: Change) -> Failure:
    link = replace(link, details=_change_payloads(link.details, change))
    if link.attributes is None:
        return link
    told = read_attributes(change(Payload.FromString(link.attributes)))
    if told is None:
        return link
    message, stack = told
    return replace(link, message=message, stack_trace=stack, encoded=False, decoded=True, attributes=None)


def _change_payloads(data: bytes | None, change: Change) -> bytes | None:
    """The very bytes that were given where nothing changes."""
    if not data:
        return data
    given = list(Payloads.FromString(data).payloads)
    made = [change(payload) for payload in given]
    if all(after is before for after, before in zip(made, given, strict=True)):
        return data
    return Payloads(payloads=made).SerializeToString(deterministic=True)


def _change_payload(data: bytes, change: Change) -> bytes:
    given = Payload.FromString(data)
    made = change(given)
    return data if made is given else made.SerializeToString(deterministic=True)
