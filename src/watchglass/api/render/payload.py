"""Payloads, with as much of their text as the place has room for."""

from collections.abc import Mapping

from watchglass.api.shapes.payload import Payload, SearchAttribute
from watchglass.model.component import Values
from watchglass.model.payload import Payload as PayloadValue
from watchglass.parse.encoded import is_encoded
from watchglass.parse.payload import read_one, read_payloads
from watchglass.parse.search_attributes import read_search_attributes

INLINE_BYTES = 2048
"""Values up to this size stand in lists of components; larger ones are asked for one at a time."""


def render_payload(value: PayloadValue) -> Payload:
    return Payload(
        encoding=value.encoding,
        text=value.text,
        bytes=value.size,
        sha256=value.sha256,
        truncated=value.truncated,
        sanitised=value.sanitised,
        is_encoded=is_encoded(value.encoding),
        decoded_from=value.decoded_from,
        redacted=value.redacted,
    )


def render_payloads(data: bytes | None, *, limit: int | None = None) -> list[Payload] | None:
    """One per argument of a serialised `Payloads`; `limit` bytes of text each, None for all of it."""
    if data is None:
        return None
    return [render_payload(value) for value in read_payloads(data, limit=limit)]


def render_values(values: Values | None, *, limit: int | None) -> list[Payload] | None:
    """None when there are none; of large ones that are kept elsewhere, their beginnings."""
    if values is None:
        return None
    if is_elsewhere(values):
        return [render_payload(value) for value in values.beginnings] if values.beginnings is not None else None
    return render_payloads(values.data, limit=limit)


def is_elsewhere(values: Values | None) -> bool:
    """Only the size is at hand: the values themselves are in the history page that holds their event."""
    return values is not None and not values.data


def render_memo(memo: Mapping[str, bytes], *, limit: int | None = None) -> dict[str, Payload]:
    """`memo` holds a serialised `Payload` by name; `limit` bytes of text each, None for all of it."""
    return {name: render_payload(read_one(data, limit=limit)) for name, data in memo.items()}


def render_search_attributes(fields: Mapping[str, bytes]) -> dict[str, SearchAttribute]:
    types = {attribute.name: attribute.type for attribute in read_search_attributes(fields)}
    return {
        name: SearchAttribute(type=types[name], text=read_one(data, limit=None).text) for name, data in fields.items()
    }
