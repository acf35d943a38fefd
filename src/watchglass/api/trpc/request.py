"""From an HTTP request to calls: which procedures, with which inputs.

What is wrong with the request as a whole is raised here; what is wrong with one call is that call's answer.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import parse_qsl, unquote

from pydantic import ValidationError
from pydantic_core import from_json, to_json
from starlette.datastructures import Headers
from starlette.types import Receive, Scope

from watchglass.api.trpc.errors import TRPCError, from_validation
from watchglass.api.trpc.router import Kind, Procedure, Router

MAX_BATCH = 20
MAX_BODY_BYTES = 1024 * 1024
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class ClientLeftError(Exception):
    """The connection closed before the request was whole."""


@dataclass(slots=True)
class Inputs:
    """The request's inputs as they came, decoded when the first call asks for its own."""

    raw: bytes
    """Empty: there was none."""
    is_batch: bool
    _decoded: Any = field(default=None, init=False)
    _is_decoded: bool = field(default=False, init=False)

    def of(self, index: int) -> bytes | None:
        """One call's input as JSON; None when it has none.

        Raises:
            TRPCError: BAD_REQUEST, the JSON is malformed or not what a batch needs.
        """
        if not self.raw:
            return None
        if not self._is_decoded:
            self._decoded, self._is_decoded = _decode(self.raw), True
        if not self.is_batch:
            return to_json(self._decoded)
        if not isinstance(self._decoded, dict):
            raise TRPCError("BAD_REQUEST", '"input" needs to be an object when doing a batch call')
        key = str(index)
        return to_json(self._decoded[key]) if key in self._decoded else None


@dataclass(frozen=True, slots=True)
class Call:
    index: int
    path: str
    procedure: Procedure | None
    """None: there is no such procedure."""


@dataclass(frozen=True, slots=True)
class Calls:
    """What one HTTP request asks for."""

    method: str
    is_batch: bool
    calls: Sequence[Call]
    inputs: Inputs


async def read_calls(scope: Scope, receive: Receive, router: Router[Any]) -> Calls:
    """Read the whole request.

    Raises:
        TRPCError: it is refused as a whole.
        ClientLeftError: nobody waits for an answer any more.
    """
    headers = Headers(scope=scope)
    method = str(scope["method"])
    query = _query(scope)
    is_batch = query.get("batch") == "1"
    path = _path(scope)
    body = await _body(headers, receive)
    if method != "GET":
        _require_json(headers)
    calls = _calls(path, is_batch, router)
    _refuse_streams(headers, is_batch)
    raw = query.get("input", "").encode() if method == "GET" else body
    return Calls(method, is_batch, calls, Inputs(raw, is_batch))


def read_input(procedure: Procedure, raw: bytes | None) -> Any:
    """One call's input, validated.

    Raises:
        TRPCError: BAD_REQUEST with its issues.
    """
    assert procedure.input is not None
    if raw is None:
        if procedure.is_input_optional:
            return None
        _refuse_missing()
    try:
        return procedure.input.validate_json(raw)
    except ValidationError as error:
        raise from_validation(error) from error


def _refuse_missing() -> NoReturn:
    message = "This procedure needs an input."
    issue = {"path": [], "message": message, "type": "missing"}
    raise TRPCError("BAD_REQUEST", message, {"issues": [issue]})


def _decode(raw: bytes) -> Any:
    try:
        return from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise TRPCError("BAD_REQUEST", f"The input is not JSON: {error}") from error


def _query(scope: Scope) -> dict[str, str]:
    """The first value of each parameter, as URLSearchParams gives it."""
    first: dict[str, str] = {}
    for name, value in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True):
        first.setdefault(name, value)
    return first


def _path(scope: Scope) -> str:
    """What follows the mount point, decoded once; unlike the server's own path, bad escapes are refused."""
    raw: bytes = scope["raw_path"]
    text = raw.decode("latin-1").removeprefix(scope["root_path"]).lstrip("/")
    try:
        if _BAD_ESCAPE.search(text):
            raise ValueError(text)
        return unquote(text, errors="strict")
    except ValueError:
        raise TRPCError("BAD_REQUEST", f'Invalid URL-encoding in path "{text}"') from None


async def _body(headers: Headers, receive: Receive) -> bytes:
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length) > MAX_BODY_BYTES:
        _refuse_size()
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeftError
        part = message.get("body", b"")
        size += len(part)
        if size > MAX_BODY_BYTES:
            _refuse_size()
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _refuse_size() -> NoReturn:
    raise TRPCError("PAYLOAD_TOO_LARGE", "The request body is larger than 1 MiB.")


def _require_json(headers: Headers) -> None:
    given = headers.get("content-type")
    if given is None:
        raise TRPCError("UNSUPPORTED_MEDIA_TYPE", "Missing content-type header")
    if given.lower().split(";", 1)[0].strip() != "application/json":
        # The missing quotation mark is tRPC's own.
        raise TRPCError("UNSUPPORTED_MEDIA_TYPE", f'Unsupported content-type "{given}')


def _calls(path: str, is_batch: bool, router: Router[Any]) -> Sequence[Call]:
    if is_batch and path.count(",") >= MAX_BATCH:
        raise TRPCError("BAD_REQUEST", "Batch call exceeds maximum size")
    paths = path.split(",") if is_batch else [path]
    calls = [Call(index, name, router.find(name)) for index, name in enumerate(paths)]
    kinds = dict.fromkeys(call.procedure.kind for call in calls if call.procedure)
    if len(kinds) > 1:
        raise TRPCError("BAD_REQUEST", f"Cannot mix procedure types in call: {', '.join(kinds)}")
    return calls


def _refuse_streams(headers: Headers, is_batch: bool) -> None:
    accepted = [part.strip() for part in headers.get("accept", "").split(",")]
    wanted = headers.get("trpc-accept")
    if wanted != "application/jsonl" and (wanted is not None or "application/jsonl" not in accepted):
        return
    if not is_batch:
        raise TRPCError("BAD_REQUEST", "Streaming requests must be batched (you can do a batch of 1)")
    raise TRPCError("NOT_IMPLEMENTED", "Batches streamed as JSON lines are not offered; use httpBatchLink or httpLink.")


def accepts(kind: Kind, method: str) -> bool:
    """Queries by GET, or by POST for long inputs; mutations by POST alone."""
    return method == "POST" or (method == "GET" and kind is Kind.QUERY)
