"""The functions of the language: CEL's own, and the text and list functions that its users know from Go and Kubernetes.

None of them reads a clock, a random number or the machine's time zones: what they give depends on what they are given.
"""

import datetime as dt
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import re2  # type: ignore[import-untyped]
from celpy.celtypes import TimestampType

from watchglass.builder.cel.bounds import ITEMS_A_COPY_STEP, MAXIMUM_ITEMS, Budget, Exhausted, ExpressionFailed
from watchglass.builder.cel.bounds import fitting_text as fitting
from watchglass.builder.cel.operators import add, ordering
from watchglass.builder.cel.values import (
    Value,
    described,
    fitting_number,
    is_number,
    kind_of,
    length_of_time,
    length_text,
    moment,
    moment_text,
    number_text,
)

_NUMBER = re.compile(r"\s*[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,3})?\s*")
_OFFSET = re.compile(r"(UTC|[+-]\d\d:\d\d)")
_PATTERN_OPTIONS: Final = re2.Options()
_PATTERN_OPTIONS.log_errors = False
_PATTERN_OPTIONS.max_mem = 1 << 20
MAXIMUM_PATTERN: Final = 1_000


@dataclass(frozen=True, slots=True)
class Function:
    call: Callable[..., Value]
    """Takes the budget and the arguments; a method's first argument is what stands before the dot."""
    written: str
    """How it is called, to be shown."""
    is_method: bool
    least: int
    most: int
    result: str | None = None
    """JSON Schema type of what it gives, where that is always the same."""


def _size(budget: Budget, value: Value) -> Value:
    if isinstance(value, str | list | dict):
        return len(value)
    raise ExpressionFailed(f"size is of a text, a list or an object, not of {kind_of(value)}.")


def _string(budget: Budget, value: Value) -> Value:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number_text(fitting_number(value))
        case dt.datetime():
            return moment_text(value)
        case dt.timedelta():
            return length_text(value)
        case _:
            raise ExpressionFailed(f"string cannot make a text of {kind_of(value)}.")


def _int(budget: Budget, value: Value) -> Value:
    match value:
        case bool():
            return int(value)
        case int():
            return fitting_number(value)
        case float():
            return fitting_number(math.trunc(fitting_number(value)))
        case str():
            number = _read_number(value)
            if isinstance(number, float) and not number.is_integer():
                raise ExpressionFailed(f"{described(value)} is no whole number.")
            return fitting_number(int(number))
        case dt.datetime():
            return math.floor(value.timestamp())
        case dt.timedelta():
            return value // dt.timedelta(seconds=1)
        case _:
            raise ExpressionFailed(f"int cannot make a number of {kind_of(value)}.")


def _double(budget: Budget, value: Value) -> Value:
    match value:
        case bool():
            return float(value)
        case int() | float():
            return float(fitting_number(value))
        case str():
            return float(_read_number(value))
        case dt.timedelta():
            return value.total_seconds()
        case _:
            raise ExpressionFailed(f"double cannot make a number of {kind_of(value)}.")


def _read_number(text: str) -> int | float:
    if len(text) > 100 or not _NUMBER.fullmatch(text):
        raise ExpressionFailed(f"{described(text)} is no number.")
    stripped = text.strip()
    return fitting_number(int(stripped) if stripped.lstrip("+-").isdigit() else float(stripped))


def _bool(budget: Budget, value: Value) -> Value:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    said = described(value).replace("A", "a", 1) if isinstance(value, str) else kind_of(value)
    raise ExpressionFailed(f'bool makes true or false of "true" and "false", not of {said}.')


def _timestamp(budget: Budget, value: Value) -> Value:
    match value:
        case dt.datetime():
            return value
        case str():
            return moment(value)
        case int() if not isinstance(value, bool):
            try:
                return dt.datetime.fromtimestamp(value, dt.UTC)
            except (OverflowError, ValueError, OSError):
                raise ExpressionFailed("timestamp takes seconds since 1970 in the years 1 to 9999.") from None
        case _:
            raise ExpressionFailed(f"timestamp reads a text or seconds since 1970, not {kind_of(value)}.")


def _duration(budget: Budget, value: Value) -> Value:
    if isinstance(value, dt.timedelta):
        return value
    if isinstance(value, str):
        return length_of_time(value)
    if is_number(value):
        try:
            return dt.timedelta(seconds=value)
        except OverflowError:
            raise ExpressionFailed("This is too long a time.") from None
    raise ExpressionFailed(f"duration reads a text such as 15m, or seconds, not {kind_of(value)}.")


def _text(value: Value, of: str) -> str:
    if isinstance(value, str):
        return value
    raise ExpressionFailed(f"{of} is for texts, not for {kind_of(value)}.")


def _items(value: Value, of: str) -> list[Value]:
    if isinstance(value, list):
        return value
    raise ExpressionFailed(f"{of} is for lists, not for {kind_of(value)}.")


def _place(value: Value, of: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31:
        return value
    raise ExpressionFailed(f"{of} counts with whole numbers, not with {kind_of(value)}.")


def _contains(budget: Budget, text: Value, part: Value) -> Value:
    if isinstance(text, list):
        raise ExpressionFailed("contains is for texts; of a list ask: item in list.")
    _spend_search(budget, _text(text, "contains"), _text(part, "contains"))
    return part in text


def _spend_search(budget: Budget, text: str, part: str) -> None:
    # Python's search is linear on long texts but for short needles in bad cases, where it may look at all pairs.
    budget.spend_on_text(len(text) * max(1, min(len(part), 100) // 10))


def _starts_with(budget: Budget, text: Value, part: Value) -> Value:
    return _text(text, "startsWith").startswith(_text(part, "startsWith"))


def _ends_with(budget: Budget, text: Value, part: Value) -> Value:
    return _text(text, "endsWith").endswith(_text(part, "endsWith"))


def _matches(budget: Budget, text: Value, pattern: Value) -> Value:
    """RE2, whose time is linear in the text."""
    if len(_text(pattern, "matches")) > MAXIMUM_PATTERN:
        raise ExpressionFailed(f"A pattern has at most {MAXIMUM_PATTERN:,} characters.")
    budget.spend(10 + len(pattern))
    budget.spend_on_text(10 * len(_text(text, "matches")))
    try:
        return re2.compile(pattern, options=_PATTERN_OPTIONS).search(text) is not None
    except re2.error as error:
        said = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error.args[0])
        # RE2 says what is wrong, a colon, and the piece of the pattern, which may be a value.
        raise ExpressionFailed(f"The pattern cannot be read: {said.partition(':')[0]}.") from None


def _lower(budget: Budget, text: Value) -> Value:
    budget.spend_on_text(len(_text(text, "lowerAscii")))
    return "".join(c.lower() if c.isascii() else c for c in text) if not text.isascii() else text.lower()


def _upper(budget: Budget, text: Value) -> Value:
    budget.spend_on_text(len(_text(text, "upperAscii")))
    return "".join(c.upper() if c.isascii() else c for c in text) if not text.isascii() else text.upper()


def _trim(budget: Budget, text: Value) -> Value:
    budget.spend_on_text(len(_text(text, "trim")))
    return text.strip()


def _split(budget: Budget, text: Value, separator: Value) -> Value:
    _spend_search(budget, _text(text, "split"), _text(separator, "split"))
    parts = text.split(separator, MAXIMUM_ITEMS) if separator else [*text[: MAXIMUM_ITEMS + 1]]
    budget.spend(len(parts) // ITEMS_A_COPY_STEP)
    if len(parts) > MAXIMUM_ITEMS:
        raise Exhausted(f"This makes a list of more than {MAXIMUM_ITEMS:,} items.")
    return parts


def _join(budget: Budget, items: Value, separator: Value = "") -> Value:
    texts = [_text(item, "join, and its items,") for item in _items(items, "join")]
    length = sum(map(len, texts)) + len(_text(separator, "join")) * len(texts)
    budget.spend(len(texts) // ITEMS_A_COPY_STEP)
    budget.spend_on_text(length)
    if length > 2 * MAXIMUM_ITEMS * 10:
        raise Exhausted("This makes a text of more than 1,000,000 characters.")
    return fitting(separator.join(texts))


def _replace(budget: Budget, text: Value, old: Value, new: Value) -> Value:
    _spend_search(budget, _text(text, "replace"), _text(old, "replace"))
    count = text.count(old)
    length = len(text) + count * (len(_text(new, "replace")) - len(old))
    if length > 1_000_000:
        raise Exhausted("This makes a text of more than 1,000,000 characters.")
    budget.spend_on_text(length)
    return text.replace(old, new)


def _substring(budget: Budget, text: Value, start: Value, end: Value = None) -> Value:
    length = len(_text(text, "substring"))
    first = _place(start, "substring")
    last = length if end is None else _place(end, "substring")
    if not 0 <= first <= last <= length:
        raise ExpressionFailed(f"substring({first}, {last}) is outside of the text, which has {length} characters.")
    return text[first:last]


def _index_of(budget: Budget, text: Value, part: Value) -> Value:
    _spend_search(budget, _text(text, "indexOf"), _text(part, "indexOf"))
    return text.find(part)


def _sum(budget: Budget, items: Value) -> Value:
    total: Value = 0
    for item in _items(items, "sum"):
        budget.spend(1)
        if not is_number(item):
            raise ExpressionFailed(f"sum adds numbers; the list holds {kind_of(item)}.")
        total = add(budget, total, item)
    return total


def _extreme(sign: str, name: str) -> Callable[[Budget, Value], Value]:
    wins = ordering(sign, (lambda a, b: a < b) if sign == "<" else (lambda a, b: a > b))

    def extreme(budget: Budget, items: Value) -> Value:
        if not _items(items, name):
            raise ExpressionFailed(f"{name} of an empty list.")
        best = items[0]
        for item in items[1:]:
            budget.spend(1)
            if wins(budget, item, best):
                best = item
        return best

    return extreme


def _part_of_time(name: str) -> Callable[..., Value]:
    def part(budget: Budget, value: Value, offset: Value = None) -> Value:
        if isinstance(value, dt.timedelta):
            if name not in _OF_LENGTHS or offset is not None:
                raise ExpressionFailed(f"{name} is for moments, not for lengths of time.")
            return value // _OF_LENGTHS[name]
        if not isinstance(value, dt.datetime):
            raise ExpressionFailed(f"{name} is for moments, not for {kind_of(value)}; read a text with timestamp(…).")
        zone = "UTC" if offset is None else offset
        if not isinstance(zone, str) or not _OFFSET.fullmatch(zone):
            raise ExpressionFailed(
                f"{name} takes an offset such as +02:00. Names of time zones mean something else from machine to "
                "machine and from year to year, and are not taken."
            )
        try:
            return int(getattr(TimestampType(value), name)(zone))
        except (OverflowError, ValueError):
            raise ExpressionFailed(f"{name} cannot be told of this moment at {zone}.") from None

    return part


_OF_LENGTHS = {
    "getHours": dt.timedelta(hours=1),
    "getMinutes": dt.timedelta(minutes=1),
    "getSeconds": dt.timedelta(seconds=1),
    "getMilliseconds": dt.timedelta(milliseconds=1),
}
_OF_MOMENTS = (
    "getFullYear",
    "getMonth",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    *_OF_LENGTHS,
)

FUNCTIONS: Final[dict[str, Function]] = {
    "size": Function(_size, "size(value)", False, 1, 1, "integer"),
    "string": Function(_string, "string(value)", False, 1, 1, "string"),
    "int": Function(_int, "int(value)", False, 1, 1, "integer"),
    "double": Function(_double, "double(value)", False, 1, 1, "number"),
    "bool": Function(_bool, "bool(text)", False, 1, 1, "boolean"),
    "timestamp": Function(_timestamp, "timestamp(text)", False, 1, 1, "string"),
    "duration": Function(_duration, "duration(text)", False, 1, 1, "string"),
    "matches": Function(_matches, "matches(text, pattern)", False, 2, 2, "boolean"),
}
"""Called as `name(…)`."""

METHODS: Final[dict[str, Function]] = {
    "size": Function(_size, "value.size()", True, 1, 1, "integer"),
    "contains": Function(_contains, "text.contains(part)", True, 2, 2, "boolean"),
    "startsWith": Function(_starts_with, "text.startsWith(part)", True, 2, 2, "boolean"),
    "endsWith": Function(_ends_with, "text.endsWith(part)", True, 2, 2, "boolean"),
    "matches": Function(_matches, "text.matches(pattern)", True, 2, 2, "boolean"),
    "lowerAscii": Function(_lower, "text.lowerAscii()", True, 1, 1, "string"),
    "upperAscii": Function(_upper, "text.upperAscii()", True, 1, 1, "string"),
    "trim": Function(_trim, "text.trim()", True, 1, 1, "string"),
    "split": Function(_split, "text.split(separator)", True, 2, 2, "array"),
    "join": Function(_join, "list.join(separator)", True, 1, 2, "string"),
    "replace": Function(_replace, "text.replace(old, new)", True, 3, 3, "string"),
    "substring": Function(_substring, "text.substring(from, to)", True, 2, 3, "string"),
    "indexOf": Function(_index_of, "text.indexOf(part)", True, 2, 2, "integer"),
    "sum": Function(_sum, "list.sum()", True, 1, 1, "number"),
    "min": Function(_extreme("<", "min"), "list.min()", True, 1, 1),
    "max": Function(_extreme(">", "max"), "list.max()", True, 1, 1),
    **{name: Function(_part_of_time(name), f"moment.{name}()", True, 1, 2, "integer") for name in _OF_MOMENTS},
}
"""Called as `value.name(…)`."""

MACROS: Final[dict[str, tuple[str, tuple[int, ...]]]] = {
    "map": ("list.map(x, …)", (2, 3)),
    "filter": ("list.filter(x, …)", (2,)),
    "all": ("list.all(x, …)", (2,)),
    "exists": ("list.exists(x, …)", (2,)),
    "exists_one": ("list.exists_one(x, …)", (2,)),
}
"""How each is written, and how many arguments stand between its parentheses."""
