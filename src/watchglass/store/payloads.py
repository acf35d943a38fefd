"""Payloads of one side of a unit: small ones as they are, of large ones the beginnings, as one JSON text."""

import json
from collections.abc import Sequence

from watchglass.model.component import Values
from watchglass.model.payload import Payload
from watchglass.parse.payload import read_payloads
from watchglass.store.text import storable

INLINE_BYTES = 2048
"""Values up to this size stand in the row; larger ones are read from the history page that holds them."""
_METADATA_BYTES = 8192
"""A payload's metadata has no limit of its own, and a row should have one."""


def inline(values: Values | None) -> bytes | None:
    """The serialised payloads, where they are small enough to stand in a row."""
    return values.data if values is not None and _is_small(values) else None


def beginnings(values: Values | None) -> str | None:
    """What is shown of large values before somebody asks for the whole; None for small ones."""
    if values is None or _is_small(values):
        return None
    if values.beginnings is not None:
        return json.dumps([_to_list(payload) for payload in values.beginnings], ensure_ascii=False)
    return json.dumps([_to_list(payload) for payload in _beginnings(values)], ensure_ascii=False)


def lightened(values: Values) -> Values:
    """The values as they will be read back: large ones without their data, which the history page has."""
    if _is_small(values):
        return values
    return Values(b"", values.size, values.event_id, tuple(_beginnings(values)))


def _beginnings(values: Values) -> Sequence[Payload]:
    payloads = read_payloads(values.data, limit=INLINE_BYTES)
    share = INLINE_BYTES // len(payloads) if payloads else INLINE_BYTES
    return read_payloads(values.data, limit=share)


def values_from(data: bytes | None, size: int | None, event_id: int | None, cut: str | None) -> Values | None:
    """None: there are none. Without data, though there is a size: the history page that holds the event has them."""
    if size is None:
        return None
    payloads = tuple(Payload(*fields) for fields in json.loads(cut)) if cut else None
    return Values(data or b"", size, event_id or 0, payloads)


def _is_small(values: Values) -> bool:
    return values.beginnings is None and values.size <= INLINE_BYTES and len(values.data) <= _METADATA_BYTES


def _to_list(payload: Payload) -> list[object]:
    return [
        storable(payload.encoding),
        payload.text,
        payload.size,
        payload.sha256,
        payload.truncated,
        payload.sanitised,
        payload.decoded_from and storable(payload.decoded_from),
        payload.redacted,
    ]
