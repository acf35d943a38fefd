"""JSON objects of any Temporal dialect to protobuf messages.

`json_format.ParseDict` follows the rules of one dialect and stops at the first name it does not know.
Histories come from eight years of servers, tools and SDKs: enum names in three spellings, numbers as text
and text as numbers, nulls written out, fields of later servers, payloads already decoded. This reader takes
what it understands and leaves the rest.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.failure.v1 import Failure

from watchglass.parse.failure import MAX_CAUSES, OMITTED_TYPE, count_omitted, omitted_message
from watchglass.parse.json_text import write_json

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|z|[+-]\d\d:\d\d)?")
_SPAN = re.compile(r"(-?)(\d+)(?:\.(\d{1,9})\d*)?s")
_PAYLOAD_KEYS = frozenset({"metadata", "data", "externalPayloads", "external_payloads"})
_INT_BITS = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}


@cache
def _fields(descriptor: Descriptor) -> dict[str, FieldDescriptor]:
    return {name: field for field in descriptor.fields for name in (field.name, field.json_name)}


@cache
def _enum_names(descriptor: EnumDescriptor) -> dict[str, int]:
    """Numbers by letters alone, with and without the prefix: `EVENT_TYPE_TIMER_FIRED` and `TimerFired` are
    one."""
    prefix = _letters(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", descriptor.name))
    names = {}
    for value in descriptor.values:
        letters = _letters(value.name)
        names[letters] = names[letters.removeprefix(prefix)] = value.number
    return names


def _letters(name: str) -> str:
    return name.replace("_", "").lower()


def fill(message: Message, source: Mapping[str, Any]) -> None:
    """Set every field that the source names and whose value can be read; what cannot be read stays unset."""
    fields = _fields(message.DESCRIPTOR)
    for key, value in source.items():
        field = fields.get(key)
        if field is not None and value is not None:
            _set(message, field, value)


def _set(message: Message, field: FieldDescriptor, value: Any) -> None:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        _set_map(getattr(message, field.name), field.message_type, value)
    elif field.is_repeated:
        for item in value if isinstance(value, list) else ():
            _append(getattr(message, field.name), field, item)
    elif field.message_type is not None:
        target = getattr(message, field.name)
        target.SetInParent()
        read_into(target, value)
    else:
        scalar = read_scalar(field, value)
        if scalar is not None:
            setattr(message, field.name, scalar)


def _append(target: Any, field: FieldDescriptor, item: Any) -> None:
    if field.message_type is not None:
        read_into(target.add(), item)
        return
    scalar = read_scalar(field, item)
    if scalar is not None:
        target.append(scalar)


def _set_map(target: Any, entry: Descriptor, value: Any) -> None:
    if not isinstance(value, Mapping):
        return
    keys, values = entry.fields_by_name["key"], entry.fields_by_name["value"]
    for name, item in value.items():
        key = read_scalar(keys, name)
        if values.message_type is not None:
            read_into(target[key], item)
            continue
        scalar = read_scalar(values, item)
        if scalar is not None:
            target[key] = scalar


def read_into(message: Message, value: Any) -> None:
    """Read one JSON value into a message; the well-known types have forms of their own."""
    match message:
        case Timestamp():
            _read_moment(message, value)
        case Duration():
            _read_span(message, value)
        case Payload():
            _read_payload(message, value)
        case Payloads():
            for item in _payload_items(value):
                _read_payload(message.payloads.add(), item)
        case Failure():
            _read_failure(message, value)
        case _ if isinstance(value, Mapping):
            fill(message, value)


def read_scalar(field: FieldDescriptor, value: Any) -> Any:
    """The value as the field holds it; None when it cannot be."""
    kind = field.cpp_type
    if field.enum_type is not None:
        return read_enum(field.enum_type, value)
    if kind in _INT_BITS:
        return _whole(value, *_INT_BITS[kind])
    if kind == FieldDescriptor.CPPTYPE_BOOL:
        return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower())
    if kind in (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT):
        return _fraction(value)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return from_base64(value) if isinstance(value, str) else None
    return _carried(value) if isinstance(value, str) else None


def read_enum(descriptor: EnumDescriptor, value: Any) -> int | None:
    """The number of an enum value in any spelling; None for a name that this version does not know."""
    number = _whole(value, -(2**31), 2**31 - 1)
    if number is not None:
        return number
    return _enum_names(descriptor).get(_letters(value)) if isinstance(value, str) else None


def _whole(value: Any, low: int, high: int) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = int(value)
    except (ValueError, OverflowError):
        return None
    return number if low <= number <= high else None


def _fraction(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _carried(text: str) -> str:
    """Protobuf strings cannot hold the lone surrogates that JSON can write."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def from_base64(text: str) -> bytes | None:
    """The bytes, from the standard or the URL alphabet, padded or not; None when it is neither."""
    standard = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _read_moment(message: Timestamp, value: Any) -> None:
    if isinstance(value, Mapping):
        fill(message, value)
        return
    match = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return
    date, clock, fraction, zone = match.groups()
    offset = "+00:00" if zone in (None, "Z", "z") else zone
    try:
        moment = datetime.fromisoformat(f"{date}T{clock}{offset}").astimezone(UTC)
    except (ValueError, OverflowError):
        return
    message.seconds = int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    message.nanos = int((fraction or "0").ljust(9, "0"))


def _read_span(message: Duration, value: Any) -> None:
    if isinstance(value, Mapping):
        fill(message, value)
        return
    match = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if match is None or len(match[2]) > 12:
        return
    sign = -1 if match[1] else 1
    message.seconds = sign * int(match[2])
    message.nanos = sign * int((match[3] or "0").ljust(9, "0"))


def _payload_items(value: Any) -> Iterable[Any]:
    """`{"payloads": […]}`, or what tools that decode write: a bare list of values, or one value."""
    if isinstance(value, Mapping) and (not value or "payloads" in value):
        items = value.get("payloads")
        return items if isinstance(items, list) else ()
    return value if isinstance(value, list) else (value,)


def _read_payload(message: Payload, value: Any) -> None:
    if not _is_payload(value):
        _read_decoded(message, value)
        return
    metadata = value.get("metadata") or {}
    for key, item in metadata.items():
        if isinstance(item, str):
            message.metadata[key] = _metadata(item)
    data = value.get("data")
    if data is None:
        return
    raw = from_base64(data) if isinstance(data, str) else None
    if raw is None or any(_is_plain(item) for item in metadata.values()):
        raw = write_json(data).encode("utf-8", "surrogatepass")
    message.data = raw


def _is_payload(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("metadata"), Mapping) and value.keys() <= _PAYLOAD_KEYS


def _is_plain(item: Any) -> bool:
    """Metadata that a tool has decoded; no base64 of an encoding's name looks like this."""
    return isinstance(item, str) and item.startswith(("json/", "binary/"))


def _metadata(item: str) -> bytes:
    decoded = None if _is_plain(item) else from_base64(item)
    return item.encode("utf-8", "replace") if decoded is None else decoded


def _read_decoded(message: Payload, value: Any) -> None:
    """A value that a tool shows as plain JSON where Temporal holds bytes."""
    if value is None:
        message.metadata["encoding"] = b"binary/null"
        return
    message.metadata["encoding"] = b"json/plain"
    message.data = write_json(value).encode("utf-8", "surrogatepass")


def _read_failure(message: Failure, value: Any) -> None:
    """A chain of causes by a loop; protobuf itself cannot write more than a hundred levels."""
    for _ in range(MAX_CAUSES):
        if not isinstance(value, Mapping):
            return
        fill(message, {key: item for key, item in value.items() if key != "cause"})
        value = value.get("cause")
        if value is None:
            return
        message.cause.SetInParent()
        message = message.cause
    count = _count_causes(value)
    message.message = omitted_message(count)
    message.application_failure_info.type = OMITTED_TYPE


def _count_causes(value: Any) -> int:
    count = 0
    while isinstance(value, Mapping):
        info = value.get("applicationFailureInfo")
        omitted = count_omitted(info.get("type"), value.get("message")) if isinstance(info, Mapping) else 0
        if omitted:
            return count + omitted
        count += 1
        value = value.get("cause")
    return count
