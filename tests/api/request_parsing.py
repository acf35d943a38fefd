"""The parsers of requests, tRPC's and REST's, and what they promise for any bytes at all.

Whatever comes is either refused with an error of the one table, whose answer is short and valid JSON, or it is calls
whose inputs are valid.
"""

import json
from collections.abc import Coroutine
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote

from starlette.types import Message, Scope

from watchglass.api.body import ClientLeftError, read_json
from watchglass.api.limits import MAX_BATCH, MAX_DRAWING_BYTES
from watchglass.api.procedures import router
from watchglass.api.rest.parameters import parameters_of, read_parameters
from watchglass.api.rest.problem import problem
from watchglass.api.trpc import response
from watchglass.api.trpc.errors import CODES, MAX_ISSUES, TRPCError
from watchglass.api.trpc.request import read_calls, read_input
from watchglass.api.trpc.router import Kind

ResultT = TypeVar("ResultT")

_METHODS = ("GET", "POST", "HEAD", "PUT", "OPTIONS")
_KINDS = (b"application/json", b"text/plain", b"application/JSON; charset=utf-8", b"", b"\xff\xfe")
_ACCEPTS = (b"*/*", b"application/jsonl", b"text/html, application/jsonl", b"\xff")
_LENGTHS = (None, b"0", b"-1", b"99999999999999999999", b"\xb2", b"1e3")
_SPLIT = b"\x00\xff\x00"
_BY_URL = [procedure for procedure in router if procedure.input is not None and parameters_of(procedure) is not None]
_ID = "01a20711-33db-7119-a4bd-c13e177b9761"


def parse(data: bytes) -> None:
    """Read a request that these bytes describe, by both protocols. AssertionError: a promise is broken.

    The first three bytes choose method and headers; the rest is path, query and body, with `00 FF 00` in between.
    """
    flags, (path, query, body) = data[:3].ljust(3, b"\0"), _three(data[3:])
    scope = _scope(flags, path, query)
    _trpc(scope, body)
    _rest(flags[2], query, body)


def seeds() -> list[bytes]:
    """One request of each sort."""
    names = [procedure.name for procedure in router]
    queries = [procedure for procedure in router if procedure.kind is Kind.QUERY and procedure.input is not None]
    project = json.dumps({"projectId": _ID, "limit": 1, "cursor": "x"})
    requests = [
        *((b"\0\0\0", name, f"input={quote(project)}", "") for name in names[:20]),
        *((b"\1\0\0", name, "", project) for name in names),
        (b"\0\0\0", ",".join(names[:5]), "batch=1&input=" + quote('{"0":{"projectId":1},"3":null}'), ""),
        (b"\1\0\0", ",".join(names[:30]), "batch=1", '{"0":{},"19":[1e400]}'),
        (b"\1\0\0", "workflow.validate", "", '{"projectId":"x","graph":' + "[" * 201 + "]" * 201 + "}"),
        (b"\1\0\0", "workflow.run", "", '{"workflowId":"' + _ID + '","input":' + "9" * 401 + "}"),
        (b"\1\0\0", "policy.explain", "", '{"retry":{"strategy":"fail_after","attempts":1e308},"timeouts":{}}'),
        *(
            (b"\0\0\0", procedure.name, f"projectId={_ID}&limit=1&limit=2&status=failed&x=%ff", "")
            for procedure in queries
        ),
        (b"\0\1\5", "%E0%A4%A", "input=%00%ff", "\ud83d".encode("utf-8", "surrogatepass").decode("latin-1")),
    ]
    return [
        flags + _SPLIT.join((path.encode(), query.encode(), body.encode("latin-1", "replace")))
        for flags, path, query, body in requests
    ]


def _three(data: bytes) -> tuple[bytes, bytes, bytes]:
    parts = [*data.split(_SPLIT, 2), b"", b""]
    return parts[0], parts[1], parts[2]


def _scope(flags: bytes, path: bytes, query: bytes) -> Scope:
    length = _LENGTHS[flags[2] % len(_LENGTHS)]
    headers = [(b"content-type", _KINDS[flags[1] % len(_KINDS)]), (b"accept", _ACCEPTS[flags[1] // 5 % len(_ACCEPTS)])]
    return {
        "type": "http",
        "method": _METHODS[flags[0] % len(_METHODS)],
        "path": "/trpc/" + path.decode("latin-1"),
        "raw_path": b"/trpc/" + path,
        "root_path": "/trpc",
        "query_string": query,
        "headers": headers if length is None else [*headers, (b"content-length", length)],
    }


def _trpc(scope: Scope, body: bytes) -> None:
    try:
        calls = _now(read_calls(scope, _receiver(body), router))
    except TRPCError as error:
        _check_error(error)
        return
    except ClientLeftError:
        return
    assert 1 <= len(calls.calls) <= MAX_BATCH
    for call in calls.calls:
        if call.procedure is None or call.procedure.input is None:
            continue
        try:
            given = read_input(call.procedure, calls.inputs.of(call.index))
        except TRPCError as error:
            _check_error(error)
        else:
            call.procedure.input.dump_json(given)


def _rest(number: int, query: bytes, body: bytes) -> None:
    procedure = _BY_URL[number % len(_BY_URL)]
    assert procedure.input is not None
    given = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    try:
        procedure.input.dump_json(read_input(procedure, read_parameters(procedure, given)))
    except TRPCError as error:
        _check_error(error)
    try:
        value = read_json(body)
    except TRPCError as error:
        _check_error(error)
    else:
        json.dumps(value, allow_nan=False)


def _check_error(error: TRPCError) -> None:
    assert error.code in CODES and (400 <= error.status < 500 or error.code == "NOT_IMPLEMENTED"), error.code
    assert error.message
    assert len(error.data.get("issues", ())) <= MAX_ISSUES
    for body in (response.failure(error, "a.b").body, response.failure(error).body):
        assert len(body) < 64 * 1024, len(body)
        json.loads(body)
    assert problem(error)["status"] == error.status


def _receiver(body: bytes) -> Any:
    parts = [body[: len(body) // 2], body[len(body) // 2 :]]
    assert len(body) <= MAX_DRAWING_BYTES

    async def receive() -> Message:
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    return receive


def _now(work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """The result of work that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as done:
        result: ResultT = done.value
        return result
    raise AssertionError("it waits for something")
