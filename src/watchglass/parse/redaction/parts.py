"""The parts of an event in which something may have to be hidden, as bytes, and nothing of the rest.

The rest of an event is ids, identities and task queues, which are long, full of digits and never changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from temporalio.api.history.v1 import HistoryEvent

from watchglass.parse.redaction.reach import is_free_text, is_looked_at

APART = b"\0"


@dataclass(frozen=True, slots=True)
class _Fields:
    """Names of the fields of a message type that are looked at."""

    texts: tuple[str, ...]
    messages: tuple[str, ...]
    lists: tuple[str, ...]
    has_map: bool
    """A map cannot be serialised by itself."""

    def add(self, message: Any, found: list[bytes]) -> None:
        if self.has_map:
            found.append(message.SerializeToString())
            return
        for name in self.messages:
            if message.HasField(name):
                found.append(getattr(message, name).SerializeToString())
        for name in self.lists:
            if parts := getattr(message, name):
                found += [part.SerializeToString() for part in parts]
        for name in self.texts:
            if text := getattr(message, name):
                found.append(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))


def looked_at(event: HistoryEvent) -> bytes:
    """Empty where there is nothing to hide."""
    found: list[bytes] = []
    _beside().add(event, found)
    which = event.WhichOneof("attributes")
    if which is not None:
        fields = _inside(which)
        if fields is not None:
            fields.add(getattr(event, which), found)
    return APART.join(found) if found else b""


@cache
def _beside() -> _Fields:
    """Of the event itself, without its attributes."""
    group = HistoryEvent.DESCRIPTOR.oneofs_by_name["attributes"]
    inside = {field.name for field in group.fields}
    return _fields([field for field in HistoryEvent.DESCRIPTOR.fields if field.name not in inside])


@cache
def _inside(attributes: str) -> _Fields | None:
    """None: of these attributes nothing is looked at."""
    kind = HistoryEvent.DESCRIPTOR.fields_by_name[attributes].message_type
    assert kind is not None
    fields = list(kind.fields)
    return _fields(fields) if any(map(is_looked_at, fields)) else None


def _fields(fields: Sequence[FieldDescriptor]) -> _Fields:
    near = [field for field in fields if is_looked_at(field)]
    messages = [field for field in near if not is_free_text(field)]
    return _Fields(
        texts=tuple(field.name for field in near if is_free_text(field)),
        messages=tuple(field.name for field in messages if not field.is_repeated),
        lists=tuple(field.name for field in messages if field.is_repeated),
        has_map=any(kind.GetOptions().map_entry for field in messages if (kind := field.message_type) is not None),
    )
