"""Events to Temporal's own history JSON, as `temporal workflow show --output json` writes it and SDK
replayers read it."""

from collections.abc import Iterable
from typing import Any

from google.protobuf.json_format import MessageToDict
from temporalio.api.history.v1 import HistoryEvent


def event_json(event: HistoryEvent) -> dict[str, Any]:
    """One event as a JSON object: camelCase names, 64-bit numbers and ids as text, payload bytes in
    base64."""
    exported: dict[str, Any] = MessageToDict(event)
    return exported


def history_json(events: Iterable[HistoryEvent]) -> dict[str, Any]:
    """A whole history: `{"events": […]}`."""
    return {"events": [event_json(event) for event in events]}
