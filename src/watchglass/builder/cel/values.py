"""The values of expressions: JSON's own, and moments and lengths of time, which leave as text."""

import datetime as dt
import math
import re
from typing import Any, Final

from watchglass.builder.cel.bounds import (
    MAXIMUM_RESULT,
    MAXIMUM_RESULT_DEPTH,
    Budget,
    Exhausted,
    ExpressionFailed,
    Missing,
)

Value = Any
"""None, bool, int, float, str, list, dict with text keys, datetime with an offset, timedelta."""

LEAST_INT: Final = -(2**63)
GREATEST_INT: Final = 2**63 - 1
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
_DURATION_PART = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)(ns|us|µs|ms|s|m|h|d)")
_MICROSECONDS = {"ns": 1e-3, "us": 1, "µs": 1, "ms": 1e3, "s": 1e6, "m": 60e6, "h": 3600e6, "d": 86_400e6}


def kind_of(value: Value) -> str:
    """The word that people read for the kind of value that this is."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case dict():
            return "an object"
        case dt.datetime():
            return "a moment"
        case dt.timedelta():
            return "a length of time"
        case _:
            raise TypeError(f"No value of an expression: {type(value)}")


def is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def fitting_number(number: int | float) -> int | float:
    if isinstance(number, int) and not LEAST_INT <= number <= GREATEST_INT:
        raise ExpressionFailed("The number is too large: whole numbers go up to 9,223,372,036,854,775,807.")
    if isinstance(number, float) and not math.isfinite(number):
        raise ExpressionFailed("The result is no number that JSON can hold.")
    return number


def are_equal(left: Value, right: Value, budget: Budget) -> bool:
    """Whether both are the same value. Numbers are compared as numbers, and values of two kinds are never equal."""
    pairs = [(left, right)]
    while pairs:
        a, b = pairs.pop()
        budget.spend(1)
        if is_number(a) and is_number(b):
            if a != b:
                return False
        elif isinstance(a, list) and isinstance(b, list):
            if len(a) != len(b):
                return False
            budget.spend(len(a))
            pairs.extend(zip(a, b, strict=True))
        elif isinstance(a, dict) and isinstance(b, dict):
            budget.spend(len(a))
            if a.keys() != b.keys():
                return False
            pairs.extend((a[key], b[key]) for key in a)
        else:
            if isinstance(a, str) and isinstance(b, str):
                budget.spend_on_text(min(len(a), len(b)))
            if kind_of(a) != kind_of(b) or a != b:
                return False
    return True


def described(text: str) -> str:
    """What a text is, for a message that people may read who may not see values."""
    return f"A text of {len(text):,} characters" if len(text) != 1 else "A text of 1 character"


def moment(text: str) -> dt.datetime:
    """Read an RFC 3339 date and time with its offset."""
    if not _MOMENT.fullmatch(text):
        raise ExpressionFailed(
            f"{described(text)} is not a moment: write the date, the time and the offset, such as 2026-01-31T09:00:00Z."
        )
    try:
        return dt.datetime.fromisoformat(text.upper())
    except ValueError:
        raise ExpressionFailed(f"{described(text)} is not a moment: there is no such date or time.") from None


def length_of_time(text: str) -> dt.timedelta:
    """Read a length of time such as `90s`, `1h30m` or `-2.5d`."""
    unsigned = text[1:] if text[:1] in "+-" else text
    parts = [*_DURATION_PART.finditer(unsigned)]
    if not parts or "".join(part.group() for part in parts) != unsigned:
        raise ExpressionFailed(f"{described(text)} is not a length of time: write it such as 90s, 15m, 1h30m or 2d.")
    microseconds = sum(float(part.group(1)) * _MICROSECONDS[part.group(2)] for part in parts)
    try:
        length = dt.timedelta(microseconds=round(microseconds))
    except OverflowError:
        raise ExpressionFailed(f"{described(text)} is too long a time.") from None
    return -length if text.startswith("-") else length


def moment_text(value: dt.datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def length_text(value: dt.timedelta) -> str:
    """Seconds, as protobuf's JSON writes a Duration: `5400s`, `0.25s`."""
    microseconds = value // dt.timedelta(microseconds=1)
    seconds, rest = divmod(abs(microseconds), 1_000_000)
    fraction = f".{rest:06d}".rstrip("0") if rest else ""
    return f"{'-' if microseconds < 0 else ''}{seconds}{fraction}s"


def number_text(value: int | float) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else str(value)


def shortened(text: str) -> str:
    return f'"{text}"' if len(text) <= 60 else f'"{text[:57]}…"'


def to_json(value: Value) -> Value:
    """Copy what came out into JSON values, within the bounds."""
    return _Copy().of(value, 0)


class _Copy:
    def __init__(self) -> None:
        self._size = 0

    def of(self, value: Value, depth: int) -> Value:
        if depth > MAXIMUM_RESULT_DEPTH:
            raise Exhausted(f"What comes out is nested more than {MAXIMUM_RESULT_DEPTH} deep.")
        match value:
            case None | bool():
                return self._sized(value, 5)
            case float() if not math.isfinite(value):
                raise ExpressionFailed("The result is no number that JSON can hold.")
            case int() | float():
                # A whole number of the input may have more digits than arithmetic allows.
                return self._sized(value, 20 + (value.bit_length() // 3 if isinstance(value, int) else 0))
            case str():
                return self._text(value)
            case list():
                self._sized(None, 2)
                return [self.of(item, depth + 1) for item in value]
            case dict():
                self._sized(None, 2)
                return {self._key(key): self.of(item, depth + 1) for key, item in value.items()}
            case dt.datetime():
                return self._sized(moment_text(value), 40)
            case dt.timedelta():
                return self._sized(length_text(value), 30)
            case _:
                raise ExpressionFailed("A name of a function cannot stand alone; call it with ( ).")

    def _key(self, key: Value) -> str:
        if not isinstance(key, str):
            raise ExpressionFailed(f"The keys of an object are texts; this one is {kind_of(key)}.")
        return self._text(key)

    def _text(self, text: str) -> str:
        self._sized(None, len(text) + 3)
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ExpressionFailed("The text holds half of a character (a lone surrogate).") from None
        return text

    def _sized(self, value: Value, size: int) -> Value:
        self._size += size
        if self._size > MAXIMUM_RESULT:
            raise Exhausted(f"What comes out is larger than {MAXIMUM_RESULT:,} characters of JSON.")
        return value


def item_of(container: Value, key: Value) -> Value:
    """`container[key]`."""
    match container:
        case dict():
            if not isinstance(key, str):
                raise ExpressionFailed(f"The fields of an object are named by texts, not by {kind_of(key)}.")
            return field_of(container, key)
        case list():
            return _item_of_list(container, key)
        case str():
            raise ExpressionFailed("A text has no items; use substring(from, to).")
        case _:
            raise Missing(f"{kind_of(container).capitalize()} has no items.")


def _item_of_list(items: list[Value], key: Value) -> Value:
    if isinstance(key, float) and key.is_integer():
        key = int(key)
    if not isinstance(key, int) or isinstance(key, bool):
        raise ExpressionFailed(f"The items of a list are counted by whole numbers, not by {kind_of(key)}.")
    if not 0 <= key < len(items):
        has = "The list is empty" if not items else f"The list has {len(items)} items, 0 to {len(items) - 1}"
        raise Missing(f"There is no item {key}. {has}.")
    return items[key]


def field_of(container: Value, name: str) -> Value:
    """`container.name`."""
    if isinstance(container, dict):
        if name in container:
            return container[name]
        raise Missing(f"There is no field {shortened(name)}. {_known(container)}")
    if isinstance(container, list):
        raise Missing(f"A list has no field {shortened(name)}. Choose an item with [0], or map over it.")
    raise Missing(f"{kind_of(container).capitalize()} has no field {shortened(name)}.")


def _known(container: dict[str, Value]) -> str:
    names = [shortened(str(name)) for name in sorted(container, key=str)[:8]]
    if not names:
        return "The object is empty."
    more = f" and {len(container) - 8} more" if len(container) > 8 else ""
    return f"The object has {', '.join(names)}{more}."
