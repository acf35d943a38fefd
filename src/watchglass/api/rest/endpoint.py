"""The ASGI application to mount at `/api/v1`: one path a procedure, named as the procedure is.

GET  /api/v1/execution.getExecutionHistory?workflowId=…   queries whose input fits into a URL
POST /api/v1/workflow.run                                 everything else, with the input as JSON
GET  /api/v1/openapi.json                                 the description of all of it
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl

from pydantic_core import to_json
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from watchglass.api.body import ClientLeftError, is_json, read_body, read_json
from watchglass.api.perform import Performer, Work
from watchglass.api.rest.openapi import openapi
from watchglass.api.rest.parameters import parameters_of, read_parameters
from watchglass.api.rest.problem import send_problem
from watchglass.api.trpc.errors import TRPCError
from watchglass.api.trpc.request import read_input, read_path
from watchglass.api.trpc.response import CLIENT_CLOSED, send_nothing
from watchglass.api.trpc.router import Procedure

ContextT = TypeVar("ContextT")

DOCUMENT = "openapi.json"
_JSON = (b"content-type", b"application/json")


@dataclass(frozen=True)
class RestEndpoint(Generic[ContextT]):
    performer: Performer[ContextT]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._answer(scope, receive, send)
        except TRPCError as error:
            await send_problem(send, error, _allowed(error))
        except ClientLeftError:
            return

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = read_path(scope)
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        if name == DOCUMENT:
            _require_method("GET", method)
            await _send_json(send, self._document)
            return
        procedure = self.performer.router.find(name)
        if procedure is None:
            raise TRPCError("NOT_FOUND", "There is nothing under this path. /api/v1/openapi.json says what there is.")
        _require_method("POST" if parameters_of(procedure) is None else "GET", method)
        read = await _reader(procedure, scope, receive)
        outcome = await self._perform(procedure, read, Request(scope), receive)
        if isinstance(outcome, TRPCError):
            raise outcome
        if outcome is None:
            await send_nothing(send, CLIENT_CLOSED)
            return
        await _send_json(send, outcome)

    async def _perform(
        self, procedure: Procedure, read: Callable[[Procedure], Any], request: Request, receive: Receive
    ) -> bytes | TRPCError | None:
        context = await self.performer.context_of(request)
        work = Work(self.performer.perform(lambda: procedure, context, read), procedure)
        answers = await self.performer.gather([work], receive)
        return answers[0] if answers else None

    @cached_property
    def _document(self) -> bytes:
        return to_json(openapi(self.performer.router))


async def _reader(procedure: Procedure, scope: Scope, receive: Receive) -> Callable[[Procedure], Any]:
    """What gives the input when it is known who asks: strangers learn nothing about it."""
    headers = Headers(scope=scope)
    body = await read_body(headers, receive, limit=procedure.body_limit)
    given = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    if parameters_of(procedure) is not None:
        return lambda procedure: read_input(procedure, read_parameters(procedure, given))
    if not is_json(headers):
        raise TRPCError("UNSUPPORTED_MEDIA_TYPE", "Send the input as application/json.")
    return lambda procedure: _from_body(procedure, body, given)


def _from_body(procedure: Procedure, body: bytes, given: list[tuple[str, str]]) -> Any:
    if given:
        raise TRPCError("BAD_REQUEST", "This is asked by POST: send the input as JSON, and no parameters in the URL.")
    return read_input(procedure, to_json(read_json(body)) if body else None)


def _require_method(wanted: str, method: str) -> None:
    if method != wanted:
        data = {"allowed": ["GET", "HEAD"] if wanted == "GET" else ["POST"]}
        raise TRPCError("METHOD_NOT_SUPPORTED", f"This path is asked by {wanted}, not by {method}.", data)


def _allowed(error: TRPCError) -> list[tuple[bytes, bytes]]:
    allowed = error.data.get("allowed")
    return [(b"allow", ", ".join(allowed).encode())] if allowed else []


async def _send_json(send: Send, body: bytes) -> None:
    headers = [_JSON, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
