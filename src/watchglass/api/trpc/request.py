"""From an HTTP request to calls: which procedures, with which inputs.

What is wrong with the request as a whole is raised here; what is wrong with one call is that call's answer.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import parse_qsl, unquote

from pydantic import ValidationError
from pydantic_core import to_json
from starlette.datastructures import Headers
from starlette.types import Receive, Scope

from watchglass.api.body import is_json, read_body, read_json
from watchglass.api.limits import MAX_BATCH, MAX_BODY_BYTES
from watchglass.api.trpc.errors import TRPCError, from_validation
from watchglass.api.trpc.router import Kind, Procedure, Router

_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LIKE_A_NAME = re.compile(r"[A-Za-z_]{0,40}(\.[A-Za-z_]{1,40})?")


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
            self._decoded, self._is_decoded = read_json(self.raw), True
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

    @property
    def told_path(self) -> str | None:
        """The path as answers repeat it; None where it may hold anything, such as a token at the wrong place.

        Like tRPC's own servers, but of unknown procedures only what a mistyped name would be.
        """
        is_told = self.procedure is not None or _LIKE_A_NAME.fullmatch(self.path)
        return self.path if is_told else None


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
    path = read_path(scope)
    body = await read_body(headers, receive, limit=_body_limit(path, router))
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


def _query(scope: Scope) -> dict[str, str]:
    """The first value of each parameter, as URLSearchParams gives it."""
    first: dict[str, str] = {}
    for name, value in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True):
        first.setdefault(name, value)
    return first


def _body_limit(path: str, router: Router[Any]) -> int:
    """The largest that one of the calls states; found before the calls are, because bodies are read first."""
    names = path.split(",", MAX_BATCH)[:MAX_BATCH]
    found = [router.find(name) for name in names]
    return max((procedure.body_limit for procedure in found if procedure), default=MAX_BODY_BYTES)


def read_path(scope: Scope) -> str:
    """What follows the mount point, decoded once; unlike the server's own path, bad escapes are refused."""
    raw: bytes = scope["raw_path"]
    text = raw.decode("latin-1").removeprefix(scope["root_path"]).lstrip("/")
    try:
        if _BAD_ESCAPE.search(text):
            raise ValueError(text)
        return unquote(text, errors="strict")
    except ValueError:
        raise TRPCError("BAD_REQUEST", "Invalid URL-encoding in the path") from None


def _require_json(headers: Headers) -> None:
    given = headers.get("content-type")
    if given is None:
        raise TRPCError("UNSUPPORTED_MEDIA_TYPE", "Missing content-type header")
    if not is_json(headers):
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
