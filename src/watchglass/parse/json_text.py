"""JSON text: read at any depth, and written again digit for digit."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from watchglass.parse.failure import OMITTED_TYPE, omitted_message

MAX_DEPTH = 200
HOPELESS_DEPTH = 100_000
"""Ten times the deepest failure that a server accepts; a file that nests further is no history."""
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


class Digits(float):
    """A number that remembers how it was written, for values that are only passed on."""

    text: str

    def __new__(cls, text: str) -> "Digits":
        number = super().__new__(cls, text)
        number.text = text
        return number


def read_json_text(data: bytes) -> Any:
    """The JSON value; parts nested too deeply are cut off. Raises ValueError when it is not JSON."""
    try:
        return _load(data)
    except RecursionError:
        if b"event" not in data:
            raise ValueError("nested too deeply") from None
        return _load(cut_deep(data))


def _load(data: bytes) -> Any:
    text = data.decode("utf-8-sig", "surrogatepass")
    return json.loads(text, parse_float=Digits, parse_int=_whole)


def _whole(text: str) -> int | Digits:
    # Python refuses integers of more than 4,300 digits; such a one is only ever passed on.
    return int(text) if len(text) < 4000 else Digits(text)


def cut_deep(data: bytes, limit: int = MAX_DEPTH) -> bytes:
    """The text without what lies deeper than `limit`: a failure's causes leave their count, anything else
    null."""
    pieces: list[bytes] = []
    depth = kept_to = causes = 0
    last_string = b""
    for token in _TOKEN.finditer(data):
        mark = token[0]
        if mark in b"[{":
            depth += 1
            if depth > HOPELESS_DEPTH:
                raise ValueError("nested too deeply")
            if depth == limit + 1:
                pieces.append(data[kept_to : token.start()])
                causes = 1 if last_string == b'"cause"' else 0
        elif mark in b"]}":
            depth -= 1
            if depth == limit:
                pieces.append(_left_out(causes))
                kept_to = token.end()
        else:
            last_string = mark
            causes += depth > limit and causes > 0 and mark == b'"cause"'
    if depth <= limit:
        pieces.append(data[kept_to:])
    return b"".join(pieces)


def _left_out(causes: int) -> bytes:
    if not causes:
        return b"null"
    words = {
        "message": omitted_message(causes),
        "applicationFailureInfo": {"type": OMITTED_TYPE},
    }
    return json.dumps(words).encode()


def write_json(value: Any) -> str:
    """Compact JSON with the digits as they were read; by a loop, because values nest as deep as they like."""
    pieces: list[str] = []
    stack: list[Iterator[str | Any]] = [iter((value,))]
    while stack:
        for item in stack[-1]:
            if isinstance(item, _Text):
                pieces.append(item)
            elif isinstance(item, Mapping):
                stack.append(_members(item))
                break
            elif isinstance(item, list):
                stack.append(_items(item))
                break
            else:
                pieces.append(_scalar(item))
        else:
            stack.pop()
    return "".join(pieces)


class _Text(str):
    """A piece of JSON that is written already."""


def _members(value: Mapping[str, Any]) -> Iterator[Any]:
    mark = "{"
    for key, item in value.items():
        yield _Text(f"{mark}{json.dumps(key, ensure_ascii=False)}:")
        yield item
        mark = ","
    yield _Text("}" if value else "{}")


def _items(value: list[Any]) -> Iterator[Any]:
    mark = "["
    for item in value:
        yield _Text(mark)
        yield item
        mark = ","
    yield _Text("]" if value else "[]")


def _scalar(value: Any) -> str:
    return value.text if isinstance(value, Digits) else json.dumps(value, ensure_ascii=False)
