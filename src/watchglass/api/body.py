"""Bodies and the JSON in them, read within the limits."""

import re
from typing import Any, NoReturn

from pydantic_core import from_json
from starlette.datastructures import Headers
from starlette.types import Receive

from watchglass.api.limits import (
    MAX_JSON_LEVELS,
    MAX_JSON_VALUES,
    MAX_NUMBER_CHARACTERS,
    refuse_size,
)
from watchglass.api.trpc.errors import TRPCError

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"')
_NUMBER = re.compile(rb"[-+.0-9eE]{2,}")
_OPENING = (b",", b"[", b"{")


class ClientLeftError(Exception):
    """The connection closed before the request was whole."""


async def read_body(headers: Headers, receive: Receive, *, limit: int) -> bytes:
    """The whole body, of at most `limit` bytes.

    Raises:
        TRPCError: PAYLOAD_TOO_LARGE; TIMEOUT, it came too slowly; SERVICE_UNAVAILABLE, too much at once.
        ClientLeftError: nobody waits for an answer any more.
    """
    length = headers.get("content-length", "0")
    if not length.isdecimal() or len(length) > len(str(limit)) or int(length) > limit:
        refuse_size(limit)
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeftError
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            refuse_size(limit)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def is_json(headers: Headers) -> bool:
    """Is the body said to be JSON? Nothing that a form of another site can send is."""
    return headers.get("content-type", "").lower().split(";", 1)[0].strip() == "application/json"


def read_json(raw: bytes) -> Any:
    """Strict JSON within the limits of depth, count and numbers.

    Raises:
        TRPCError: BAD_REQUEST, with what is wrong.
    """
    try:
        value = from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        _refuse_malformed(str(error))
    _check_numbers_and_count(raw)
    return value


def _refuse_malformed(said: str) -> NoReturn:
    if said.startswith("recursion limit"):
        raise TRPCError("BAD_REQUEST", f"The input is nested more than {MAX_JSON_LEVELS} levels deep.") from None
    raise TRPCError("BAD_REQUEST", f"The input is not JSON: {said}") from None


def _check_numbers_and_count(raw: bytes) -> None:
    """What the parser lets pass: 1e400 would silently become infinity, and then null."""
    bare = _STRING.sub(b"", raw)
    if sum(map(bare.count, _OPENING)) > MAX_JSON_VALUES:
        raise TRPCError("BAD_REQUEST", f"The input has more than {MAX_JSON_VALUES:,} values.")
    for number in _NUMBER.findall(bare):
        if len(number) > MAX_NUMBER_CHARACTERS:
            raise TRPCError("BAD_REQUEST", f"The input has a number of more than {MAX_NUMBER_CHARACTERS} characters.")
        if number[-1:].isdigit() and float(number) in (float("inf"), float("-inf")):
            raise TRPCError("BAD_REQUEST", "The input has a number that is too large. Send it as text.")
