"""A history file to its events, whichever tool or server wrote it.

Read are proto-JSON of every age (`{"events": […]}`, a bare list, a page of GetWorkflowExecutionHistory),
newest first or oldest first, with payloads as base64 or decoded, and binary protobuf; each also gzipped.
"""

import gzip
import zlib
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from google.protobuf.message import DecodeError
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import History, HistoryEvent

from watchglass.errors import InvalidInput
from watchglass.parse.json_text import read_json_text
from watchglass.parse.proto_json import fill, read_enum

MAX_BYTES = 50 * 1024 * 1024
"""As much as Temporal lets a history grow."""

_GZIP = b"\x1f\x8b"
_NOT_ONE = "It is not a Temporal workflow history: "
_HOW = "Save one with: temporal workflow show --workflow-id ID --output json > history.json"


class NotAHistory(InvalidInput):
    """The file is not a Temporal history that can be read; the message says why."""


def read_history(data: bytes) -> list[HistoryEvent]:
    """The events in order of their ids. Raises `NotAHistory`, whose message goes after the file's name."""
    data = _unpacked(data)
    _check_size(len(data))
    start = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if not start:
        raise NotAHistory("The file is empty.")
    events = _from_json(data) if start in b"[{" else _from_protobuf(data)
    if any(event.event_id < 1 for event in events):
        raise NotAHistory(f"{_NOT_ONE}some of its events have no id. {_HOW}")
    return sorted(events, key=lambda event: event.event_id)


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(_GZIP):
        return data
    try:
        with gzip.GzipFile(fileobj=BytesIO(data)) as archive:
            return archive.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise NotAHistory("It is a gzip file that is cut off or damaged.") from error


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise NotAHistory(
            f"It holds more than {MAX_BYTES // 2**20} MiB, the most that Temporal lets a history grow to, "
            "so it is not one history."
        )


def _from_protobuf(data: bytes) -> Sequence[HistoryEvent]:
    try:
        events = History.FromString(data).events
    except DecodeError as error:
        # Python's protobuf reads a hundred levels; failures nest deeper, and then only their JSON can be read.
        raise NotAHistory(f"{_NOT_ONE}neither JSON nor a protobuf History that can be read. {_HOW}") from error
    if not events or not events[0].WhichOneof("attributes"):
        raise NotAHistory(f"{_NOT_ONE}it holds no events. {_HOW}")
    return events


def _from_json(data: bytes) -> list[HistoryEvent]:
    try:
        document = read_json_text(data)
    except ValueError as error:
        raise NotAHistory(f"It starts like JSON but is cut off or damaged ({error}).") from error
    items = _event_list(document)
    _refuse_cadence(items)
    return [_event(item) for item in items]


def _event_list(document: Any) -> list[Mapping[str, Any]]:
    """The events, wherever this kind of file keeps them."""
    found = document
    while isinstance(found, Mapping):
        found = found.get("events", found.get("history"))
    if not isinstance(found, list) or not found or not all(_is_event(item) for item in found):
        raise NotAHistory(f"{_NOT_ONE}it has no list of events. {_HOW}")
    return found


def _is_event(item: Any) -> bool:
    return isinstance(item, Mapping) and bool({"eventId", "event_id"} & item.keys())


def _refuse_cadence(items: Sequence[Mapping[str, Any]]) -> None:
    for item in items:
        if str(item.get("eventType", "")).startswith("DecisionTask") or isinstance(item.get("timestamp"), int):
            raise NotAHistory("It is a Cadence history: only Temporal's are read. Cadence's own tools can show it.")


def _event(item: Mapping[str, Any]) -> HistoryEvent:
    event = HistoryEvent()
    fill(event, item)
    kind = item.get("eventType", item.get("event_type"))
    event.event_type = read_enum(EventType.DESCRIPTOR, kind) or 0  # type: ignore[assignment]
    attributes = item.get("attributes")
    if event.WhichOneof("attributes") is None and isinstance(attributes, Mapping):
        fill(event, {str(attributes.get("type")): attributes})
    return event
