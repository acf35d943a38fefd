"""Opaque places in a keyset-paged list. Holding one gives no right to anything: Row Level Security still decides."""

import base64
import json
import math
from typing import Any

from watchglass.errors import InvalidInput
from watchglass.store.text import storable

_LARGEST = 2**62
"""Room to count on from there, within 64 bits."""


def write_cursor(kind: str, place: list[Any]) -> str:
    """`kind` names the list and its order; `place` is the key of a row as JSON values."""
    text = json.dumps([kind, *place], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(kind: str, cursor: str, *, types: tuple[type | tuple[type, ...], ...]) -> list[Any]:
    """The place that `write_cursor` was given.

    Raises:
        InvalidInput: it is no cursor, or one of another list.
    """
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or len(found) != len(types) + 1 or found[0] != kind:
        raise InvalidInput("The cursor does not belong to this list. Ask for the first page again.")
    place = found[1:]
    if not all(
        isinstance(value, expected) and _is_carried(value) for value, expected in zip(place, types, strict=True)
    ):
        raise InvalidInput("The cursor does not belong to this list. Ask for the first page again.")
    return place


def _is_carried(value: Any) -> bool:
    """Can a database be asked for it? Anybody may write a cursor of their own."""
    match value:
        case int():
            return abs(value) < _LARGEST
        case float():
            return math.isfinite(value)
        case str():
            return storable(value) == value
        case _:
            return True
