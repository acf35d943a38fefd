"""Opaque places in a keyset-paged list. Holding one gives no right to anything: Row Level Security still decides."""

import base64
import json
from typing import Any

from watchglass.errors import InvalidInput


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
    if not all(isinstance(value, expected) for value, expected in zip(place, types, strict=True)):
        raise InvalidInput("The cursor does not belong to this list. Ask for the first page again.")
    return place
