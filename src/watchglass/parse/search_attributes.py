"""Search attributes and memos: single payloads whose metadata may name a type."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.api.common.v1 import Payload

Scalar = str | int | float | bool | datetime | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchAttribute:
    name: str
    type: str
    """Keyword | Text | Int | Double | Bool | Datetime | KeywordList; `Unknown` when the server named none."""
    value: Scalar | None
    """None when the attribute is unset, or holds something that its type does not allow."""


def read_search_attributes(fields: Mapping[str, bytes]) -> tuple[SearchAttribute, ...]:
    """Typed values from serialised payloads, by name; never raises."""
    return tuple(_read(name, Payload.FromString(data)) for name, data in sorted(fields.items()))


def read_json(data: bytes) -> object | None:
    """The JSON value of one serialised `Payload`; None when it is not plain JSON or nested too deeply."""
    return _json(Payload.FromString(data))


def read_text(data: bytes | None) -> str | None:
    """The string a payload holds, for ids and summaries; None when it holds anything else."""
    value = None if data is None else read_json(data)
    return value if isinstance(value, str) else None


def _json(payload: Payload) -> object | None:
    if payload.metadata.get("encoding") != b"json/plain":
        return None
    try:
        value: object = json.loads(payload.data)
    except (ValueError, RecursionError):
        return None
    return value


def _read(name: str, payload: Payload) -> SearchAttribute:
    kind = payload.metadata.get("type", b"Unknown").decode("utf-8", "replace")
    return SearchAttribute(name, kind, _typed(kind, _json(payload)))


def _typed(kind: str, value: object) -> Scalar | None:
    if isinstance(value, list):
        return _listed(kind, value)
    found: Scalar | None = None
    match kind, value:
        case "Bool", bool(plain):
            found = plain
        case (("Keyword" | "Text"), str(plain)):
            found = plain
        case "Unknown", (str() | int() | float()) as plain:
            found = plain
        case "KeywordList", str(plain):
            found = (plain,)
        case "Int", int(plain) if not isinstance(plain, bool):
            found = plain
        case "Double", int() | float() if not isinstance(value, bool):
            found = _double(value)
        case "Datetime", str():
            found = _moment(value)
    return found


def _listed(kind: str, values: list[object]) -> Scalar | None:
    """Older servers hold every attribute as a list; a list of one is that one."""
    if kind in ("KeywordList", "Unknown"):
        return tuple(str(value) for value in values)
    return _typed(kind, values[0]) if len(values) == 1 and not isinstance(values[0], list) else None


def _double(value: int | float) -> float | None:
    try:
        return float(value)
    except OverflowError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
